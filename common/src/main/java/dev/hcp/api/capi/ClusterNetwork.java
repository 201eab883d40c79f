package dev.hcp.api.capi;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Address ranges and domain of a cluster.
 *
 * @param services ranges of Service addresses
 * @param pods ranges of pod addresses
 * @param serviceDomain domain of Service names
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ClusterNetwork(
    @Nullable NetworkRanges services,
    @Nullable NetworkRanges pods,
    @Nullable String serviceDomain) {}
