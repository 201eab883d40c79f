package dev.hcp.controller.encryption;

import java.security.SecureRandom;
import java.util.Base64;

/** Makes the keys by which API servers encrypt what they store. */
public final class EncryptionKeys {
  private static final int BYTES = 32;

  private EncryptionKeys() {}

  /** A new key for secretbox: 32 bytes, base64. */
  public static String generate() {
    var key = new byte[BYTES];
    new SecureRandom().nextBytes(key);
    return Base64.getEncoder().encodeToString(key);
  }
}
