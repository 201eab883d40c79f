package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.v1alpha1.EtcdMemberStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the controller sees of etcd's members, and how it replaces, adds and removes them. */
@Order(35)
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
final class EtcdIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final Duration ROLLOUT_DEADLINE = Duration.ofMinutes(6);

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster demo;
  private final EtcdMembers members;

  EtcdIT(Bed bed, KubernetesClient management, HostedCluster demo) {
    this.bed = bed;
    this.management = management;
    this.demo = demo;
    this.members = new EtcdMembers(bed, management, demo);
  }

  @BeforeEach
  void awaitHealthyMembers() {
    await("all members are healthy").atMost(DEADLINE).until(() -> members.areHealthy(3));
  }

  @Test
  void itsMembersAreSeen() {
    var etcd = members.status().orElseThrow();
    assertThat(members.all()).extracting(EtcdMemberStatus::name).contains(etcd.leader());
    assertThat(members.all()).extracting(EtcdMemberStatus::version).doesNotContainNull();
    assertThat(members.all()).extracting(EtcdMemberStatus::dbSize).doesNotContainNull();
    assertThat(etcd.clusterID()).isNotEmpty();
    assertThat(demo.object("configmap", demo.names().etcdIdentity())).isPresent();
  }

  @Test
  void aNewTemplateReachesFollowersFirstAndTheLeaderLastAndNoRequestFails() {
    var before = members.pods();
    var leader = members.leader().orElseThrow();
    try (var requests = new SteadyRequests(demo.endpoint().orElseThrow());
        var recorder = new ConditionRecorder(management, demo)) {
      members.patch("{podAnnotations: {example.com/template: second}}");
      await("all pods of etcd are replaced and all members are healthy")
          .atMost(ROLLOUT_DEADLINE)
          .until(() ->
              members.pods().size() == before.size()
                  && members.pods().stream().noneMatch(pod -> uids(before).contains(uid(pod)))
                  && demo.isReady()
                  && members.areHealthy(3));
      assertThat(members.pods().getLast().getMetadata().getName())
          .as("the youngest pod, of %s", members.pods().stream().map(EtcdMembers::created).toList())
          .isEqualTo(leader);
      assertThat(recorder.history(ConditionType.AVAILABLE))
          .noneMatch(state -> state.startsWith("False"));
      assertThat(requests.requests()).isPositive();
      assertThat(requests.failures()).isEmpty();
    }
  }

  @Test
  void aMemberWhoseVolumeIsGoneIsMadeAnewAndNothingIsLost() {
    var leader = members.leader().orElseThrow();
    var lost =
        members.all().stream().filter(m -> !m.name().equals(leader)).findFirst().orElseThrow();
    var volume = members.volume(lost.name());
    try (var requests = new SteadyRequests(demo.endpoint().orElseThrow());
        var writes = new AcknowledgedWrites(bed.kubeconfig(demo.namespace(), demo.name()))) {
      members.lose(lost.name());
      await("another member has taken its place, and all are healthy")
          .atMost(ROLLOUT_DEADLINE)
          .until(() ->
              members.areHealthy(3)
                  && demo.isReady()
                  && members.all().stream()
                      .noneMatch(member -> Objects.equals(member.id(), lost.id())));
      assertThat(members.volume(lost.name())).isPresent().isNotEqualTo(volume);
      await("nothing is left of how it joined")
          .atMost(DEADLINE)
          .until(() -> members.pods().stream().noneMatch(EtcdIT::isToldToJoin));
      writes.assertNothingIsLost();
      assertThat(requests.failures()).as("%s", writes).isEmpty();
    }
  }

  @Test
  void membersAreAddedAndRemovedAndNothingIsLost() {
    var before = uids(members.pods());
    try (var requests = new SteadyRequests(demo.endpoint().orElseThrow());
        var writes = new AcknowledgedWrites(bed.kubeconfig(demo.namespace(), demo.name()))) {
      scale(5);
      assertThat(uids(members.pods())).as("nobody restarts").containsAll(before);
      scale(3);
      assertThat(uids(members.pods())).containsExactlyInAnyOrderElementsOf(before);
      for (var ordinal : List.of(3, 4)) {
        await("volume %d is gone".formatted(ordinal))
            .atMost(DEADLINE)
            .until(() -> members.volume(demo.names().etcdMember(ordinal)).isEmpty());
      }
      writes.assertNothingIsLost();
      assertThat(requests.failures()).as("%s", writes).isEmpty();
    }
  }

  private void scale(int number) {
    members.patch("{replicas: %d}".formatted(number));
    await("there are %d healthy members".formatted(number))
        .atMost(ROLLOUT_DEADLINE)
        .until(
            () -> members.areHealthy(number) && demo.isReady() && members.pods().size() == number);
  }

  private static boolean isToldToJoin(Pod pod) {
    return Objects.requireNonNullElse(pod.getMetadata().getAnnotations(), Map.<String, String>of())
        .containsKey(Labels.JOIN_ANNOTATION);
  }

  private static List<String> uids(List<Pod> pods) {
    return pods.stream().map(EtcdIT::uid).toList();
  }

  private static String uid(Pod pod) {
    return pod.getMetadata().getUid();
  }
}
