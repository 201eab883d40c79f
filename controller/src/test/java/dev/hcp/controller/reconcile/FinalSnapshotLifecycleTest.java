package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.capi.Cluster;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.memory.Crash;
import dev.hcp.controller.memory.Disturbance.Moment;
import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** etcd is not removed before its last backup is made. */
final class FinalSnapshotLifecycleTest {
  private static final String OBJECT = "clusters/demo/20260101T000000Z-00000001-final.etcd";
  private static final Instant AGAIN = Instant.parse("2026-01-01T00:01:00Z");

  /** Names of the final snapshots that the store has, which outlives every controller. */
  private final List<String> stored = new ArrayList<>();

  private World world = World.settledSample();

  @BeforeEach
  void wantFinalSnapshot() {
    prepare();
  }

  private void prepare() {
    world.putStore();
    world.spec(
        "etcd: {backup: {schedule: '@daily', secret: {name: s3}, finalSnapshot: OnDeletion}}");
    world.settle();
  }

  @Test
  void firstNobodyCanWriteThenTheSnapshotIsMadeThenEtcdGoes() {
    var uid = world.object().getMetadata().getUid();
    assertThat(order().orElseThrow().finalOf()).as("while it lives").isEmpty();
    world.delete();
    while (order().filter(order -> order.finalOf().isPresent()).isEmpty()) {
      assertThat(world.cluster.get(StatefulSet.class, World.NAMESPACE, "demo-etcd")).isPresent();
      assertThat(world.round()).as("something happens").isTrue();
    }
    assertThat(world.cluster.all(Deployment.class)).isEmpty();
    assertThat(world.cluster.all(Pod.class))
        .hasSize(3)
        .allMatch(pod ->
            Component.ETCD.label().equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)));
    assertThat(order().orElseThrow().finalOf()).contains(uid);
    world.settle();
    assertEtcdIsUntouched();
    assertThat(world.condition(ConditionType.DELETING))
        .returns("True", condition -> condition.status())
        .returns("FinalSnapshotPending", condition -> condition.reason())
        .returns(
            "The API servers are stopped, and a final snapshot of etcd is being taken",
            condition -> condition.message());
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("False");
    world.cluster.forgetRequests();
    world.pass();
    assertThat(world.cluster.requests()).as("while it waits").isEmpty();

    know(Optional.of(new BackupState.FinalBackup(uid, OBJECT)), Optional.empty());
    world.pass();
    assertThat(world.object().getMetadata().getAnnotations())
        .containsEntry(Labels.FINAL_SNAPSHOT_ANNOTATION, uid + " " + OBJECT);
    assertThat(world.cluster.get(StatefulSet.class, World.NAMESPACE, "demo-etcd")).isPresent();
    assertThat(world.backups.order(World.NAMESPACE, World.NAME)).isEmpty();
    world.settle();
    assertThat(world.find()).isEmpty();
    assertThat(world.cluster.generated()).isEmpty();
    assertThat(world.cluster.events())
        .containsOnlyOnce(
            "NORMAL FinalSnapshotTaken Delete: The final snapshot of etcd is %s; etcd is removed now"
                .formatted(OBJECT))
        .noneMatch(event -> event.contains("FinalSnapshotMissing"));
  }

  /** A predecessor of the same name may have left one, and its annotation may have been copied. */
  @Test
  void thatOfAnotherControlPlaneDoesNotCount() {
    annotate(Labels.FINAL_SNAPSHOT_ANNOTATION, "another-uid " + OBJECT);
    world.delete();
    world.settle();
    know(Optional.of(new BackupState.FinalBackup("another-uid", OBJECT)), Optional.empty());
    world.settle();
    assertEtcdIsUntouched();
    assertThat(world.condition(ConditionType.DELETING).reason()).isEqualTo("FinalSnapshotPending");
  }

  @Test
  void aFailureIsSaidAndTheDeletionWaitsUntilItIsGivenUp() {
    world.delete();
    world.settle();
    know(
        Optional.empty(),
        Optional.of(new BackupState.Failure(Reason.STORE_FULL, "the store has no room", AGAIN)));
    world.settle();
    var deleting = world.condition(ConditionType.DELETING);
    assertThat(deleting.reason()).isEqualTo("FinalSnapshotFailed");
    assertThat(deleting.message())
        .isEqualTo(
            "No final snapshot of etcd could be taken: the store has no room; it is tried again at"
                + " 2026-01-01T00:01:00Z; etcd stays until then; to delete it without a final"
                + " snapshot, annotate the HostedControlPlane with"
                + " controlplane.cluster.x-k8s.io/skip-final-snapshot=true");
    assertThat(world.cluster.events().getLast())
        .startsWith("WARNING FinalSnapshotFailed Deleting: Deleting is True: No final snapshot");
    assertEtcdIsUntouched();

    annotate(Labels.SKIP_FINAL_SNAPSHOT_ANNOTATION, "perhaps");
    world.settle();
    assertEtcdIsUntouched();
    annotate(Labels.SKIP_FINAL_SNAPSHOT_ANNOTATION, "true");
    world.settle();
    assertThat(world.find()).isEmpty();
    assertThat(world.cluster.generated()).isEmpty();
    assertThat(world.cluster.events())
        .containsOnlyOnce(
            "WARNING FinalSnapshotMissing Delete: There is no final snapshot of etcd: annotation"
                + " controlplane.cluster.x-k8s.io/skip-final-snapshot gave it up");
  }

  @Test
  void whatIsWrongWithTheSecretIsSaidToo() {
    world.cluster.remove(world.get(Secret.class, "s3"));
    world.cluster.catchUp();
    world.delete();
    world.settle();
    assertThat(world.condition(ConditionType.DELETING).reason()).isEqualTo("FinalSnapshotFailed");
    assertThat(world.condition(ConditionType.DELETING).message())
        .contains("Secret s3, which backups need, does not exist");
    assertEtcdIsUntouched();
  }

  /** The Cluster is only a name by then. */
  @Test
  void aClusterThatIsGoneAndAPauseHoldUpNothing() {
    world.cluster.remove(world.get(Cluster.class, World.NAME));
    annotate(Cluster.PAUSED_ANNOTATION, "");
    world.delete();
    settleWithStore();
    assertThat(world.find()).isEmpty();
    assertThat(stored).hasSize(1);
  }

  /** As when the namespace goes, and with it all that could be backed up. */
  @Test
  void whereNothingOfEtcdIsLeftNobodyWaits() {
    world.delete();
    world.settle();
    world.cluster.remove(world.get(StatefulSet.class, "demo-etcd"));
    world.cluster.all(PersistentVolumeClaim.class).forEach(world.cluster::remove);
    world.cluster.all(Pod.class).forEach(world.cluster::remove);
    world.cluster.catchUp();
    world.settle();
    assertThat(world.find()).isEmpty();
    assertThat(world.cluster.events())
        .containsOnlyOnce(
            "WARNING FinalSnapshotMissing Delete: There is no final snapshot of etcd: somebody else"
                + " removed etcd before it was made");
  }

  @Test
  void whatHasNeverServedGoesWithout() {
    for (int rounds = 0; rounds < 3; rounds++) {
      world = World.sample();
      for (int i = 0; i < rounds; i++) {
        world.round();
      }
      world.spec(
          "etcd: {backup: {schedule: '@daily', secret: {name: s3}, finalSnapshot: OnDeletion}}");
      assertThat(world.cluster.get(ConfigMap.class, World.NAMESPACE, "demo-etcd-identity"))
          .isEmpty();
      world.delete();
      world.settle();
      assertThat(world.find()).as("after %d rounds", rounds).isEmpty();
      assertThat(world.cluster.events()).noneMatch(event -> event.contains("FinalSnapshot"));
    }
  }

  @Test
  void deletionThatCrashesAnywhereMakesOneSnapshotBeforeEtcdGoes() {
    world.delete();
    world.cluster.forgetRequests();
    settleWithStore();
    int requests = world.cluster.requests().size();
    assertThat(stored).hasSize(1);
    for (int k = 1; k <= requests; k++) {
      for (var moment : Moment.values()) {
        for (boolean crash : List.of(true, false)) {
          stored.clear();
          world = World.settledSample();
          prepare();
          int number = k;
          var count = new int[1];
          world.delete();
          world.cluster.disturb((request, when) -> {
            if (request.verb().equals("delete") && request.object().startsWith("StatefulSet")) {
              assertThat(stored).as("before etcd goes").hasSize(1);
            }
            if (when == moment && ++count[0] == number) {
              if (crash) {
                throw new Crash(request);
              }
              throw new KubernetesClientException(request + ": no answer in time");
            }
          });
          settleWithStore();
          assertThat(world.find()).as("%s request %d", moment, k).isEmpty();
          assertThat(world.cluster.generated()).as("%s request %d", moment, k).isEmpty();
          assertThat(stored).as("%s request %d", moment, k).hasSize(1);
        }
      }
    }
  }

  /** What keeps backups does what it is told, one move a round: it looks, and then it makes one. */
  private void settleWithStore() {
    boolean looked = false;
    for (int round = 0; round < 200; round++) {
      boolean changing = world.round();
      if (world.find().isEmpty()) {
        return;
      }
      var wanted = order().flatMap(BackupOrder::finalOf);
      if (wanted.isPresent()) {
        if (stored.isEmpty() && looked) {
          stored.add(OBJECT);
        }
        looked = true;
        know(
            stored.stream()
                .map(object -> new BackupState.FinalBackup(wanted.get(), object))
                .findFirst(),
            Optional.empty());
      } else if (!changing) {
        throw new AssertionError("Nothing happens any more: " + world.object().getStatus());
      }
    }
    throw new AssertionError("Still there: " + world.object().getStatus());
  }

  private void assertEtcdIsUntouched() {
    var set = world.get(StatefulSet.class, "demo-etcd");
    assertThat(set.getMetadata().getDeletionTimestamp()).isNull();
    assertThat(world.cluster.all(PersistentVolumeClaim.class)).hasSize(3);
    assertThat(world.cluster.get(Secret.class, World.NAMESPACE, "demo-etcd-server")).isPresent();
    assertThat(world.cluster.get(PodDisruptionBudget.class, World.NAMESPACE, "demo-etcd"))
        .isPresent();
  }

  private Optional<BackupOrder> order() {
    return world.backups.order(World.NAMESPACE, World.NAME);
  }

  private void know(
      Optional<BackupState.FinalBackup> finished, Optional<BackupState.Failure> failure) {
    world.backups.know(
        World.NAMESPACE,
        World.NAME,
        new BackupState(
            true, true, Optional.empty(), Optional.empty(), failure, Optional.empty(), finished));
  }

  private void annotate(String key, String value) {
    world.cluster.edit(
        world.object(), object -> object.getMetadata().setAnnotations(Map.of(key, value)));
    world.cluster.catchUp();
  }
}
