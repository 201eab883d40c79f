package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.Digest;
import dev.hcp.e2e.store.SourceTree;
import dev.hcp.e2e.tools.Toolbox;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Backups of a running control plane in a real S3 server. */
@Order(36)
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
final class BackupToStoreIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SECRET = "backups";
  private static final String LEAVING = "leaving";
  private static final int LEAVING_RANGE = 134;
  private static final Duration CREATION_DEADLINE = Duration.ofMinutes(4);
  private static final Duration DELETION_DEADLINE = Duration.ofMinutes(3);
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  /** After a failure it is tried again after a minute. */
  private static final Duration RETRY_DEADLINE = Duration.ofMinutes(4);

  /** False at rest, or about backups. */
  private static final Set<ConditionType> NOT_SUFFERING =
      EnumSet.of(
          ConditionType.BACKUP,
          ConditionType.ROLLING_OUT,
          ConditionType.SCALING_UP,
          ConditionType.SCALING_DOWN,
          ConditionType.PAUSED,
          ConditionType.DELETING);

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster demo;
  private final S3Server store;

  BackupToStoreIT(Bed bed, KubernetesClient management, HostedCluster demo) {
    this.bed = bed;
    this.management = management;
    this.demo = demo;
    this.store = S3Server.start(bed.network().host());
  }

  @AfterEach
  void withoutBackups() {
    patch("spec: {etcd: {backup: null}}");
    management.secrets().inNamespace(demo.namespace()).withName(SECRET).delete();
    store.close();
    await("nothing is said of backups any more")
        .atMost(DEADLINE)
        .until(() -> demo.condition(ConditionType.BACKUP).isEmpty() && demo.isReady());
  }

  @Test
  void backupsAreMadeOnRequestAndAStoreThatIsGoneHarmsNothingElse(@TempDir Path restored)
      throws IOException {
    createSecret();
    patch("spec: {etcd: {backup: {schedule: '@daily', secret: {name: %s}}}}".formatted(SECRET));
    request("first");
    awaitBackup("first", DEADLINE);
    assertThat(demo.condition(ConditionType.BACKUP).orElseThrow().status()).isEqualTo("True");
    var manifests = store.objects(".json");
    assertThat(manifests).hasSize(1);
    var manifest = JSON.readTree(Files.readString(manifests.getFirst()));
    assertThat(manifest.path("cluster").asText()).isEqualTo(demo.name());
    var snapshot = store.object(manifest.path("object").asText());
    assertThat(Digest.sha256(snapshot)).isEqualTo(manifest.path("sha256").asText());
    assertThat(status(snapshot).path("revision").asLong())
        .isGreaterThanOrEqualTo(manifest.at("/snapshot/revision").asLong());
    etcdutl("snapshot", "restore", snapshot.toString())
        .with("--data-dir", restored.resolve("data").toString())
        .check();

    try (var requests = new SteadyRequests(demo.endpoint().orElseThrow());
        var recorder = new ConditionRecorder(management, demo)) {
      store.stop();
      request("second");
      awaitMissed("cannot be connected to");
      store.resume();
      awaitBackup("second", RETRY_DEADLINE);
      assertThat(store.objects(".json")).hasSize(2);
      assertNothingElseSuffered(requests, recorder);
    }
  }

  /** It takes connections, and says nothing: worse than none at all for whoever waits for it. */
  @Test
  void aStoreThatHangsHarmsNothingElse() {
    createSecret();
    patch("spec: {etcd: {backup: {schedule: '@daily', secret: {name: %s}}}}".formatted(SECRET));
    request("before");
    awaitBackup("before", DEADLINE);
    try (var requests = new SteadyRequests(demo.endpoint().orElseThrow());
        var recorder = new ConditionRecorder(management, demo)) {
      store.signal("STOP");
      try {
        request("hanging");
        patch("spec: {etcd: {backup: {timeZone: Europe/Berlin}}}");
        await("what is wanted meanwhile is looked at meanwhile")
            .atMost(DEADLINE)
            .until(() ->
                demo.controlPlane()
                    .map(object ->
                        object
                            .getMetadata()
                            .getGeneration()
                            .equals(object.getStatus().observedGeneration()))
                    .orElse(false));
        assertThat(demo.controlPlane().orElseThrow().getStatus().etcdLastBackupRequest())
            .as("while it hangs")
            .isEqualTo("before");
        awaitMissed("did not answer in time");
      } finally {
        store.signal("CONT");
      }
      awaitBackup("hanging", RETRY_DEADLINE);
      assertThat(store.objects(".json")).hasSize(2);
      assertNothingElseSuffered(requests, recorder);
    }
  }

  private void awaitMissed(String why) {
    await("the store is missed")
        .atMost(RETRY_DEADLINE)
        .untilAsserted(() ->
            assertThat(demo.condition(ConditionType.BACKUP))
                .hasValueSatisfying(condition -> {
                  assertThat(condition.reason()).isEqualTo(Reason.STORE_UNREACHABLE.value());
                  assertThat(condition.message()).contains(why, "it is tried again at");
                }));
    await("an event says so")
        .atMost(DEADLINE)
        .until(() ->
            management
                .events()
                .v1()
                .events()
                .inNamespace(demo.namespace())
                .list()
                .getItems()
                .stream()
                .filter(event -> Reason.STORE_UNREACHABLE.value().equals(event.getReason()))
                .anyMatch(event -> event.getNote().contains(why)));
    assertThat(demo.isReady()).as("everything else: %s", demo.summary()).isTrue();
    assertThat(demo.answers()).isTrue();
  }

  private static void assertNothingElseSuffered(
      SteadyRequests requests, ConditionRecorder recorder) {
    for (var type : ConditionType.values()) {
      if (!NOT_SUFFERING.contains(type)) {
        assertThat(recorder.history(type))
            .as(type.value())
            .noneMatch(state ->
                state.startsWith("False")
                    && !state.startsWith("False " + Reason.WAITING_FOR_NODES.value()));
      }
    }
    assertThat(requests.requests()).isPositive();
    assertThat(requests.failures()).isEmpty();
  }

  @Test
  void aBackupIsRestoredForATestAndOneThatIsDamagedIsFound() throws IOException {
    createSecret();
    patch(
        "spec: {etcd: {backup: {schedule: '@daily', secret: {name: %s}, restoreDrill: {}}}}"
            .formatted(SECRET));
    request("for the drill");
    awaitBackup("for the drill", DEADLINE);

    drill("intact");
    awaitDrill("intact");
    var restorable = demo.condition(ConditionType.BACKUP_RESTORABLE).orElseThrow();
    assertThat(restorable.status()).as("%s", restorable).isEqualTo("True");
    assertThat(restorable.message()).contains("as many as were backed up");
    var status = demo.controlPlane().orElseThrow().getStatus().etcdRestoreDrill();
    assertThat(status.lastSuccessTime()).isEqualTo(status.lastTime());
    assertThat(status.duration()).matches("[0-9]+s");

    var object = store.objects(".etcd").getLast();
    var bytes = Files.readAllBytes(object);
    bytes[bytes.length / 2] ^= 1;
    Files.write(object, bytes);
    drill("damaged");
    awaitDrill("damaged");
    var damaged = demo.condition(ConditionType.BACKUP_RESTORABLE).orElseThrow();
    assertThat(damaged.status()).as("%s", damaged).isEqualTo("False");
    assertThat(damaged.reason()).isEqualTo(Reason.BACKUP_DAMAGED.value());
    assertThat(demo.isReady()).as("everything else: %s", demo.summary()).isTrue();
    await("nothing is left of the drills")
        .atMost(DEADLINE)
        .until(() ->
            management
                .pods()
                .inNamespace(demo.namespace())
                .withLabel(Labels.COMPONENT, Component.RESTORE_DRILL.label())
                .list()
                .getItems()
                .isEmpty());
  }

  /** What was written last is in the store when everything else is gone. */
  @Test
  void aControlPlaneThatIsDeletedLeavesAFinalSnapshot(@TempDir Path restored) throws IOException {
    Manifests.createRestrictedNamespace(bed, LEAVING);
    var leaving = new HostedCluster(bed, management, LEAVING, LEAVING);
    createSecret(LEAVING);
    Manifests.apply(
        bed,
        Manifests.small(LEAVING, LEAVING_RANGE)
            .replace(
                "etcd: {replicas: 1}",
                "etcd: {replicas: 1, backup: {schedule: '@monthly', secret: {name: %s},"
                        .formatted(SECRET)
                    + " finalSnapshot: OnDeletion}}"));
    HostedClustersExtension.awaitReady(leaving, CREATION_DEADLINE);

    store.stop();
    leaving.delete();
    await("the deletion says what it waits for")
        .atMost(DELETION_DEADLINE)
        .until(() ->
            leaving
                .condition(ConditionType.DELETING)
                .filter(
                    condition -> condition.reason().equals(Reason.FINAL_SNAPSHOT_FAILED.value()))
                .isPresent());
    assertThat(leaving.pods())
        .as("nobody writes any more, and etcd stays")
        .allSatisfy(pod ->
            assertThat(pod.getMetadata().getLabels())
                .containsEntry(Labels.COMPONENT, Component.ETCD.label()))
        .isNotEmpty();

    store.resume();
    await("the control plane is gone")
        .atMost(RETRY_DEADLINE)
        .until(() -> leaving.controlPlane().isEmpty());
    var manifests = store.objects("-final.json");
    assertThat(manifests).hasSize(1);
    var manifest = JSON.readTree(Files.readString(manifests.getFirst()));
    assertThat(manifest.path("cluster").asText()).isEqualTo(LEAVING);
    assertThat(manifest.path("finalOf").asText()).isNotEmpty();
    var snapshot = store.object(manifest.path("object").asText());
    assertThat(Digest.sha256(snapshot)).isEqualTo(manifest.path("sha256").asText());
    etcdutl("snapshot", "restore", snapshot.toString())
        .with("--data-dir", restored.resolve("data").toString())
        .check();
    management.namespaces().withName(LEAVING).delete();
  }

  private void drill(String value) {
    bed.kubectl("annotate", "hcp", demo.name(), "--namespace", demo.namespace(), "--overwrite")
        .with("%s=%s".formatted(Labels.RESTORE_DRILL_ANNOTATION, value))
        .check();
  }

  private void awaitDrill(String request) {
    await("drill %s has ended".formatted(request))
        .atMost(DEADLINE)
        .untilAsserted(() ->
            assertThat(demo.controlPlane().orElseThrow().getStatus().etcdRestoreDrill())
                .as("%s", demo.condition(ConditionType.BACKUP_RESTORABLE))
                .returns(request, status -> status == null ? null : status.request()));
  }

  private void createSecret() {
    createSecret(demo.namespace());
  }

  private void createSecret(String namespace) {
    management.resource(store.secret(namespace, SECRET)).serverSideApply();
  }

  private void patch(String patch) {
    bed.kubectl("patch", "hcp", demo.name(), "--namespace", demo.namespace())
        .with("--type=merge", "--patch", patch)
        .check();
  }

  private void request(String value) {
    bed.kubectl("annotate", "hcp", demo.name(), "--namespace", demo.namespace(), "--overwrite")
        .with("%s=%s".formatted(Labels.BACKUP_ANNOTATION, value))
        .check();
  }

  private void awaitBackup(String request, Duration deadline) {
    await("backup %s is made".formatted(request))
        .atMost(deadline)
        .untilAsserted(() ->
            assertThat(demo.controlPlane().orElseThrow().getStatus().etcdLastBackupRequest())
                .as("%s", demo.condition(ConditionType.BACKUP))
                .isEqualTo(request));
  }

  private static JsonNode status(Path snapshot) throws IOException {
    return JSON.readTree(
        etcdutl("snapshot", "status", snapshot.toString(), "--write-out=json").output());
  }

  private static Command etcdutl(String... arguments) {
    return Command.of(
            Toolbox.command(
                    "etcdutl",
                    SourceTree.locate(System.getenv()),
                    Cache.locate(System.getenv()),
                    Progress.onStandardError())
                .toString())
        .with(arguments);
  }
}
