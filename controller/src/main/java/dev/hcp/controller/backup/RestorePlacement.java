package dev.hcp.controller.backup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Puts restored data where a member of etcd looks for them. A member has either all of them or
 * none, whenever the machine ends.
 *
 * @param from directory that etcd's own tool has made
 * @param to data directory of the member, in the same file system
 */
public record RestorePlacement(Path from, Path to) {
  /** Directory within a data directory in which everything is. */
  private static final String MEMBER = "member";

  /** Does it, and says what became of it. */
  public RestoreReport run() {
    long start = System.nanoTime();
    try {
      if (Files.exists(to.resolve(MEMBER))) {
        return failure("%s has data already".formatted(to), start);
      }
      Files.move(from.resolve(MEMBER), to.resolve(MEMBER), StandardCopyOption.ATOMIC_MOVE);
      sync(to);
      Files.delete(from);
      return new RestoreReport(
          RestoreReport.SUCCESS, null, "the data are in place", null, null, null, since(start));
    } catch (IOException e) {
      return failure("the data cannot be put in place: " + e, start);
    }
  }

  private static RestoreReport failure(String message, long start) {
    return RestoreReport.failure(Cause.RESTORATION, message, since(start));
  }

  private static void sync(Path directory) throws IOException {
    try (var channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static long since(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }
}
