package dev.hcp.controller.backup;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hcp.controller.etcd.EtcdClients;
import dev.hcp.controller.etcd.KeyCounts;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.store.S3Store;
import dev.hcp.controller.telemetry.ControllerMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;

/**
 * Backups in a process of their own, as the controller makes them, with what they cost in time and
 * memory. The first is not measured: it loads classes, which a controller has done long before.
 */
final class MeasuredBackup {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LONGEST = Duration.ofMinutes(20);
  private static final Duration SAMPLE = Duration.ofMillis(50);
  private static final String NAMESPACE = "clusters";
  private static final String NAME = "demo";

  private MeasuredBackup() {}

  /**
   * What to do.
   *
   * @param key by which the backup is encrypted, in base64; empty if it is not
   * @param small an etcd with next to nothing in it
   */
  record Task(Access large, Access small, Store store, String key) {}

  /** How an etcd with one member is reached. */
  record Access(
      String member, String host, int port, String authority, String certificate, String key) {
    static Access of(EtcdAccess access) {
      var member = access.members().getFirst();
      return new Access(
          member.member(),
          member.host(),
          member.port(),
          access.authorities(),
          access.certificate(),
          access.key());
    }

    EtcdAccess access() {
      return new EtcdAccess(
          List.of(new EtcdAccess.Endpoint(member, host, port, "https://localhost:1")),
          authority,
          certificate,
          key);
    }
  }

  /** How the store is reached. */
  record Store(String endpoint, String bucket, String accessKeyId, String secretAccessKey) {
    StoreAccess access() {
      return new StoreAccess(
          Optional.of(endpoint),
          "us-east-1",
          bucket,
          "prefix",
          accessKeyId,
          secretAccessKey,
          Optional.empty());
    }
  }

  /**
   * What came out.
   *
   * @param milliseconds that the backup took
   * @param idle bytes of memory that the process had before, as the system counts them
   * @param peak the most that it had meanwhile
   * @param idleHeap bytes of the heap that were in use before
   * @param peakHeap the most that were in use meanwhile, what is garbage included
   */
  record Result(long milliseconds, long idle, long peak, long idleHeap, long peakHeap) {}

  /** Reads the task from one file, and writes the result to another. */
  public static void main(String[] arguments) throws IOException {
    var task = JSON.readValue(Files.readString(Path.of(arguments[0])), Task.class);
    var result = measure(task);
    Files.writeString(Path.of(arguments[1]), JSON.writeValueAsString(result));
    System.exit(0);
  }

  private static Result measure(Task task) {
    try (var clients = new EtcdClients(EtcdClients.Deadlines.DEFAULT);
        var scheduler =
            new BackupScheduler(
                new EtcdSnapshots(clients, new KeyCounts(KeyCounts.DEFAULT_DEADLINE)),
                access -> S3Store.open(access, S3Store.Timing.DEFAULT),
                (_, _) -> {},
                new ControllerMetrics(new SimpleMeterRegistry()),
                new BackupScheduler.Timing(
                    LONGEST, Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ZERO),
                RandomGenerator.getDefault(),
                InstantSource.system());
        var sampler = Executors.newSingleThreadScheduledExecutor()) {
      make(scheduler, "small", task.small(), task);
      System.gc();
      long idle = memory();
      long idleHeap = heap();
      var peak = new AtomicLong(idle);
      var peakHeap = new AtomicLong(idleHeap);
      var _ =
          sampler.scheduleAtFixedRate(
              () -> {
                peak.accumulateAndGet(memory(), Math::max);
                peakHeap.accumulateAndGet(heap(), Math::max);
              },
              0,
              SAMPLE.toMillis(),
              TimeUnit.MILLISECONDS);
      long start = System.nanoTime();
      make(scheduler, NAME, task.large(), task);
      long milliseconds = (System.nanoTime() - start) / 1_000_000;
      return new Result(milliseconds, idle, peak.get(), idleHeap, peakHeap.get());
    }
  }

  private static void make(BackupScheduler scheduler, String name, Access etcd, Task task) {
    var request = Instant.now().toString();
    scheduler.keepUp(
        NAMESPACE,
        name,
        Orders.rarely(NAMESPACE, name, task.store().access(), etcd.access())
            .request(request)
            .encryptionKey(Optional.of(task.key()).filter(key -> !key.isEmpty()))
            .order(),
        BackupState.UNKNOWN);
    Awaitility.await(name)
        .atMost(LONGEST)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          var state = scheduler.last(NAMESPACE, name).orElseThrow();
          state
              .failure()
              .ifPresent(failure -> {
                throw new IllegalStateException(failure.message());
              });
          return state.request().equals(Optional.of(request));
        });
  }

  private static long memory() {
    return memory("self", "VmRSS:");
  }

  /** Bytes of memory of a process, as the system counts them; 0 if it has ended. */
  static long memory(String process, String which) {
    try {
      return Files.readAllLines(Path.of("/proc", process, "status")).stream()
          .filter(line -> line.startsWith(which))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      if (process.equals("self")) {
        throw new UncheckedIOException(e);
      }
      return 0;
    }
  }

  private static long heap() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
