package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.etcd.EtcdClients;
import dev.hcp.controller.etcd.KeyCounts;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.plan.DrillState;
import dev.hcp.controller.plan.DrillTarget;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.store.S3Store;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.DrillContainers;
import dev.hcp.controller.testing.EtcdProcesses;
import dev.hcp.controller.testing.S3Server;
import io.fabric8.kubernetes.api.model.Pod;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the pod of a restore drill does, with a real etcd, its tool, and a real S3 server. */
class RestoreDrillIT {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final String KEY =
      Base64.getEncoder()
          .encodeToString("01234567890123456789012345678901".getBytes(StandardCharsets.US_ASCII));

  @TempDir private Path folder;

  private final EtcdProcesses etcd = EtcdProcesses.start(1);
  private final S3Server server = S3Server.start();

  @BeforeEach
  void mountStore() throws IOException {
    Files.createDirectories(folder.resolve("store"));
    Files.createDirectories(folder.resolve("work"));
    for (var file : BackupFetch.files(server.access(), Optional.of(KEY)).entrySet()) {
      Files.write(
          folder.resolve("store").resolve(file.getKey()),
          Base64.getDecoder().decode(file.getValue()));
    }
  }

  @AfterEach
  void stop() {
    etcd.close();
    server.close();
  }

  @Test
  void aBackupIsRestoredAndHoldsWhatWasBackedUp() throws IOException {
    // More than the heap of a container has room for.
    var manifest = backUp(200, 500_000);
    assertThat(manifest.snapshot().keys()).isEqualTo(199);
    assertThat(manifest.encryption()).isNotNull();
    assertThat(manifest.size()).isGreaterThan(DrillContainers.HEAP_MEBIBYTES << 20);
    var pod = pod(manifest);
    try (var containers = containers()) {
      var fetch = containers.run(pod, "fetch");
      assertThat(fetch.status()).as("%s", fetch).isZero();
      var restore = containers.run(pod, "restore");
      assertThat(restore.status()).as("%s", restore).isZero();
      containers.start(pod, "etcd");
      var check = containers.run(pod, "check");
      assertThat(check.status()).as("%s", check).isZero();
      var report = RestoreReport.parse(check.message()).orElseThrow();
      assertThat(report.isSuccess()).isTrue();
      assertThat(report.keys()).isEqualTo(199);
      assertThat(report.revision()).isEqualTo(manifest.snapshot().revision());
      assertThat(report.message())
          .isEqualTo(
              "199 keys at revision %d, as many as were backed up"
                  .formatted(manifest.snapshot().revision()));

      // What was restored is another one than the manifest says.
      var altered = folder.resolve("work/manifest.json");
      var json = Files.readString(altered);
      Files.writeString(altered, json.replace("\"keys\":199", "\"keys\":200"));
      assertThat(RestoreReport.parse(containers.run(pod, "check").message()).orElseThrow())
          .returns("different", RestoreReport::result)
          .extracting(RestoreReport::message)
          .asString()
          .contains("has 199 keys", "had 200");
      Files.writeString(
          altered,
          json.replace("\"revision\":" + manifest.snapshot().revision(), "\"revision\":1000000"));
      assertThat(RestoreReport.parse(containers.run(pod, "check").message()).orElseThrow())
          .returns("different", RestoreReport::result);
      Files.writeString(altered, json.replace(",\"keys\":199", ""));
      assertThat(RestoreReport.parse(containers.run(pod, "check").message()).orElseThrow())
          .returns(true, RestoreReport::isSuccess)
          .extracting(RestoreReport::message)
          .asString()
          .contains("there is no number to compare them with");
    }
  }

  @Test
  void aBackupThatWasDamagedIsFoundBeforeItIsRestored() throws IOException {
    var manifest = backUp(3, 1_000);
    var object = server.file(manifest.object());
    var bytes = Files.readAllBytes(object);
    bytes[bytes.length / 2] ^= 1;
    Files.write(object, bytes);
    try (var containers = containers()) {
      var fetch = containers.run(pod(manifest), "fetch");
      assertThat(fetch.status()).isEqualTo(1);
      assertThat(RestoreReport.parse(fetch.message()).orElseThrow().result()).isEqualTo("damaged");
      assertThat(folder.resolve("work")).isEmptyDirectory();
    }
  }

  /** As on a file system of its own, which is not empty. */
  @Test
  void aBackupIsRestoredOnTheVolumeOfAMember() throws IOException {
    var manifest = backUp(20, 1_000);
    var pod = created(Scenario.named("restore").observation());
    Files.createDirectories(folder.resolve("volume/lost+found"));
    try (var containers = containers()) {
      for (var container : pod.getSpec().getInitContainers()) {
        var ended = containers.run(pod, container.getName());
        assertThat(ended.status()).as("%s: %s", container.getName(), ended).isZero();
      }
      assertThat(folder.resolve("volume"))
          .isDirectoryContaining("glob:**/member")
          .isDirectoryNotContaining("glob:**/restored");
      containers.start(pod, "etcd");
      var check = containers.run(pod, "check");
      assertThat(check.status()).as("%s", check).isZero();
      var report = RestoreReport.parse(check.message()).orElseThrow();
      assertThat(report.keys()).isEqualTo(19);
      assertThat(report.revision())
          .as("no revision is used twice")
          .isGreaterThanOrEqualTo(1_000_000_000 + manifest.snapshot().revision());

      var again = containers.run(pod, "place");
      assertThat(again.status()).isEqualTo(1);
      assertThat(again.message()).contains("has data already");
    }
  }

  private DrillContainers containers() {
    return new DrillContainers(
        folder,
        Map.of(
            "/etc/hcp/store", folder.resolve("store"),
            "/var/lib/restore-drill", folder.resolve("work"),
            "/var/lib/backup", folder.resolve("work"),
            "/var/lib/etcd", folder.resolve("volume")));
  }

  /** The pod as the controller would create it. */
  private static Pod pod(Manifest manifest) {
    var object = manifest.object();
    var name = object.substring(object.lastIndexOf('/') + 1).replace(".etcd", "");
    var observation =
        Scenario.named("restore-drill")
            .drilled(
                DrillState.UNKNOWN.with(
                    new DrillTarget(
                        name,
                        manifest.snapshot().size(),
                        Instant.parse("2026-01-04T03:00:00Z"),
                        Optional.empty())))
            .observation();
    return created(observation);
  }

  private static Pod created(Observation observation) {
    return Plan.of(observation).steps().stream()
        .flatMap(step -> step.actions().stream())
        .filter(Action.Create.class::isInstance)
        .map(action -> ((Action.Create) action).object())
        .filter(Pod.class::isInstance)
        .map(Pod.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private Manifest backUp(int keys, int bytes) throws IOException {
    etcd.put("key", keys, bytes);
    etcd.put("key", 1, 10);
    etcd.delete("key", 1);
    make();
    return manifest();
  }

  private void make() {
    try (var clients = new EtcdClients(EtcdClients.Deadlines.DEFAULT);
        var scheduler =
            new BackupScheduler(
                new EtcdSnapshots(clients, new KeyCounts(KeyCounts.DEFAULT_DEADLINE)),
                access -> S3Store.open(access, S3Store.Timing.DEFAULT),
                (_, _) -> {},
                new ControllerMetrics(new SimpleMeterRegistry()),
                new BackupScheduler.Timing(
                    LONG, Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ZERO),
                RandomGenerator.getDefault(),
                InstantSource.system())) {
      scheduler.keepUp(
          "clusters",
          "demo",
          Orders.rarely("clusters", "demo", server.access(), etcd.access())
              .request("now")
              .encryptionKey(Optional.of(KEY))
              .order(),
          BackupState.UNKNOWN);
      await()
          .atMost(LONG)
          .untilAsserted(() ->
              assertThat(scheduler.last("clusters", "demo").orElseThrow().request())
                  .contains("now"));
    }
  }

  private Manifest manifest() throws IOException {
    try (var files = Files.list(server.file("prefix/clusters/demo"))) {
      var file = files.filter(f -> f.toString().endsWith(".json")).findFirst().orElseThrow();
      return Manifest.parse(Files.readAllBytes(file)).orElseThrow();
    }
  }
}
