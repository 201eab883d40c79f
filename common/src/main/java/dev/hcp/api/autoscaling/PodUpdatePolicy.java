package dev.hcp.api.autoscaling;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * How pods get what is recommended.
 *
 * @param updateMode when, and by what: an {@link UpdateMode}, unless somebody else has written it
 * @param minReplicas pods that a workload must have before one of them is resized or evicted
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record PodUpdatePolicy(String updateMode, @Nullable Integer minReplicas) {}
