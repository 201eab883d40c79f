package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * Address at which the API server of the hosted cluster is reached.
 *
 * @param host Host name or IP address, without port; 1 to 512 characters.
 * @param port TCP port, 1 to 65535.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ControlPlaneEndpoint(
    @Size(min = 1, max = 512) @Nullable String host, @Min(1) @Max(65535) @Nullable Integer port) {}
