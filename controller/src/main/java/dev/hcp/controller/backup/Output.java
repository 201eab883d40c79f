package dev.hcp.controller.backup;

import dev.hcp.controller.store.ObjectStore;
import dev.hcp.controller.store.StoreException;
import java.util.Optional;

/** Where the bytes of a snapshot go. */
sealed interface Output permits Output.Plain, Encryptor {
  /**
   * An object that is not what it was made of.
   *
   * @param size in bytes
   * @param sha256 its SHA-256, hexadecimal
   */
  record Stored(long size, String sha256) {}

  /** Appends bytes. */
  void write(byte[] bytes, int offset, int length) throws StoreException, InterruptedException;

  /**
   * Says that these were all.
   *
   * @return what has become of them; empty if they are stored as they are
   */
  Optional<Stored> finish() throws StoreException, InterruptedException;

  /**
   * As they are.
   *
   * @param upload gets them
   */
  record Plain(ObjectStore.Upload upload) implements Output {
    @Override
    public void write(byte[] bytes, int offset, int length)
        throws StoreException, InterruptedException {
      upload.write(bytes, offset, length);
    }

    @Override
    public Optional<Stored> finish() {
      return Optional.empty();
    }
  }
}
