package dev.hcp.e2e.store;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.process.Command;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;

/** Whole folders at once. */
public final class FileTrees {
  private static final Duration DEADLINE = Duration.ofMinutes(5);

  private FileTrees() {}

  /** Deletes {@code path} and all below it, never crossing into another mounted file system. */
  public static void delete(Path path) {
    if (path.getNameCount() < 2) {
      throw new BedException("refusing to delete %s".formatted(path));
    }
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      Command.of("rm", "-rf", "--one-file-system", path.toString()).within(DEADLINE).check();
    }
  }

  /** Copies {@code source} to the new folder {@code target}. */
  public static void copy(Path source, Path target) {
    Command.of("cp", "-a", "--no-preserve=mode,ownership", source.toString(), target.toString())
        .within(DEADLINE)
        .check();
  }

  /**
   * Makes {@code target} a second name for every file below {@code source}. Takes neither space nor
   * time, but a file written in place through one name is changed under the other as well.
   */
  public static void link(Path source, Path target) {
    Command.of("cp", "-al", source.toString(), target.toString()).within(DEADLINE).check();
  }
}
