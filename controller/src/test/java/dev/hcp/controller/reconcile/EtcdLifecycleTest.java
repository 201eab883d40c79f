package dev.hcp.controller.reconcile;

import static java.util.Comparator.reverseOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.api.v1alpha1.EtcdMemberStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.memory.Disturbance;
import dev.hcp.controller.memory.Others;
import dev.hcp.controller.memory.Request;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What becomes of etcd over time. */
final class EtcdLifecycleTest {
  private static final long MEBIBYTE = 1024 * 1024L;

  private final World world = World.settledSample();

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
    world.edit(Map.of("etcd", Map.of("podLabels", Map.of("example.com/a", "b"))));
    var missing = new ArrayList<Long>();
    boolean moves = true;
    for (int round = 0; moves && round < 80; round++) {
      moves = world.round();
      missing.add(3 - world.pods("etcd").stream().filter(EtcdLifecycleTest::isReady).count());
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
    assertThat(world.pods("etcd"))
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
    world.edit(Map.of("etcd", Map.of("podLabels", Map.of("example.com/a", "b"))));
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

  private Map<String, String> membership() {
    return world.get(ConfigMap.class, "demo-etcd-membership").getData();
  }

  private List<String> members() {
    return world.object().getStatus().etcd().members().stream()
        .filter(member -> Boolean.TRUE.equals(member.healthy()))
        .map(EtcdMemberStatus::name)
        .toList();
  }

  private int replicas() {
    return world.get(StatefulSet.class, "demo-etcd").getSpec().getReplicas();
  }

  private PersistentVolumeClaim claim(int ordinal) {
    return world.get(PersistentVolumeClaim.class, "etcd-data-demo-etcd-" + ordinal);
  }

  @Test
  void onceThereIsAClusterNoneCanBeFounded() {
    var fresh = World.sample();
    var states = new ArrayList<String>();
    boolean moves = true;
    while (moves) {
      moves = fresh.round();
      fresh
          .cluster
          .get(ConfigMap.class, World.NAMESPACE, "demo-etcd-membership")
          .map(ConfigMap::getData)
          .ifPresent(data -> states.add(data.get("initial-cluster-state")));
    }
    assertThat(states).startsWith("new").endsWith("existing").isSortedAccordingTo(reverseOrder());
    assertThat(membership()).containsEntry("members", "3").containsEntry("initial-cluster", "");
  }

  @Test
  void membersAreAddedAndRemovedOneAtATime() {
    world.cluster.forgetRequests();
    world.edit(Map.of("etcd", Map.of("replicas", 5)));
    var sizes = new ArrayList<Integer>();
    boolean moves = true;
    for (int round = 0; moves && round < 80; round++) {
      moves = world.round();
      sizes.add(replicas());
      assertThat(replicas() - members().size()).as("at most one joins").isBetween(0, 1);
    }
    assertThat(sizes).contains(4).endsWith(5).isSorted();
    assertThat(members()).hasSize(5);
    assertThat(condition()).isEqualTo("ReconcileSucceeded");
    assertThat(replaced()).as("nobody restarts").isEmpty();
    assertThat(world.pods("etcd"))
        .allMatch(pod -> !pod.getMetadata().getAnnotations().containsKey(Labels.JOIN_ANNOTATION));
    assertThat(world.cluster.events()).anyMatch(event -> event.contains("Scaling"));

    world.edit(Map.of("etcd", Map.of("replicas", 1)));
    world.settle();
    assertThat(members()).containsExactly("demo-etcd-0");
    assertThat(replicas()).isEqualTo(1);
    assertThat(membership()).containsEntry("members", "1");
    assertThat(world.cluster.all(PersistentVolumeClaim.class))
        .as("what was on the volumes is worth nothing any more")
        .extracting(claim -> claim.getMetadata().getName())
        .containsExactly("etcd-data-demo-etcd-0");
    assertThat(condition()).isEqualTo("ReconcileSucceeded");
  }

  @Test
  void aNumberOfPodsThatSomebodyElseChangedChangesNoCluster() {
    world.cluster.edit(
        world.get(StatefulSet.class, "demo-etcd"), set -> set.getSpec().setReplicas(1));
    world.cluster.catchUp();
    world.settle();
    assertThat(replicas()).isEqualTo(3);
    assertThat(members()).hasSize(3);
    assertThat(world.cluster.all(PersistentVolumeClaim.class)).hasSize(3);
  }

  @Test
  void aMemberThatLostItsDataIsMadeAnew() {
    world.others.lose(claim(2));
    world.settle();
    assertThat(members()).hasSize(3);
    assertThat(condition()).isEqualTo("ReconcileSucceeded");
    assertThat(world.pods("etcd"))
        .allMatch(pod -> !pod.getMetadata().getAnnotations().containsKey(Labels.JOIN_ANNOTATION));
  }

  @Test
  void withoutAMajorityNothingIsDone() {
    world.others.lose(claim(1));
    world.others.lose(claim(2));
    world.cluster.forgetRequests();
    world.settle();
    assertThat(condition()).isEqualTo("QuorumLost");
    assertThat(world.condition(ConditionType.ETCD).message())
        .contains("demo-etcd-1 has no data", "demo-etcd-2 has no data");
    assertThat(replaced()).isEmpty();
    assertThat(world.cluster.requests()).noneMatch(request -> request.verb().equals("annotate"));
  }

  @Test
  void ifAllDataAreGoneThatIsSaid() {
    for (int ordinal = 0; ordinal < 3; ordinal++) {
      world.others.lose(claim(ordinal));
    }
    world.settle();
    assertThat(condition()).isEqualTo("QuorumLost");
    assertThat(world.condition(ConditionType.ETCD).message())
        .contains("demo-etcd-0 has no data", "demo-etcd-2 has no data", "restore a backup");
  }

  @Test
  void ifTheUserAllowsItTheClusterGoesOnWithTheMemberThatHasMost() {
    world.edit(Map.of("etcd", Map.of("quorumLoss", Map.of("policy", "FromSurvivor"))));
    world.others.lose(claim(0));
    world.others.lose(claim(2));
    var survivor = world.get(Pod.class, "demo-etcd-1").getMetadata().getUid();
    var template = apiServerAnnotations();
    world.settle();
    assertThat(condition()).isEqualTo("Recovering");
    assertThat(world.condition(ConditionType.AVAILABLE).reason()).isEqualTo("Recovering");
    assertThat(world.pods("etcd"))
        .as("all others are gone, and it starts anew")
        .singleElement()
        .extracting(Pod::getMetadata)
        .satisfies(pod -> assertThat(pod.getName()).isEqualTo("demo-etcd-1"))
        .satisfies(pod -> assertThat(pod.getUid()).isNotEqualTo(survivor));
    assertThat(membership())
        .containsEntry("survivor", "1")
        .containsEntry("force-new-cluster", "true");
    world.restart();
    world.settle();
    assertThat(condition()).isEqualTo("Recovering");

    world.etcd.goOnAlone(World.NAMESPACE, World.NAME, "demo-etcd-1");
    world.settle();
    assertThat(members()).hasSize(3);
    assertThat(condition()).isEqualTo("ReconcileSucceeded");
    assertThat(membership())
        .containsEntry("survivor", "")
        .containsEntry("force-new-cluster", "")
        .containsEntry("recoveries", "1");
    assertThat(apiServerAnnotations()).as("API servers start anew").isNotEqualTo(template);
  }

  @Test
  void withoutEvidenceNobodyGoesOnAlone() {
    world.edit(Map.of("etcd", Map.of("quorumLoss", Map.of("policy", "FromSurvivor"))));
    world.others.lose(claim(0));
    world.etcd.mute("demo-etcd-2");
    world.settle();
    assertThat(condition()).isEqualTo("QuorumLost");
    assertThat(membership()).containsEntry("survivor", "");
  }

  @Test
  void ofSeveralThatAreLeftAllHaveToSayHowMuchTheyHave() {
    world.edit(
        Map.of("etcd", Map.of("replicas", 5, "quorumLoss", Map.of("policy", "FromSurvivor"))));
    world.settle();
    assertThat(members()).hasSize(5);
    for (int lost : List.of(0, 2, 4)) {
      world.others.lose(claim(lost));
    }
    world.etcd.mute("demo-etcd-3");
    world.settle();
    assertThat(condition()).isEqualTo("QuorumLost");
    assertThat(world.condition(ConditionType.ETCD).message())
        .contains("spec.etcd.quorumLoss.policy");
    assertThat(membership()).containsEntry("survivor", "");

    world.etcd.unmute("demo-etcd-3");
    world.settle();
    assertThat(condition()).isEqualTo("Recovering");
  }

  private Map<String, String> apiServerAnnotations() {
    return world
        .get(Deployment.class, "demo-api-server")
        .getSpec()
        .getTemplate()
        .getMetadata()
        .getAnnotations();
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
