package dev.hcp.api.capi;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Address ranges.
 *
 * @param cidrBlocks ranges in CIDR notation, at most one of each IP family
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record NetworkRanges(@Nullable List<String> cidrBlocks) {}
