package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What clusterctl may take away, and what becomes of that on the other side. */
final class MoveTest {
  private static final String SUCCESS =
      """
      phase: Running
      initContainerStatuses:
      - name: fetch
        state: {terminated: {exitCode: 0, startedAt: "2026-01-01T03:00:05Z", message: '{"result":"success","backup":"20260101T023000Z-3f9a2c1b","message":"it was fetched","milliseconds":1}'}}
      - name: restore
        state: {terminated: {exitCode: 0}}
      - name: place
        state: {terminated: {exitCode: 0}}
      containerStatuses:
      - name: check
        state: {terminated: {exitCode: 0, finishedAt: "2026-01-01T03:00:17Z", message: '{"result":"success","message":"120 keys","milliseconds":1}'}}
      """;

  private static final List<String> KEYS =
      List.of("demo-sa", "demo-root-keys", "demo-encryption", "demo-ca");

  private World world = World.settledSample();

  @Test
  void whatIsSettledCanBeMoved() {
    assertThat(hold()).isEmpty();
  }

  @Test
  void aRestorationIsNotCutInTwo() {
    world.putStore();
    restore();
    assertThat(holds()).containsExactly("a backup is being restored");
    endOfRestoration();
    assertThat(holds()).as("until it is over").containsExactly("a backup is being restored", "");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void neitherIsAChangeOfMembers() {
    world.spec(Map.of("etcd", Map.of("replicas", 5)));
    world.pass();
    assertThat(hold())
        .as("before the first is added")
        .contains("members of etcd are being added or removed");
    assertThat(holds()).containsExactly("members of etcd are being added or removed", "");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    world.spec(Map.of("etcd", Map.of("replicas", 3)));
    assertThat(holds()).containsExactly("members of etcd are being added or removed", "");
  }

  @Test
  void aBackupThatWasAskedForComesFirst() {
    world.putStore();
    annotate(Labels.BACKUP_ANNOTATION, "before-the-move");
    world.settle();
    assertThat(hold()).as("no backups are wanted").isEmpty();
    world.spec(
        Map.of(
            "etcd",
            Map.of("backup", Map.of("schedule", "@daily", "secret", Map.of("name", "s3")))));
    world.settle();
    assertThat(hold()).contains("a backup was asked for and is not made yet: before-the-move");
    annotate(Labels.BACKUP_ANNOTATION, "");
    world.settle();
    assertThat(hold()).isEmpty();
  }

  /** Nothing goes on then, so what was not begun never will be. */
  @Test
  void aRefusedSpecHoldsAMoveUpOnlyForWhatIsHalfDone() {
    world.putStore();
    world.spec(
        Map.of(
            "etcd",
            Map.of("backup", Map.of("schedule", "@daily", "secret", Map.of("name", "s3")))));
    annotate(Labels.BACKUP_ANNOTATION, "before-the-move");
    world.settle();
    assertThat(hold()).isPresent();
    var version = world.object().getSpec().version();
    world.spec(Map.of("version", "v1.29.0"));
    world.settle();
    assertThat(world.condition(ConditionType.READY).reason()).isEqualTo("InvalidSpec");
    assertThat(hold()).isEmpty();
    world.spec(Map.of("version", version));
    world.settle();
    assertThat(hold()).as("it is asked for again").isPresent();
    annotate(Labels.BACKUP_ANNOTATION, "");
    world.settle();

    restore();
    world.settle();
    assertThat(hold()).contains("a backup is being restored");
    world.spec(Map.of("version", "v1.29.0"));
    world.settle();
    assertThat(hold()).contains("a backup is being restored");
    assertThat(world.condition(ConditionType.READY))
        .returns("InvalidSpec", Condition::reason)
        .satisfies(ready ->
            assertThat(ready.message())
                .contains("v1.29.0")
                .endsWith("; clusterctl cannot move it: a backup is being restored"));
    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("always the same").isEmpty();
  }

  @Test
  void whoPausesIsToldWhyAMoveFails() {
    world.putStore();
    restore();
    world.settle();
    world.cluster.edit(
        world.get(Cluster.class, World.NAME),
        cluster -> {
          var map = Manifests.toMap(cluster);
          var spec = map(map.get("spec"));
          spec.put("paused", true);
          map.put("spec", spec);
          cluster.setSpec(Manifests.fromMap(map, Cluster.class).getSpec());
        });
    world.cluster.catchUp();
    world.settle();
    assertThat(world.condition(ConditionType.PAUSED).message())
        .contains("clusterctl cannot move it: a backup is being restored");
    assertThat(hold()).as("nothing is changed while it is paused").isPresent();
  }

  @Test
  void onTheOtherSideNothingIsFoundedAndABackupBringsTheSameCluster() {
    var keys = keys();
    world = moved(world);
    assertThat(world.object().getStatus()).as("clusterctl does not move it").isNull();
    world.settle();
    assertThat(keys()).as("nobody makes other keys").isEqualTo(keys);
    assertThat(world.condition(ConditionType.AVAILABLE).status()).isEqualTo("False");
    assertThat(world.condition(ConditionType.ETCD).status()).isEqualTo("False");
    assertThat(world.etcd.last(World.NAMESPACE, World.NAME).filter(etcd -> etcd.serves()))
        .as("an empty cluster in the place of the one that was there")
        .isEmpty();
    assertThat(world.get(ConfigMap.class, "demo-etcd-membership").getData())
        .containsEntry("members", "3")
        .containsEntry("initial-cluster-state", "existing");

    world.putStore();
    restore();
    world.settle();
    endOfRestoration();
    world.settle();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(keys()).isEqualTo(keys);
    assertThat(world.get(Deployment.class, "demo-api-server").getSpec().getReplicas()).isEqualTo(3);
    assertThat(hold()).isEmpty();
    assertThat(etcdPods()).containsExactly("demo-etcd-5", "demo-etcd-6", "demo-etcd-7");
    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).isEmpty();
  }

  /** Another management cluster, with what clusterctl creates there of what it finds here. */
  private static World moved(World from) {
    var to = World.sample();
    var here = from.object();
    to.cluster.remove(to.object());
    var object = Manifests.copy(here);
    object.setStatus(null);
    object.getMetadata().setUid(null);
    to.cluster.put(object);
    var there = to.object().getMetadata().getUid();
    assertThat(there).isNotEqualTo(here.getMetadata().getUid());
    for (var type : List.<Class<? extends HasMetadata>>of(Secret.class, ConfigMap.class)) {
      for (var found : from.cluster.all(type)) {
        var copy = Manifests.copy(found);
        var owners = copy.getMetadata().getOwnerReferences();
        if (owners.stream().anyMatch(o -> o.getUid().equals(here.getMetadata().getUid()))) {
          copy.getMetadata().setUid(null);
          owners.forEach(owner -> owner.setUid(there));
          to.cluster.put(copy);
        }
      }
    }
    to.cluster.catchUp();
    return to;
  }

  private Map<String, Map<String, String>> keys() {
    var keys = new TreeMap<String, Map<String, String>>();
    KEYS.forEach(name -> keys.put(name, world.get(Secret.class, name).getData()));
    return keys;
  }

  private Optional<String> hold() {
    return MoveHold.shown(world.object());
  }

  /** What clusterctl is told until nothing changes any more. */
  private List<String> holds() {
    var seen = new LinkedHashSet<String>();
    hold().ifPresent(seen::add);
    while (world.round()) {
      seen.add(hold().orElse(""));
    }
    return new ArrayList<>(seen);
  }

  private void restore() {
    var map = new LinkedHashMap<String, Object>();
    map.put("apiVersion", "controlplane.cluster.x-k8s.io/v1alpha1");
    map.put("kind", "HostedControlPlaneRestore");
    map.put("metadata", Map.of("name", "first", "namespace", World.NAMESPACE));
    map.put(
        "spec",
        Map.of("controlPlaneName", "demo", "source", Map.of("secret", Map.of("name", "s3"))));
    world.cluster.put(Manifests.fromMap(map, HostedControlPlaneRestore.class));
    world.cluster.catchUp();
  }

  private void endOfRestoration() {
    world.others.fill(world.get(PersistentVolumeClaim.class, "etcd-data-demo-etcd-5"));
    world.cluster.edit(
        world.get(Pod.class, "demo-restore"),
        pod -> pod.setStatus(Manifests.fromMap(Manifests.map(SUCCESS), PodStatus.class)));
    world.cluster.catchUp();
  }

  private List<String> etcdPods() {
    return world.cluster.all(Pod.class).stream()
        .filter(pod ->
            Component.ETCD.label().equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
        .map(pod -> pod.getMetadata().getName())
        .sorted()
        .toList();
  }

  private void annotate(String key, String value) {
    world.cluster.edit(
        world.object(),
        object -> {
          var notes = new TreeMap<String, String>();
          Optional.ofNullable(object.getMetadata().getAnnotations()).ifPresent(notes::putAll);
          notes.put(key, value);
          object.getMetadata().setAnnotations(notes);
        });
    world.cluster.catchUp();
  }

  private static Map<String, Object> map(Object value) {
    var map = new LinkedHashMap<String, Object>();
    ((Map<?, ?>) value).forEach((key, entry) -> map.put(String.valueOf(key), entry));
    return map;
  }
}
