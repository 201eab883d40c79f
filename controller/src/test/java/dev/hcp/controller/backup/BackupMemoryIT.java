package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hcp.controller.backup.MeasuredBackup.Access;
import dev.hcp.controller.backup.MeasuredBackup.Result;
import dev.hcp.controller.backup.MeasuredBackup.Store;
import dev.hcp.controller.backup.MeasuredBackup.Task;
import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.plan.StoreCredentials;
import dev.hcp.controller.testing.EtcdProcesses;
import dev.hcp.controller.testing.ImageFlags;
import dev.hcp.controller.testing.S3Server;
import dev.hcp.controller.testing.SnapshotFiles;
import dev.hcp.render.pod.Pods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a backup costs in time and memory, and a restoration, beside a plain copy by etcd's own
 * tools: by {@code make bench-backup} of 2 GiB. Of less it only shows that memory does not grow
 * with the size.
 */
class BackupMemoryIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MEBIBYTES = Integer.getInteger("backup.mebibytes", 64);
  private static final long MEBIBYTE = 1024 * 1024;
  private static final String MEMBER = "demo-etcd-0";
  private static final Duration LONGEST = Duration.ofMinutes(20);
  private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

  /** What values there are, in bytes; as many of each. */
  private static final List<Integer> SIZES = List.of(100_000, 300_000, 500_000);

  /** What a backup may need at most, of memory that the process did not have before. */
  private static final long BUDGET = 64 * MEBIBYTE;

  /** The memory of the controller's container, which the runtime goes by. */
  private static final String MEMORY = "-XX:MaxRAM=1g";

  private static final String FETCH = "dev.hcp.controller.backup.fetch.Main";

  /** That of the container that fetches. */
  private static final String FETCH_MEMORY = "-XX:MaxRAM=256m";

  @TempDir private Path folder;

  private final List<String> table = new ArrayList<>();

  @Test
  void aBackupTakesLittleMemoryWhateverItsSize() throws IOException, InterruptedException {
    try (var etcd =
            EtcdProcesses.start(1, "--quota-backend-bytes=" + 4 * (MEBIBYTES + 256L) * MEBIBYTE);
        var small = EtcdProcesses.start(1);
        var server = S3Server.start()) {
      small.put("key", 10, 1_000);
      int each = (int) (MEBIBYTES * MEBIBYTE / SIZES.stream().mapToInt(size -> size).sum());
      for (int size : SIZES) {
        etcd.put("size-%d-".formatted(size), each, size);
      }
      var copy = folder.resolve("copy.db");
      long saved = timed(() -> etcd.save(MEMBER, copy, LONGEST));
      long bytes = Files.size(copy);
      assertThat(bytes).isGreaterThan(MEBIBYTES * MEBIBYTE * 9 / 10);
      heading(bytes, 3 * each);
      row("plain copy: etcdctl snapshot save", bytes, saved, saved);
      var restored = folder.resolve("restored");
      long plain = timed(() -> SnapshotFiles.restore(copy, restored, LONGEST));
      remove(restored);

      for (var key : List.of("", KEY)) {
        var what = key.isEmpty() ? "" : ", encrypted";
        var result =
            backUp(
                new Task(Access.of(etcd.access()), Access.of(small.access()), store(server), key));
        row("backup to S3" + what, bytes, result.milliseconds(), saved);
        memory("  memory" + what, result);
        if (key.isEmpty()) {
          row("plain restoration: etcdutl snapshot restore", bytes, plain, plain);
        }
        long peak = restore(server, key, bytes, plain, what);
        table.add(
            "  memory of the process that fetches: at most %d MiB".formatted(peak / MEBIBYTE));
        assertThat(result.peak() - result.idle()).as("%s", result).isLessThanOrEqualTo(BUDGET);
      }
    } finally {
      table.forEach(System.out::println);
    }
  }

  private long restore(S3Server server, String key, long bytes, long plain, String what)
      throws IOException, InterruptedException {
    var name =
        server.objects(".json").stream().filter(n -> n.contains("/demo/")).toList().getLast();
    var manifest = Manifest.parse(Files.readAllBytes(server.file(name))).orElseThrow();
    var backup = name.substring(name.lastIndexOf('/') + 1).replace(".json", "");
    var secret = Files.createDirectories(folder.resolve("store"));
    for (var file : secretOf(server, key).entrySet()) {
      Files.writeString(secret.resolve(file.getKey()), file.getValue());
    }
    var snapshot = folder.resolve("snapshot.db");
    var restored = folder.resolve("restored");
    long start = System.nanoTime();
    long peak =
        run(
            "fetch",
            Stream.of(
                    containerFlags(),
                    List.of(FETCH_MEMORY, FETCH),
                    List.of(
                        "--store=" + secret,
                        "--namespace=clusters",
                        "--cluster=demo",
                        "--backup=" + backup,
                        "--output=" + snapshot,
                        "--manifest=" + folder.resolve("manifest.json"),
                        "--report=" + folder.resolve("report.json")))
                .flatMap(List::stream)
                .toList());
    SnapshotFiles.restore(snapshot, restored, LONGEST);
    long took = (System.nanoTime() - start) / 1_000_000;
    assertThat(manifest.snapshot().keys()).isEqualTo(3L * (MEBIBYTES * MEBIBYTE / 900_000));
    assertThat(Files.size(restored.resolve("member/snap/db"))).isGreaterThan(bytes * 9 / 10);
    row("fetch and etcdutl snapshot restore" + what, bytes, took, plain);
    Files.delete(snapshot);
    remove(restored);
    return peak;
  }

  private static Map<String, String> secretOf(S3Server server, String key) {
    var access = server.access();
    var secret =
        Map.of(
            "accessKeyID", key(access).accessKeyId(),
            "secretAccessKey", key(access).secretAccessKey(),
            "bucket", access.bucket() + "/" + access.prefix(),
            "host", access.endpoint().orElseThrow());
    if (key.isEmpty()) {
      return secret;
    }
    var all = new HashMap<>(secret);
    all.put(BackupFetch.ENCRYPTION_KEY, key);
    return all;
  }

  private static Store store(S3Server server) {
    var access = server.access();
    return new Store(
        access.endpoint().orElseThrow(),
        access.bucket(),
        key(access).accessKeyId(),
        key(access).secretAccessKey());
  }

  private static StoreCredentials.AccessKey key(StoreAccess access) {
    return (StoreCredentials.AccessKey) access.credentials();
  }

  private Result backUp(Task task) throws IOException, InterruptedException {
    var in = folder.resolve("task.json");
    var out = folder.resolve("result.json");
    Files.writeString(in, JSON.writeValueAsString(task));
    var arguments = new ArrayList<>(ImageFlags.read());
    arguments.add(MEMORY);
    arguments.add(MeasuredBackup.class.getName());
    arguments.add(in.toString());
    arguments.add(out.toString());
    var _ = run("backup", arguments);
    return JSON.readValue(Files.readString(out), Result.class);
  }

  /** What the container that fetches starts the runtime with. */
  private static List<String> containerFlags() {
    return Pods.program(FETCH).stream().filter(flag -> flag.startsWith("-XX:")).toList();
  }

  /**
   * Runs a program of ours to its end.
   *
   * @return the most memory that it had, in bytes
   */
  private long run(String what, List<String> arguments) throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.addAll(arguments);
    var log = folder.resolve(what + ".log");
    var process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      long peak = 0;
      long end = System.nanoTime() + LONGEST.toNanos();
      while (!process.waitFor(50, TimeUnit.MILLISECONDS)) {
        peak = Math.max(peak, MeasuredBackup.memory(Long.toString(process.pid()), "VmHWM:"));
        assertThat(System.nanoTime()).as("%s takes too long", what).isLessThan(end);
      }
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
      return peak;
    } finally {
      process.destroyForcibly();
    }
  }

  private void heading(long bytes, int keys) {
    table.add(
        "%d keys with values of 100 to 500 KB, a snapshot of %d MiB"
            .formatted(keys, bytes / MEBIBYTE));
    table.add("%-48s %9s %8s %9s".formatted("", "seconds", "MB/s", "of plain"));
  }

  private void row(String what, long bytes, long milliseconds, long plain) {
    table.add(
        String.format(
            Locale.ROOT,
            "%-48s %9.1f %8.0f %9.2f",
            what,
            milliseconds / 1000.0,
            bytes / 1000.0 / milliseconds,
            (double) milliseconds / plain));
  }

  private void memory(String what, Result result) {
    table.add(
        "%-48s idle %d MiB, at most %d MiB: %d MiB more; heap %d MiB, at most %d MiB"
            .formatted(
                what,
                result.idle() / MEBIBYTE,
                result.peak() / MEBIBYTE,
                (result.peak() - result.idle()) / MEBIBYTE,
                result.idleHeap() / MEBIBYTE,
                result.peakHeap() / MEBIBYTE));
  }

  private static long timed(Runnable work) {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1_000_000;
  }

  private static void remove(Path tree) throws IOException {
    try (var files = Files.walk(tree)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
