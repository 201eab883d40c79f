package dev.hcp.e2e.tools;

import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.Digest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Debian packages that images take files from. They are unpacked in the cache and never installed,
 * so this machine stays as it is.
 */
public final class DebianPackages {
  private static final Duration DOWNLOAD_DEADLINE = Duration.ofMinutes(5);

  private DebianPackages() {}

  /** The folder with all files of the packages {@code names} and of those they depend on. */
  public static Path unpacked(Cache cache, String... names) {
    var log = cache.logs().resolve("apt.log");
    return cache.once(
        cache.entry("packages", new Digest().add(String.join(" ", names)).key()),
        partial -> {
          Files.createDirectories(partial);
          Prerequisites.apt("update").log(log).check();
          Command.of("apt-get", "-q", "download")
              .with(withDependencies(names).toArray(String[]::new))
              .in(partial)
              .within(DOWNLOAD_DEADLINE)
              .log(log)
              .check();
          try (var files = Files.newDirectoryStream(partial, "*.deb")) {
            for (var file : files) {
              Command.of("dpkg-deb", "--extract", file.toString(), partial.toString()).check();
              Files.delete(file);
            }
          }
        });
  }

  private static List<String> withDependencies(String... names) {
    return Command.of("apt-cache", "depends", "--recurse", "--no-recommends", "--no-suggests")
        .with("--no-conflicts", "--no-breaks", "--no-replaces", "--no-enhances")
        .with(names)
        .output()
        .lines()
        // The dependencies of each stand indented below it; names in angle brackets are virtual.
        .filter(line -> !line.isEmpty() && Character.isLetterOrDigit(line.charAt(0)))
        .distinct()
        .sorted()
        .toList();
  }
}
