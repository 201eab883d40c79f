package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Milestones of the creation of the cluster.
 *
 * @param controlPlaneInitialized Whether the API server has ever answered through its endpoint;
 *     never returns to false.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record InitializationStatus(@Nullable Boolean controlPlaneInitialized) {}
