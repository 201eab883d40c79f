package dev.hcp.controller.backup;

import dev.hcp.controller.store.ObjectStore;
import dev.hcp.controller.store.StoreException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/** Encrypts what passes. A chunk is held back until it is known whether it is the last one. */
final class Encryptor implements Output {
  private static final int SALT = 32;

  private final ObjectStore.Upload upload;
  private final ChunkCipher cipher;
  private final byte[] chunk = new byte[ChunkCipher.CHUNK];
  private final MessageDigest digest = Sha256.digest();
  private final byte[] encrypted = new byte[ChunkCipher.CHUNK + ChunkCipher.TAG];
  private int filled;
  private long size;

  private Encryptor(ObjectStore.Upload upload, ChunkCipher cipher) {
    this.upload = upload;
    this.cipher = cipher;
  }

  /**
   * Writes the header.
   *
   * @param key 32 bytes
   * @param random source of the salt
   */
  static Encryptor begin(byte[] key, SecureRandom random, ObjectStore.Upload upload)
      throws StoreException, InterruptedException {
    var salt = new byte[SALT];
    random.nextBytes(salt);
    var header = ChunkCipher.header(salt);
    var encryptor = new Encryptor(upload, ChunkCipher.of(key, header));
    encryptor.store(header, header.length);
    return encryptor;
  }

  @Override
  public void write(byte[] bytes, int offset, int length)
      throws StoreException, InterruptedException {
    int from = offset;
    int left = length;
    while (left > 0) {
      if (filled == chunk.length) {
        send(false);
      }
      int now = Math.min(left, chunk.length - filled);
      System.arraycopy(bytes, from, chunk, filled, now);
      filled += now;
      from += now;
      left -= now;
    }
  }

  @Override
  public Optional<Stored> finish() throws StoreException, InterruptedException {
    send(true);
    return Optional.of(new Stored(size, HexFormat.of().formatHex(digest.digest())));
  }

  private void send(boolean last) throws StoreException, InterruptedException {
    int length = cipher.encrypt(chunk, filled, encrypted, last);
    store(encrypted, length);
    filled = 0;
  }

  private void store(byte[] bytes, int length) throws StoreException, InterruptedException {
    digest.update(bytes, 0, length);
    size += length;
    upload.write(bytes, 0, length);
  }
}
