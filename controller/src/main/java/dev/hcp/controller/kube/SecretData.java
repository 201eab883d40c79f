package dev.hcp.controller.kube;

import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Brings Secrets into the form in which the API server keeps them. */
final class SecretData {
  private SecretData() {}

  /** The Secret with its {@code stringData}, which can be written but is never read, as data. */
  static Secret encoded(Secret secret) {
    var text = secret.getStringData();
    if (text == null || text.isEmpty()) {
      return secret;
    }
    var encoded = new SecretBuilder(secret).withStringData(null);
    text.forEach((key, value) ->
        encoded.addToData(
            key, Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8))));
    return encoded.build();
  }
}
