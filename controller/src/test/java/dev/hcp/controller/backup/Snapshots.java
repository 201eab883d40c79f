package dev.hcp.controller.backup;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Random;

/** What looks like snapshots of etcd to somebody who does not open them. */
final class Snapshots {
  private Snapshots() {}

  /** Random bytes, and their checksum after them. */
  static byte[] of(int size, long seed) {
    var bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    try {
      var checksum = MessageDigest.getInstance("SHA-256").digest(bytes);
      var snapshot = Arrays.copyOf(bytes, size + checksum.length);
      System.arraycopy(checksum, 0, snapshot, size, checksum.length);
      return snapshot;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
