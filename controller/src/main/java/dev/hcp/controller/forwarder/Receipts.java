package dev.hcp.controller.forwarder;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers which receivers have which of the latest batches. The API server sends a batch that not
 * every receiver took again, as it was: it must not reach the others twice.
 */
final class Receipts {
  private static final int MOST = 10_000;

  private final Map<String, Set<Target>> latest =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Set<Target>> eldest) {
          return size() > MOST;
        }
      };

  /** The receivers that have a batch; to be added to. */
  Set<Target> of(byte[] batch) {
    var digest = digest(batch);
    synchronized (latest) {
      return latest.computeIfAbsent(digest, _ -> ConcurrentHashMap.newKeySet());
    }
  }

  private static String digest(byte[] batch) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(batch));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
