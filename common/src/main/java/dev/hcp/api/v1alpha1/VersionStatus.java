package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * How many API servers serve a version.
 *
 * @param version Kubernetes version, for example `v1.36.3`.
 * @param replicas Number of API server pods of that version.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record VersionStatus(@Required String version, @Nullable Integer replicas) {}
