package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.capi.Cluster;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.plan.DrillTarget;
import dev.hcp.controller.scenario.Manifests;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the pods of restore drills come and go. */
final class DrillLifecycleTest {
  private static final String DRILL = "demo-restore-drill";
  private static final DrillTarget TARGET =
      new DrillTarget(
          "20260101T023000Z-3f9a2c1b",
          20_500_512,
          Instant.parse("2026-01-04T03:00:00Z"),
          Optional.of("now"));

  private static final String SUCCESS =
      """
      phase: Running
      initContainerStatuses:
      - name: fetch
        state: {terminated: {exitCode: 0, startedAt: "2026-01-04T03:00:05Z"}}
      - name: restore
        state: {terminated: {exitCode: 0}}
      containerStatuses:
      - name: check
        state: {terminated: {exitCode: 0, finishedAt: "2026-01-04T03:00:17Z", message: '{"result":"success","message":"120 keys","milliseconds":1}'}}
      """;

  private static final String FAILURE =
      """
      phase: Failed
      initContainerStatuses:
      - name: fetch
        state: {terminated: {exitCode: 1, message: '{"result":"damaged","message":"other bytes","milliseconds":1}'}}
      """;

  private final World world = World.settledSample();

  @BeforeEach
  void wantDrills() {
    world.putStore();
    world.spec("etcd: {backup: {schedule: '@daily', secret: {name: s3}, restoreDrill: {}}}");
    world.settle();
  }

  @Test
  void beforeTheFirstOneNothingIsThereButTheWay() {
    assertThat(pod()).isEmpty();
    assertThat(secret()).isEmpty();
    assertThat(world.cluster.get(NetworkPolicy.class, World.NAMESPACE, DRILL)).isPresent();
    var condition = world.condition(ConditionType.BACKUP_RESTORABLE);
    assertThat(condition.status()).isEqualTo("Unknown");
    assertThat(condition.message()).startsWith("There is no backup yet");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void aPodIsMadeLookedAtRecordedAndRemoved() {
    begin();
    assertThat(secret().orElseThrow().getData()).containsKeys("accessKeyID", "bucket", "host");
    assertThat(world.condition(ConditionType.BACKUP_RESTORABLE).message())
        .startsWith("Backup 20260101T023000Z-3f9a2c1b is being restored for a test");
    world.cluster.forgetRequests();
    world.pass();
    assertThat(world.cluster.requests()).as("while it runs").isEmpty();

    end(SUCCESS);
    world.settle();
    assertThat(pod()).isEmpty();
    assertThat(secret()).isEmpty();
    var condition = world.condition(ConditionType.BACKUP_RESTORABLE);
    assertThat(condition.status()).isEqualTo("True");
    assertThat(condition.message())
        .startsWith(
            "Backup 20260101T023000Z-3f9a2c1b was restored within 12s at 2026-01-04T03:00:00Z: 120"
                + " keys");
    var status = world.object().getStatus().etcdRestoreDrill();
    assertThat(status.lastTime()).isEqualTo("2026-01-04T03:00:00Z");
    assertThat(status.lastSuccessTime()).isEqualTo("2026-01-04T03:00:00Z");
    assertThat(status.backup()).isEqualTo("20260101T023000Z-3f9a2c1b");
    assertThat(status.duration()).isEqualTo("12s");
    assertThat(status.request()).isEqualTo("now");
    assertThat(status.nextTime()).isNotNull();

    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("after a start of the controller").isEmpty();
  }

  @Test
  void aFailureIsAWarningAndHarmsNothingElse() {
    begin();
    end(FAILURE);
    world.settle();
    assertThat(pod()).isEmpty();
    var condition = world.condition(ConditionType.BACKUP_RESTORABLE);
    assertThat(condition.status()).isEqualTo("False");
    assertThat(condition.reason()).isEqualTo("BackupDamaged");
    assertThat(condition.message()).startsWith("other bytes");
    assertThat(world.cluster.events())
        .anyMatch(event ->
            event.startsWith(
                "WARNING BackupDamaged BackupRestorable: BackupRestorable is False: other bytes"));
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.object().getStatus().etcdRestoreDrill().lastSuccessTime()).isNull();
    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("after a start of the controller").isEmpty();
    assertThat(world.condition(ConditionType.BACKUP_RESTORABLE).reason())
        .isEqualTo("BackupDamaged");
  }

  /** Whoever is killed leaves a pod, which is nobody's until somebody starts. */
  @Test
  void aPodThatWasLeftIsGoneOnWith() {
    begin();
    var uid = pod().orElseThrow().getMetadata().getUid();
    world.restart();
    world.settle();
    assertThat(pod().orElseThrow().getMetadata().getUid()).isEqualTo(uid);
    world.restart();
    end(SUCCESS);
    world.settle();
    assertThat(world.condition(ConditionType.BACKUP_RESTORABLE).status()).isEqualTo("True");
    assertThat(pod()).isEmpty();
  }

  @Test
  void aPodIsNotRemovedBeforeItsEndIsRecorded() {
    begin();
    end(SUCCESS);
    world.pass();
    world.restart();
    assertThat(pod()).isPresent();
    world.settle();
    assertThat(world.condition(ConditionType.BACKUP_RESTORABLE).status()).isEqualTo("True");
    assertThat(world.object().getStatus().etcdRestoreDrill().request()).isEqualTo("now");
    assertThat(pod()).isEmpty();
  }

  @Test
  void aPodThatSomebodyRemovedIsMadeAnew() {
    begin();
    world.cluster.remove(pod().orElseThrow());
    world.settle();
    assertThat(pod()).isPresent();
  }

  @Test
  void aPodOfAnotherDrillIsReplaced() {
    begin();
    var later =
        new DrillTarget(
            "20260102T023000Z-00000000", 1, TARGET.begun().plusSeconds(60), Optional.empty());
    world.drills.begin(World.NAMESPACE, World.NAME, later);
    world.settle();
    assertThat(pod().orElseThrow().getMetadata().getAnnotations())
        .containsValue("20260102T023000Z-00000000");
  }

  @Test
  void whilePausedThereIsNone() {
    begin();
    world.cluster.edit(
        world.object(),
        object -> object.getMetadata().setAnnotations(Map.of(Cluster.PAUSED_ANNOTATION, "")));
    world.settle();
    assertThat(pod()).isEmpty();
    assertThat(secret()).isEmpty();
    assertThat(world.drills.last(World.NAMESPACE, World.NAME)).isEmpty();
    world.cluster.edit(world.object(), object -> object.getMetadata().setAnnotations(Map.of()));
    world.settle();
    assertThat(pod()).isEmpty();
  }

  @Test
  void whereNoneAreWantedAnyMoreNothingIsLeft() {
    begin();
    world.spec("etcd: {backup: {schedule: '@daily', secret: {name: s3}}}");
    world.settle();
    assertThat(pod()).isEmpty();
    assertThat(secret()).isEmpty();
    assertThat(world.cluster.get(NetworkPolicy.class, World.NAMESPACE, DRILL)).isEmpty();
    assertThat(world.drills.last(World.NAMESPACE, World.NAME)).isEmpty();
    assertThat(world.object().getStatus().conditions())
        .noneMatch(condition -> condition.type().equals("BackupRestorable"));
    assertThat(world.object().getStatus().etcdRestoreDrill()).isNull();
  }

  /** Nobody else would ever remove it, and the control plane waits for all pods. */
  @Test
  void itGoesWithTheControlPlane() {
    begin();
    world.delete();
    world.settle();
    assertThat(world.find()).isEmpty();
    assertThat(pod()).isEmpty();
    assertThat(world.cluster.generated()).isEmpty();
  }

  @Test
  void itPassesTheRestrictedLevel() {
    begin();
    var spec = pod().orElseThrow().getSpec();
    assertThat(RestrictedLevel.violations(spec)).isEmpty();
    assertThat(spec.getAutomountServiceAccountToken()).isFalse();
  }

  private void begin() {
    world.backups.know(
        World.NAMESPACE,
        World.NAME,
        new BackupState(
            true,
            true,
            Optional.of(Instant.parse("2026-01-01T02:30:00Z")),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
    world.drills.begin(World.NAMESPACE, World.NAME, TARGET);
    world.settle();
    assertThat(pod()).isPresent();
  }

  private void end(String status) {
    world.cluster.edit(
        pod().orElseThrow(),
        pod -> pod.setStatus(Manifests.fromMap(Manifests.map(status), PodStatus.class)));
    world.cluster.catchUp();
  }

  private Optional<Pod> pod() {
    return world.cluster.get(Pod.class, World.NAMESPACE, DRILL);
  }

  private Optional<Secret> secret() {
    return world.cluster.get(Secret.class, World.NAMESPACE, DRILL);
  }
}
