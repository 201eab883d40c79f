package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/**
 * A key management service with the KMS v2 API of Kubernetes.
 *
 * @param name Name by which data in etcd say what they are encrypted by, a DNS label. Another name
 *     is another service, to which API servers change step by step. As long as the name is the
 *     same, what is set below has to lead to a service that can decrypt what was encrypted before.
 * @param timeout How long an API server waits for an answer of the plugin, 1s to 60s. Default: 3s.
 * @param plugin The program that takes requests of an API server to the service.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record EncryptionKms(
    @Required @Size(min = 1, max = 63) String name,
    @Size(max = 32) @Nullable String timeout,
    @Required KmsPlugin plugin) {

  /** How long an API server waits by default. */
  public static final String DEFAULT_TIMEOUT = "3s";
}
