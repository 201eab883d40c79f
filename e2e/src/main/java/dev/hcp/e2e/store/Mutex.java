package dev.hcp.e2e.store;

import dev.hcp.e2e.BedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * A lock between processes, held through a file and given back by the kernel if its holder dies.
 */
public final class Mutex implements AutoCloseable {
  private final FileChannel channel;

  private Mutex(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits until {@code file} can be locked. Its holders have deadlines of their own, so this has
   * none.
   */
  public static Mutex lock(Path file) {
    try {
      var channel = open(file);
      channel.lock();
      return new Mutex(channel);
    } catch (IOException e) {
      throw new BedException("cannot lock %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Locks {@code file} if nobody else holds it. */
  public static Optional<Mutex> tryLock(Path file) {
    try {
      var channel = open(file);
      if (channel.tryLock() == null) {
        channel.close();
        return Optional.empty();
      }
      return Optional.of(new Mutex(channel));
    } catch (IOException e) {
      throw new BedException("cannot lock %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static FileChannel open(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new BedException("cannot give back a lock: %s".formatted(e.getMessage()), e);
    }
  }
}
