package dev.hcp.controller.backup;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * AES-256-GCM of something long, in chunks, so that nothing has to be kept until the end, and
 * nothing is handed out that was not looked at.
 *
 * <p>What is written is a header and the chunks. The header is {@link #MAGIC} and 32 random bytes,
 * the salt. From it and the key HKDF with SHA-256 makes the key of this one object, so that nonces
 * can be counted: 11 bytes with the number of the chunk, from 0, and one byte that is 1 for the
 * last chunk and 0 for all others. Each chunk is {@link #CHUNK} bytes before it is encrypted, only
 * the last one may be shorter, and 16 bytes longer afterwards. So chunks cannot be left out,
 * repeated, brought into another order, or be cut off at the end, without being noticed.
 */
final class ChunkCipher {
  /** What the form is called in manifests. */
  static final String ALGORITHM = "AES-256-GCM-HKDF-SHA256-64KiB";

  /** Bytes of a chunk that is not encrypted. */
  static final int CHUNK = 64 * 1024;

  /** Bytes by which a chunk grows. */
  static final int TAG = 16;

  /** Bytes of the header. */
  static final int HEADER = 8 + 32;

  private static final byte[] MAGIC = "HCPAES01".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] PURPOSE =
      "hosted-control-plane etcd backup".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] IDENTITY =
      "hosted-control-plane key id".getBytes(StandardCharsets.US_ASCII);
  private static final int KEY = 32;
  private static final int NONCE = 12;
  private static final int BITS_OF_TAG = 8 * TAG;

  /** Enough to tell keys apart. */
  private static final int LENGTH_OF_ID = 8;

  private final SecretKey key;
  private final Cipher cipher;
  private long number;

  private ChunkCipher(SecretKey key, Cipher cipher) {
    this.key = key;
    this.cipher = cipher;
  }

  /**
   * For one object.
   *
   * @param masterKey 32 bytes
   * @param header its header
   */
  static ChunkCipher of(byte[] masterKey, byte[] header) {
    try {
      var salt = Arrays.copyOfRange(header, MAGIC.length, HEADER);
      var key =
          KDF.getInstance("HKDF-SHA256")
              .deriveKey(
                  "AES",
                  HKDFParameterSpec.ofExtract()
                      .addIKM(masterKey)
                      .addSalt(salt)
                      .thenExpand(PURPOSE, KEY));
      return new ChunkCipher(key, Cipher.getInstance("AES/GCM/NoPadding"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Java has HKDF and AES-GCM", e);
    }
  }

  /**
   * A header.
   *
   * @param salt 32 random bytes
   */
  static byte[] header(byte[] salt) {
    return ByteBuffer.allocate(HEADER).put(MAGIC).put(salt).array();
  }

  /** Whether something begins with a header. */
  static boolean isHeader(byte[] start) {
    return start.length == HEADER && Arrays.equals(start, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
  }

  /** Tells keys apart, without telling the key. */
  static String keyId(byte[] masterKey) {
    var digest = Sha256.digest();
    digest.update(IDENTITY);
    return HexFormat.of().formatHex(digest.digest(masterKey), 0, LENGTH_OF_ID);
  }

  /**
   * Encrypts the next chunk.
   *
   * @param out has room for {@link #TAG} bytes more
   * @return number of bytes in {@code out}
   */
  int encrypt(byte[] chunk, int length, byte[] out, boolean last) {
    try {
      cipher.init(Cipher.ENCRYPT_MODE, key, nonce(last));
      return cipher.doFinal(chunk, 0, length, out, 0);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a chunk can always be encrypted", e);
    }
  }

  /**
   * Decrypts the next chunk.
   *
   * @return number of bytes in {@code out}
   * @throws IOException if it is not what was encrypted with this key
   */
  int decrypt(byte[] chunk, int length, byte[] out, boolean last) throws IOException {
    try {
      cipher.init(Cipher.DECRYPT_MODE, key, nonce(last));
      return cipher.doFinal(chunk, 0, length, out, 0);
    } catch (AEADBadTagException e) {
      throw new IOException(
          "chunk %d cannot be decrypted: it was encrypted with another key, or it is damaged"
              .formatted(number - 1),
          e);
    } catch (GeneralSecurityException e) {
      throw new IOException("chunk %d cannot be decrypted".formatted(number - 1), e);
    }
  }

  private GCMParameterSpec nonce(boolean last) {
    var nonce =
        ByteBuffer.allocate(NONCE)
            .position(NONCE - 1 - Long.BYTES)
            .putLong(number++)
            .put((byte) (last ? 1 : 0))
            .array();
    return new GCMParameterSpec(BITS_OF_TAG, nonce);
  }
}
