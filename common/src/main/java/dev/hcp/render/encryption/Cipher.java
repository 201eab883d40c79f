package dev.hcp.render.encryption;

import dev.hcp.api.v1alpha1.EncryptionKms;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Optional;

/** By what API servers encrypt what they store, or have encrypted it. */
public sealed interface Cipher {
  /**
   * A key of the controller.
   *
   * @param secret 32 bytes in base64
   */
  record Key(String secret) implements Cipher {
    /** Without the key. */
    @Override
    public String toString() {
      return "Key[]";
    }
  }

  /**
   * A key management service, with all that API servers need to reach it: it has to be reached
   * after nobody's spec names it any more.
   *
   * @param definition what the spec said of it, as JSON
   */
  record Kms(String definition) implements Cipher {
    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    /** The service that a spec describes. */
    public static Kms of(EncryptionKms settings) {
      return new Kms(JSON.asJson(settings));
    }

    /** The service that a text describes; empty if it describes none. */
    static Optional<Kms> read(String definition) {
      try {
        return Optional.ofNullable(JSON.unmarshal(definition, EncryptionKms.class))
            .filter(settings -> settings.name() != null && settings.plugin() != null)
            .map(_ -> new Kms(definition));
      } catch (KubernetesClientException | IllegalArgumentException _) {
        return Optional.empty();
      }
    }

    /**
     * What the spec said of it.
     *
     * @throws KubernetesClientException if the text describes none
     */
    public EncryptionKms settings() {
      return JSON.unmarshal(definition, EncryptionKms.class);
    }

    /** The name by which data say what they are encrypted by. */
    public String name() {
      return settings().name();
    }

    /** Its name: variables may hold what is secret. */
    @Override
    public String toString() {
      return "Kms[%s]".formatted(name());
    }
  }
}
