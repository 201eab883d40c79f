package dev.hcp.model;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** Texts as they stand in the data of a Secret: base64 of UTF-8. */
public final class SecretText {
  private SecretText() {}

  /** The text of an entry; empty if there is none, or what is there is no base64. */
  public static Optional<String> read(Map<String, String> data, String entry) {
    try {
      return Optional.ofNullable(data.get(entry))
          .map(value -> new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8))
          .filter(text -> !text.isEmpty());
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** The time of an entry; empty if there is none. */
  public static Optional<Instant> time(Map<String, String> data, String entry) {
    try {
      return read(data, entry).map(Instant::parse);
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
  }

  /** A text as an entry has it. */
  public static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
