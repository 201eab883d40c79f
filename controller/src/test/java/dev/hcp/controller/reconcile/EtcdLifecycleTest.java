package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.memory.Disturbance;
import dev.hcp.controller.memory.Others;
import dev.hcp.controller.memory.Request;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What becomes of etcd over time. */
final class EtcdLifecycleTest {
  private static final long MEBIBYTE = 1024 * 1024L;

  private final World world = World.settledSample();

  private void editSpec(Map<String, Object> fields) {
    var map = Manifests.toMap(world.object());
    var spec = new TreeMap<String, Object>();
    ((Map<?, ?>) map.get("spec")).forEach((key, value) -> spec.put(String.valueOf(key), value));
    spec.putAll(fields);
    map.put("spec", spec);
    world.cluster.put(Manifests.fromMap(map, HostedControlPlane.class));
  }

  private List<Pod> pods() {
    return world.cluster.all(Pod.class).stream()
        .filter(pod ->
            Component.ETCD.label().equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
        .toList();
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus() != null
        && pod.getStatus().getConditions().getFirst().getStatus().equals("True");
  }

  private List<String> replaced() {
    return world.cluster.requests().stream()
        .filter(request -> request.verb().equals("delete"))
        .map(Request::object)
        .toList();
  }

  private String condition() {
    return world.condition(ConditionType.ETCD).reason();
  }

  @Test
  void whichEtcdItIsIsRecorded() {
    assertThat(world.get(ConfigMap.class, "demo-etcd-identity").getData())
        .containsOnlyKeys("cluster-id", "mark")
        .containsEntry("mark", world.object().getMetadata().getUid());
    assertThat(world.object().getStatus().etcd().members()).hasSize(3);
    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("after a start of the controller").isEmpty();
  }

  @Test
  void aNewTemplateReplacesPodsOneByOneAndTheLeaderLast() {
    var leader = world.object().getStatus().etcd().leader();
    world.cluster.forgetRequests();
    editSpec(Map.of("etcd", Map.of("podLabels", Map.of("example.com/a", "b"))));
    var missing = new ArrayList<Long>();
    boolean moves = true;
    for (int round = 0; moves && round < 80; round++) {
      moves = world.round();
      missing.add(3 - pods().stream().filter(EtcdLifecycleTest::isReady).count());
    }
    assertThat(moves).as("it comes to rest").isFalse();
    assertThat(missing).allMatch(number -> number <= 1);
    assertThat(replaced())
        .hasSize(3)
        .doesNotHaveDuplicates()
        .allMatch(name -> name.contains("demo-etcd-"))
        .last()
        .asString()
        .endsWith(leader);
    assertThat(pods())
        .allMatch(pod -> "b".equals(pod.getMetadata().getLabels().get("example.com/a")));
    assertThat(world.object().getStatus().etcd().leader()).isNotEqualTo(leader);
    assertThat(condition()).isEqualTo("ReconcileSucceeded");
  }

  @Test
  void anEtcdThatLostItsDataIsLeftAloneUntilSomebodyDecides() {
    world.etcd.lose(World.NAMESPACE, World.NAME);
    world.settle();
    assertThat(condition()).isEqualTo("EtcdDataChanged");
    assertThat(world.condition(ConditionType.AVAILABLE).reason()).isEqualTo("EtcdDataChanged");

    var before = world.get(StatefulSet.class, "demo-etcd").getSpec();
    world.cluster.forgetRequests();
    editSpec(Map.of("etcd", Map.of("podLabels", Map.of("example.com/a", "b"))));
    world.settle();
    assertThat(world.get(StatefulSet.class, "demo-etcd").getSpec()).isEqualTo(before);
    assertThat(replaced()).isEmpty();

    world.restart();
    world.settle();
    assertThat(condition()).isEqualTo("EtcdDataChanged");

    world.cluster.remove(world.get(ConfigMap.class, "demo-etcd-identity"));
    world.cluster.catchUp();
    world.settle();
    assertThat(condition()).isEqualTo("ReconcileSucceeded");
    assertThat(world.get(ConfigMap.class, "demo-etcd-identity").getData()).containsKey("mark");
    assertThat(replaced()).as("what was held back").hasSize(3);
  }

  private void storageClass(boolean expandable) {
    world.cluster.put(
        new StorageClassBuilder()
            .withNewMetadata()
            .withName(Others.DEFAULT_CLASS)
            .endMetadata()
            .withProvisioner("example.com/disks")
            .withAllowVolumeExpansion(expandable)
            .build());
  }

  private List<String> sizes() {
    return world.cluster.all(PersistentVolumeClaim.class).stream()
        .map(claim -> claim.getSpec().getResources().getRequests().get("storage").toString())
        .toList();
  }

  private long enlargements() {
    return world.cluster.requests().stream()
        .filter(request -> request.verb().equals("enlarge"))
        .count();
  }

  private String quota() {
    return world
        .get(StatefulSet.class, "demo-etcd")
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getArgs()
        .stream()
        .filter(argument -> argument.startsWith("--quota-backend-bytes="))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void volumesGrowStepByStepAndTheQuotaFollows() {
    storageClass(true);
    var quota = quota();
    world.etcd.use(330 * MEBIBYTE);
    world.cluster.forgetRequests();
    world.settle();
    assertThat(sizes()).containsOnly("2Gi").hasSize(3);
    assertThat(enlargements()).as("one step for each").isEqualTo(3);
    assertThat(quota()).isNotEqualTo(quota);
    assertThat(replaced()).as("members restart with the new quota").hasSize(3);
    assertThat(world.object().getStatus().etcdVolumeSize()).hasToString("2Gi");
    assertThat(condition()).isEqualTo("ReconcileSucceeded");
    assertThat(world.cluster.events())
        .contains(
            "NORMAL EnlargingVolume Enlarge: PersistentVolumeClaim etcd-data-demo-etcd-0 asks for"
                + " 2Gi now");

    world.etcd.use(9 * 1024 * MEBIBYTE);
    world.settle();
    assertThat(sizes()).as("the maximum").containsOnly("16Gi");
    assertThat(enlargements()).as("2, 3, 5, 8, 12 and 16 GiB").isEqualTo(3 * 6);
    assertThat(condition()).isEqualTo("VolumesCannotGrow");
    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(enlargements()).isZero();
    assertThat(condition()).isEqualTo("VolumesCannotGrow");
  }

  @Test
  void aRefusalIsToldAndOtherVolumesGrowAllTheSame() {
    storageClass(true);
    world.etcd.use(330 * MEBIBYTE);
    world.pass();
    world.cluster.disturb((request, moment) -> {
      if (request.verb().equals("enlarge") && request.object().endsWith("-1")) {
        throw new KubernetesClientException("exceeded quota: storage", 403, null);
      }
    });
    assertThatThrownBy(world::pass).hasMessageContaining("exceeded quota: storage");
    assertThat(sizes()).containsExactly("2Gi", "1Gi", "2Gi");
    assertThat(condition()).isEqualTo("ReconcileFailed");
    assertThat(world.condition(ConditionType.ETCD).message()).contains("exceeded quota: storage");

    world.cluster.disturb(Disturbance.NONE);
    world.settle();
    assertThat(sizes()).containsOnly("2Gi");
    assertThat(condition()).isEqualTo("ReconcileSucceeded");
  }

  @Test
  void aClassThatCannotGrowIsToldOnceAndTheClusterStaysReady() {
    storageClass(false);
    world.etcd.use(330 * MEBIBYTE);
    world.cluster.forgetRequests();
    world.settle();
    assertThat(sizes()).containsOnly("1Gi");
    assertThat(enlargements()).isZero();
    assertThat(world.condition(ConditionType.ETCD).status()).isEqualTo("True");
    assertThat(condition()).isEqualTo("VolumesCannotGrow");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.cluster.events())
        .filteredOn(event -> event.startsWith("WARNING VolumesCannotGrow"))
        .singleElement()
        .asString()
        .contains("StorageClass standard", "2Gi");

    storageClass(true);
    world.settle();
    assertThat(sizes()).containsOnly("2Gi");
    assertThat(condition()).isEqualTo("ReconcileSucceeded");
  }
}
