package dev.hcp.render.encryption;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.hcp.api.v1alpha1.EncryptionKms;
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
    private static final JsonMapper JSON =
        JsonMapper.builder()
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();
    private static final ObjectReader READER = JSON.readerFor(EncryptionKms.class);
    private static final ObjectWriter WRITER = JSON.writer();

    /** The service that a spec describes. */
    public static Kms of(EncryptionKms settings) {
      try {
        return new Kms(WRITER.writeValueAsString(settings));
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("spec.encryptionAtRest.kms cannot be written", e);
      }
    }

    /** The service that a text describes; empty if it describes none. */
    static Optional<Kms> read(String definition) {
      try {
        return Optional.ofNullable(READER.<EncryptionKms>readValue(definition))
            .filter(settings -> settings.name() != null && settings.plugin() != null)
            .map(_ -> new Kms(definition));
      } catch (JsonProcessingException _) {
        return Optional.empty();
      }
    }

    /** What the spec said of it. */
    public EncryptionKms settings() {
      try {
        return READER.readValue(definition);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("what is kept of a KMS cannot be read", e);
      }
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
