package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.v1alpha1.ObjectLockMode;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.etcd.EtcdClients;
import dev.hcp.controller.etcd.KeyCounts;
import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.store.S3Store;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.EtcdProcesses;
import dev.hcp.controller.testing.S3Server;
import dev.hcp.controller.testing.S3StandIn;
import dev.hcp.controller.testing.SnapshotFiles;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Backups of a real etcd with TLS, looked at by etcd's own tool. */
class BackupIT {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final String NAMESPACE = "clusters";
  private static final String NAME = "demo";
  private static final String FIRST = "demo-etcd-0";

  @TempDir private Path folder;

  private final EtcdClients clients = new EtcdClients(EtcdClients.Deadlines.DEFAULT);
  private final BackupScheduler scheduler =
      new BackupScheduler(
          new EtcdSnapshots(clients, new KeyCounts(KeyCounts.DEFAULT_DEADLINE)),
          access -> S3Store.open(access, S3Store.Timing.DEFAULT),
          (_, _) -> {},
          new ControllerMetrics(new SimpleMeterRegistry()),
          new BackupScheduler.Timing(
              LONG, Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ZERO),
          RandomGenerator.getDefault(),
          InstantSource.system());

  @AfterEach
  void stop() {
    scheduler.close();
    clients.close();
  }

  @Test
  void aBackupHoldsEverythingAndCanBeRestored() throws IOException {
    try (var etcd = EtcdProcesses.start(1);
        var server = S3Server.start()) {
      // More than one part.
      etcd.put("key", 120, 100_000);
      var revision = clients.of(NAMESPACE, NAME, etcd.access()).status(FIRST).revision();
      request(etcd, server.access(), "first");
      await().atMost(LONG).untilAsserted(() -> assertThat(state().request()).contains("first"));
      var manifest = newest(server);
      assertThat(manifest.snapshot().revision()).isEqualTo(revision);
      assertThat(manifest.snapshot().size()).isGreaterThan(8 * 1024 * 1024);
      assertThat(manifest.snapshot().member()).isEqualTo(FIRST);
      assertThat(manifest.snapshot().clusterId()).isNotEmpty();
      assertThat(manifest.snapshot().keys()).isEqualTo(120);

      var snapshot = server.file(manifest.object());
      assertThat(Files.size(snapshot)).isEqualTo(manifest.size());
      var content = SnapshotFiles.content(snapshot);
      assertThat(content.revision()).isEqualTo(revision);
      assertThat(content.keys()).isEqualTo(120);
      SnapshotFiles.restore(snapshot, folder.resolve("restored"));
      assertThat(folder.resolve("restored/member/snap/db")).isNotEmptyFile();
    }
  }

  @Test
  void theLastBackupOfAControlPlaneIsReadBackLockedAndCanBeRestored() throws IOException {
    try (var etcd = EtcdProcesses.start(1);
        var server = S3Server.start()) {
      // More than one part.
      etcd.put("key", 120, 100_000);
      var store = server.withLocks();
      scheduler.keepUp(
          NAMESPACE,
          NAME,
          Orders.rarely(NAMESPACE, NAME, store, etcd.access())
              .finalOf("uid")
              .lock(new BackupOrder.Lock(ObjectLockMode.COMPLIANCE, 1))
              .order(),
          BackupState.UNKNOWN);
      await().atMost(LONG).untilAsserted(() -> assertThat(state().finished()).isPresent());
      var manifest = newest(server, S3Server.LOCKING_BUCKET);
      assertThat(manifest.finalOf()).isEqualTo("uid");
      assertThat(manifest.object()).endsWith("-final.etcd");
      assertThat(manifest.lockedUntil()).isNotNull();
      assertThat(
              SnapshotFiles.content(server.file(S3Server.LOCKING_BUCKET, manifest.object())).keys())
          .isEqualTo(120);
      SnapshotFiles.restore(
          server.file(S3Server.LOCKING_BUCKET, manifest.object()), folder.resolve("restored"));
      assertThat(folder.resolve("restored/member/snap/db")).isNotEmptyFile();
      try (var client = server.client()) {
        for (var object : List.of(manifest.object(), manifest.object().replace(".etcd", ".json"))) {
          assertThatThrownBy(() ->
                  client.deleteObject(
                      request -> request.bucket(S3Server.LOCKING_BUCKET).key(object)))
              .as("deleting %s", object)
              .isInstanceOf(S3Exception.class);
        }
      }
    }
  }

  /** Whoever needs a backup needs it most when members are gone. */
  @Test
  void aBackupIsMadeAsLongAsAnyMemberLives() {
    try (var etcd = EtcdProcesses.start(3);
        var server = S3StandIn.plain()) {
      etcd.put("key", 10, 100);
      var client = clients.of(NAMESPACE, NAME, etcd.access());
      var leader =
          client.members().stream()
              .filter(member -> client.status(member).leads())
              .findFirst()
              .orElseThrow();
      request(etcd, server.access(), "all live");
      awaitRequest("all live");
      assertThat(members(server)).hasSize(1).doesNotContain(leader);

      var survivor =
          client.members().stream().filter(m -> !m.equals(leader)).findFirst().orElseThrow();
      client.members().stream().filter(m -> !m.equals(survivor)).forEach(etcd::kill);
      request(etcd, server.access(), "one lives");
      awaitRequest("one lives");
      assertThat(members(server)).hasSize(2).contains(survivor);

      etcd.kill(survivor);
      request(etcd, server.access(), "none lives");
      await()
          .atMost(LONG)
          .untilAsserted(() ->
              assertThat(state().failure())
                  .hasValueSatisfying(failure -> {
                    assertThat(failure.reason()).isEqualTo(Reason.SNAPSHOT_NOT_TAKEN);
                    assertThat(failure.message())
                        .startsWith("no member of etcd can give a snapshot: member ");
                  }));
      assertThat(server.unfinishedUploads()).isZero();

      client.members().forEach(etcd::restart);
      awaitRequest("none lives");
      assertThat(state().failure()).isEmpty();
    }
  }

  @Test
  void aMemberThatStandsStillKeepsNobodyWaiting() {
    try (var etcd = EtcdProcesses.start(1);
        var server = S3StandIn.plain()) {
      etcd.put("key", 10, 100);
      etcd.signal(FIRST, "STOP");
      try {
        request(etcd, server.access(), "stopped");
        await()
            .atMost(LONG)
            .untilAsserted(() ->
                assertThat(state().failure())
                    .hasValueSatisfying(
                        failure -> assertThat(failure.message()).contains("no answer within")));
      } finally {
        etcd.signal(FIRST, "CONT");
      }
      awaitRequest("stopped");
    }
  }

  private void awaitRequest(String request) {
    await().atMost(LONG).untilAsserted(() -> assertThat(state().request()).contains(request));
  }

  private BackupState state() {
    return scheduler.last(NAMESPACE, NAME).orElseThrow();
  }

  private void request(EtcdProcesses etcd, StoreAccess store, String request) {
    scheduler.keepUp(
        NAMESPACE,
        NAME,
        Orders.rarely(NAMESPACE, NAME, store, etcd.access()).request(request).order(),
        BackupState.UNKNOWN);
  }

  private static List<String> members(S3StandIn server) {
    return server.objects().entrySet().stream()
        .filter(object -> object.getKey().endsWith(".json"))
        .flatMap(object -> Manifest.parse(object.getValue()).stream())
        .map(manifest -> manifest.snapshot().member())
        .toList();
  }

  private static Manifest newest(S3Server server) throws IOException {
    return newest(server, S3Server.BUCKET);
  }

  private static Manifest newest(S3Server server, String bucket) throws IOException {
    try (var files = Files.list(server.file(bucket, "prefix/clusters/demo"))) {
      var file = files.filter(f -> f.toString().endsWith(".json")).sorted().toList().getLast();
      return Manifest.parse(Files.readAllBytes(file)).orElseThrow();
    }
  }
}
