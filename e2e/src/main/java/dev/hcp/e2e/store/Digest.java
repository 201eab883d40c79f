package dev.hcp.e2e.store;

import dev.hcp.e2e.BedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Builds the key of a cache entry from everything its content depends on. */
public final class Digest {
  private static final int KEY_LENGTH = 16;

  private final MessageDigest sha256;

  /** A digest of nothing yet. */
  public Digest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  /** Adds a text; its end is marked, so that two texts cannot run into each other. */
  public Digest add(String text) {
    sha256.update(text.getBytes(StandardCharsets.UTF_8));
    sha256.update((byte) 0);
    return this;
  }

  /** Adds the content of a file. */
  public Digest add(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      var buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        sha256.update(buffer, 0, n);
      }
      sha256.update((byte) 0);
      return this;
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** The key: short enough for a file name, long enough never to meet another. */
  public String key() {
    return hex().substring(0, KEY_LENGTH);
  }

  private String hex() {
    return HexFormat.of().formatHex(sha256.digest());
  }

  /** The SHA-256 of a file's content, as the usual tools print it. */
  public static String sha256(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      var digest = new Digest();
      var buffer = new byte[1 << 16];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.sha256.update(buffer, 0, n);
      }
      return digest.hex();
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
