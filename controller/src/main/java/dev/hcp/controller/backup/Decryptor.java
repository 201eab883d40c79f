package dev.hcp.controller.backup;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Makes a snapshot of the object of an encrypted backup. */
public final class Decryptor {
  private Decryptor() {}

  /**
   * Decrypts all of it, and looks at the checksum of etcd.
   *
   * @param key 32 bytes
   * @param in the object
   * @param out gets the snapshot, as far as it was looked at
   * @return SHA-256 of the snapshot, hexadecimal, as in the manifest
   * @throws IOException if it is not encrypted, or with another key; if it is damaged, or not all
   *     of it is there; and whatever the streams throw
   */
  public static String decrypt(byte[] key, InputStream in, OutputStream out) throws IOException {
    var header = in.readNBytes(ChunkCipher.HEADER);
    if (!ChunkCipher.isHeader(header)) {
      throw new IOException("this is no encrypted backup: it does not begin like one");
    }
    var cipher = ChunkCipher.of(key, header);
    var checksum = new SnapshotChecksum();
    var plain = new byte[ChunkCipher.CHUNK];
    var chunk = in.readNBytes(ChunkCipher.CHUNK + ChunkCipher.TAG);
    while (true) {
      if (chunk.length < ChunkCipher.TAG) {
        throw new EOFException("the end of the backup is missing");
      }
      // Only what follows tells whether this is the last one.
      var next = in.readNBytes(ChunkCipher.CHUNK + ChunkCipher.TAG);
      boolean last = next.length == 0;
      int length = cipher.decrypt(chunk, chunk.length, plain, last);
      checksum.update(plain, 0, length);
      out.write(plain, 0, length);
      if (last) {
        return checksum.verify();
      }
      chunk = next;
    }
  }
}
