package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.controller.backup.decrypt.Main;
import dev.hcp.controller.store.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptionTest {
  private static final int CHUNK = ChunkCipher.CHUNK;
  private static final int ENCRYPTED_CHUNK = ChunkCipher.CHUNK + ChunkCipher.TAG;
  private static final long SEED = 20_260_101L;

  private final byte[] key = key(1);

  /** Sizes around the ends of chunks; 32 bytes are the checksum. */
  @ParameterizedTest
  @ValueSource(ints = {1, CHUNK - 33, CHUNK - 32, CHUNK - 31, 2 * CHUNK - 32, 2 * CHUNK, 300_000})
  void whatIsEncryptedCanBeDecrypted(int size) throws IOException, InterruptedException {
    var snapshot = Snapshots.of(size, SEED);
    var encrypted = encrypt(snapshot, key);
    assertThat(encrypted.length)
        .isEqualTo(
            ChunkCipher.HEADER
                + snapshot.length
                + ChunkCipher.TAG * ((snapshot.length + CHUNK - 1) / CHUNK));
    assertThat(decrypt(encrypted, key)).isEqualTo(snapshot);
  }

  @Test
  void theSameSnapshotNeverLooksTheSame() throws IOException, InterruptedException {
    var snapshot = Snapshots.of(1000, SEED);
    assertThat(encrypt(snapshot, key)).isNotEqualTo(encrypt(snapshot, key));
  }

  @Test
  void nothingOfItCanBeRead() throws IOException, InterruptedException {
    var text = "a secret that is no secret any more".getBytes(StandardCharsets.US_ASCII);
    var snapshot = Snapshots.of(1000, SEED);
    System.arraycopy(text, 0, snapshot, 100, text.length);
    var encrypted = new String(encrypt(snapshot, key), StandardCharsets.ISO_8859_1);
    assertThat(encrypted).doesNotContain("secret");
  }

  @Test
  void anotherKeyDoesNotFit() throws IOException, InterruptedException {
    var encrypted = encrypt(Snapshots.of(1000, SEED), key);
    assertThatThrownBy(() -> decrypt(encrypted, key(2)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another key, or it is damaged");
  }

  @Test
  void anyChangedBitIsNoticed() throws IOException, InterruptedException {
    var encrypted = encrypt(Snapshots.of(CHUNK + 1000, SEED), key);
    var random = new Random(SEED);
    for (int i = 0; i < 200; i++) {
      var changed = encrypted.clone();
      changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
      assertThatThrownBy(() -> decrypt(changed, key)).isInstanceOf(IOException.class);
    }
  }

  /** Also between chunks, where nothing looks torn. */
  @ParameterizedTest
  @ValueSource(
      ints = {
        0,
        10,
        ChunkCipher.HEADER,
        ChunkCipher.HEADER + ENCRYPTED_CHUNK,
        ChunkCipher.HEADER + ENCRYPTED_CHUNK + 8,
        ChunkCipher.HEADER + 2 * ENCRYPTED_CHUNK,
        ChunkCipher.HEADER + 2 * ENCRYPTED_CHUNK + 500
      })
  void aMissingEndIsNoticed(int length) throws IOException, InterruptedException {
    var encrypted = encrypt(Snapshots.of(2 * CHUNK + 1000, SEED), key);
    assertThatThrownBy(() -> decrypt(Arrays.copyOf(encrypted, length), key))
        .isInstanceOf(IOException.class);
  }

  @Test
  void chunksInAnotherOrderAreNoticed() throws IOException, InterruptedException {
    var encrypted = encrypt(Snapshots.of(3 * CHUNK, SEED), key);
    var swapped = encrypted.clone();
    System.arraycopy(
        encrypted,
        ChunkCipher.HEADER,
        swapped,
        ChunkCipher.HEADER + ENCRYPTED_CHUNK,
        ENCRYPTED_CHUNK);
    System.arraycopy(
        encrypted,
        ChunkCipher.HEADER + ENCRYPTED_CHUNK,
        swapped,
        ChunkCipher.HEADER,
        ENCRYPTED_CHUNK);
    assertThatThrownBy(() -> decrypt(swapped, key)).isInstanceOf(IOException.class);
  }

  @Test
  void aSnapshotThatIsNotEncryptedIsToldApart() {
    var snapshot = Snapshots.of(1000, SEED);
    assertThatThrownBy(() -> decrypt(snapshot, key))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no encrypted backup");
  }

  @Test
  void keysHaveTwoForms() {
    assertThat(EncryptionKey.parse(key)).contains(key);
    var text = Base64.getEncoder().encodeToString(key) + "\n";
    assertThat(EncryptionKey.parse(text.getBytes(StandardCharsets.US_ASCII))).contains(key);
    for (var wrong :
        new String[] {"", "password", Base64.getEncoder().encodeToString(new byte[16])}) {
      assertThat(EncryptionKey.parse(wrong.getBytes(StandardCharsets.US_ASCII)))
          .isEqualTo(Optional.empty());
    }
  }

  @Test
  void keysAreToldApartWithoutTellingThem() {
    assertThat(ChunkCipher.keyId(key)).hasSize(16).isNotEqualTo(ChunkCipher.keyId(key(2)));
    assertThat(HexFormat.of().formatHex(key)).doesNotContain(ChunkCipher.keyId(key));
  }

  @Test
  void theProgramForPeopleIsWhereTheDocumentationSays() {
    assertThat(Main.class.getName()).isEqualTo("dev.hcp.controller.backup.decrypt.Main");
  }

  static byte[] encrypt(byte[] snapshot, byte[] key) throws IOException, InterruptedException {
    var out = new ByteArrayOutputStream();
    var upload =
        new ObjectStore.Upload() {
          @Override
          public void write(byte[] bytes, int offset, int length) {
            out.write(bytes, offset, length);
          }

          @Override
          public void complete() {
            throw new UnsupportedOperationException();
          }

          @Override
          public void close() {
            throw new UnsupportedOperationException();
          }
        };
    var encryptor = Encryptor.begin(key, new SecureRandom(), upload);
    var random = new Random(SEED);
    for (int from = 0; from < snapshot.length; ) {
      int length = Math.min(1 + random.nextInt(50_000), snapshot.length - from);
      encryptor.write(snapshot, from, length);
      from += length;
    }
    assertThat(encryptor.finish())
        .contains(new Output.Stored(out.size(), SnapshotChecksumTest.sha256(out.toByteArray())));
    return out.toByteArray();
  }

  private static byte[] decrypt(byte[] encrypted, byte[] key) throws IOException {
    var out = new ByteArrayOutputStream();
    var _ = Decryptor.decrypt(key, new ByteArrayInputStream(encrypted), out);
    return out.toByteArray();
  }

  private static byte[] key(int seed) {
    var key = new byte[32];
    new Random(seed).nextBytes(key);
    return key;
  }
}
