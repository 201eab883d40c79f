package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotChecksumTest {
  private static final long SEED = 20_260_101L;

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 31, 32, 33, 63, 64, 1000, 5000})
  void doesNotDependOnHowTheSnapshotComes(int most) throws SnapshotException {
    var random = new Random(SEED);
    var snapshot = Snapshots.of(4096, SEED);
    var checksum = new SnapshotChecksum();
    for (int from = 0; from < snapshot.length; ) {
      int length = Math.min(1 + random.nextInt(most), snapshot.length - from);
      checksum.update(snapshot, from, length);
      from += length;
    }
    assertThat(checksum.size()).isEqualTo(snapshot.length);
    assertThat(checksum.verify()).isEqualTo(sha256(snapshot));
  }

  @Test
  void aChangedBitIsNoticed() {
    var snapshot = Snapshots.of(4096, SEED);
    snapshot[1000] ^= 1;
    assertDamaged(snapshot);
  }

  @Test
  void aChangedChecksumIsNoticed() {
    var snapshot = Snapshots.of(4096, SEED);
    snapshot[snapshot.length - 1] ^= 1;
    assertDamaged(snapshot);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 31, 32, 33, 4000, 4096, 4127})
  void aMissingEndIsNoticed(int length) {
    assertDamaged(Arrays.copyOf(Snapshots.of(4096, SEED), length));
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertDamaged(byte[] snapshot) {
    var checksum = new SnapshotChecksum();
    checksum.update(snapshot, 0, snapshot.length);
    assertThatThrownBy(checksum::verify)
        .isInstanceOfSatisfying(
            SnapshotException.class,
            e -> assertThat(e.kind()).isEqualTo(SnapshotException.Kind.DAMAGED))
        .hasMessageContaining("was damaged on the way, or etcd broke off");
  }
}
