package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encryption of what API servers store in etcd: by a key that the controller makes and keeps, or by
 * a key management service (KMS). Secrets are encrypted unless this is disabled.
 *
 * @param disabled Whether nothing is encrypted any more that is written from now on. What was
 *     encrypted before can still be read. Default: false.
 * @param resources Resources that are encrypted besides `secrets`: `configmaps`, or with the API
 *     group `widgets.example.com`. Default: none.
 * @param provider Who keeps the key: the controller (`Managed`), or the service in `kms` (`KMS`).
 *     After a change all API servers learn to read by the new one, then they write by it, then
 *     everything is written again, and then the old one goes. Default: `Managed`.
 * @param kms The key management service. It is used with provider `KMS` only.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value = "!has(self.provider) || self.provider != 'KMS' || has(self.kms)",
    message = EncryptionAtRest.NEEDS_KMS)
public record EncryptionAtRest(
    @Nullable Boolean disabled,
    @Nullable List<String> resources,
    @Nullable EncryptionProvider provider,
    @Nullable EncryptionKms kms) {

  /** What is accepted with a service. */
  public static final String NEEDS_KMS =
      "must have kms with provider KMS: its name, and the plugin by which it is reached";

  /** The service that shall be used; null if none shall. */
  public @Nullable EncryptionKms wantedKms() {
    return provider == EncryptionProvider.KMS ? kms : null;
  }
}
