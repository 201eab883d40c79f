package dev.hcp.controller.backup;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Follows a snapshot as it passes. Its last 32 bytes are the SHA-256 of all before them; which ones
 * are the last is only known at the end.
 */
final class SnapshotChecksum {
  /** Bytes of the checksum at the end. */
  static final int LENGTH = 32;

  private final MessageDigest digest = Sha256.digest();
  private final byte[] last = new byte[LENGTH];
  private int held;
  private long size;

  /** Takes the next bytes. */
  void update(byte[] bytes, int offset, int length) {
    size += length;
    if (length >= LENGTH) {
      digest.update(last, 0, held);
      digest.update(bytes, offset, length - LENGTH);
      System.arraycopy(bytes, offset + length - LENGTH, last, 0, LENGTH);
      held = LENGTH;
      return;
    }
    int out = Math.max(0, held + length - LENGTH);
    digest.update(last, 0, out);
    System.arraycopy(last, out, last, 0, held - out);
    System.arraycopy(bytes, offset, last, held - out, length);
    held += length - out;
  }

  /** Number of bytes so far. */
  long size() {
    return size;
  }

  /**
   * Compares, and ends.
   *
   * @return SHA-256 of all bytes, the checksum included, hexadecimal
   * @throws SnapshotException if the checksum is another one
   */
  String verify() throws SnapshotException {
    var actual = Sha256.soFar(digest);
    if (held < LENGTH || !Arrays.equals(actual, last)) {
      throw new SnapshotException(
          SnapshotException.Kind.DAMAGED,
          "the snapshot of %d bytes has SHA-256 %s, and etcd says %s: it was damaged on the way, or etcd broke off"
              .formatted(
                  size, HexFormat.of().formatHex(actual), HexFormat.of().formatHex(last, 0, held)),
          null);
    }
    digest.update(last);
    return HexFormat.of().formatHex(digest.digest());
  }
}
