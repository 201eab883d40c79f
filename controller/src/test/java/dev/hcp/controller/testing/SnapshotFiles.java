package dev.hcp.controller.testing;

import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Snapshots of etcd as files, as etcd's own tool sees them. */
public final class SnapshotFiles {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private SnapshotFiles() {}

  /**
   * What is in a snapshot.
   *
   * @param revision of the key-value store
   * @param keys number of revisions of keys that it holds
   */
  public record Content(long revision, long keys) {}

  /** Looks into a snapshot. */
  public static Content content(Path snapshot) {
    var json = run(DEADLINE, "snapshot", "status", snapshot.toString(), "--write-out=json");
    var status = (Map<?, ?>) Serialization.unmarshal(json, Map.class);
    return new Content(
        ((Number) status.get("revision")).longValue(),
        ((Number) status.get("totalKey")).longValue());
  }

  /** Makes a data directory of a snapshot, which fails if its checksum is not right. */
  public static void restore(Path snapshot, Path dataDirectory) {
    restore(snapshot, dataDirectory, DEADLINE);
  }

  /** The same, of a large one. */
  public static void restore(Path snapshot, Path dataDirectory, Duration longest) {
    var _ = run(longest, "snapshot", "restore", snapshot.toString(), "--data-dir=" + dataDirectory);
  }

  private static String run(Duration longest, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Binaries.ETCDUTL.path().toString());
    command.addAll(List.of(arguments));
    try {
      var process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(longest.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IllegalStateException("%s failed: %s".formatted(command, output));
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
