package dev.hcp.controller.backup;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** A key as people write it down: its 32 bytes, or these in base64. */
public final class EncryptionKey {
  /** What a key looks like, and where one comes from. */
  public static final String FORM =
      "32 bytes, or these in base64, as openssl rand -base64 32 prints them";

  private static final int LENGTH = 32;

  private EncryptionKey() {}

  /** The bytes of a key; empty if it is none. */
  public static Optional<byte[]> parse(byte[] written) {
    if (written.length == LENGTH) {
      return Optional.of(written.clone());
    }
    try {
      var text = new String(written, StandardCharsets.US_ASCII).strip();
      return Optional.of(Base64.getDecoder().decode(text)).filter(key -> key.length == LENGTH);
    } catch (IllegalArgumentException _) {
      // Said by the caller, who knows where it stands.
      return Optional.empty();
    }
  }
}
