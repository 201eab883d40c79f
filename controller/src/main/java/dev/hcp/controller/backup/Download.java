package dev.hcp.controller.backup;

import dev.hcp.controller.retry.Backoff;
import dev.hcp.controller.store.ObjectStore;
import dev.hcp.controller.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The object of a backup as it comes from the store, and goes on where it was cut. It ends after as
 * many bytes as the manifest says, or fails.
 */
final class Download extends InputStream {
  private static final Logger LOG = LoggerFactory.getLogger(Download.class);

  /** Tries in a row without a byte in between. */
  private static final int MOST_TRIES = 6;

  /** What may be gone a moment later. */
  private static final Set<StoreException.Kind> PASSING =
      EnumSet.of(
          StoreException.Kind.CONNECTION_REFUSED,
          StoreException.Kind.CONNECTION_LOST,
          StoreException.Kind.TIMEOUT,
          StoreException.Kind.UNAVAILABLE,
          StoreException.Kind.UNKNOWN_HOST);

  private final ObjectStore store;
  private final String object;
  private final long size;
  private final Backoff backoff;
  private final MessageDigest digest = Sha256.digest();

  private @Nullable InputStream current;
  private long position;
  private int failures;

  /**
   * Asks for nothing yet.
   *
   * @param size bytes that the object has
   * @param backoff how long to wait before it is asked for again
   */
  Download(ObjectStore store, String object, long size, Backoff backoff) {
    this.store = store;
    this.object = object;
    this.size = size;
    this.backoff = backoff;
  }

  /** SHA-256 of what was read, hexadecimal. Nothing can be read afterwards. */
  String sha256() {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Number of bytes that were read. */
  long position() {
    return position;
  }

  @Override
  public int read() throws IOException {
    var single = new byte[1];
    return read(single, 0, 1) < 0 ? -1 : single[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (true) {
      try {
        var from = current == null ? open() : current;
        current = from;
        int count = from.read(bytes, offset, length);
        if (count > 0) {
          taken(bytes, offset, count);
        }
        return count;
      } catch (StoreException e) {
        close();
        failed(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        var interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(e);
        throw interrupted;
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (current != null) {
      var open = current;
      current = null;
      open.close();
    }
  }

  private InputStream open() throws IOException, InterruptedException {
    if (position > 0 && position >= size) {
      return InputStream.nullInputStream();
    }
    return store
        .read(object, position)
        .orElseThrow(() -> new MissingException("the store has no object %s".formatted(object)));
  }

  private void taken(byte[] bytes, int offset, int count) throws SnapshotException {
    failures = 0;
    digest.update(bytes, offset, count);
    position += count;
    if (position > size) {
      throw new SnapshotException(
          SnapshotException.Kind.DAMAGED,
          "object %s has more than the %d bytes that its manifest says".formatted(object, size),
          null);
    }
  }

  private void failed(StoreException failure) throws StoreException, InterruptedIOException {
    failures++;
    if (failures >= MOST_TRIES || !PASSING.contains(failure.kind())) {
      throw failure;
    }
    var delay = backoff.after(failures - 1);
    LOG.warn(
        "Asking again from byte {} on in {} ms: {}",
        position,
        delay.toMillis(),
        failure.getMessage());
    try {
      Thread.sleep(delay);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var interrupted = new InterruptedIOException("interrupted");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  /** Something of a backup is not in the store. */
  static final class MissingException extends IOException {
    private static final long serialVersionUID = 1L;

    MissingException(String message) {
      super(message);
    }
  }
}
