package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * A request by HTTP that a KMS plugin answers as long as it works.
 *
 * @param port Port on which the plugin answers. Containers of a pod share their ports, so it must
 *     be one that no other has, nor the plugin of the service to which API servers change.
 * @param path Path of the request. Default: `/healthz`.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record KmsPluginProbe(
    @Required @Min(1) @Max(65535) Integer port, @Size(min = 1, max = 1024) @Nullable String path) {

  /** Path of the request by default. */
  public static final String DEFAULT_PATH = "/healthz";
}
