package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.v1alpha1.EtcdMemberStatus;
import dev.hcp.api.v1alpha1.EtcdStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the controller sees of etcd's members, and how it replaces them. */
@Order(35)
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
final class EtcdIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final Duration ROLLOUT_DEADLINE = Duration.ofMinutes(6);

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster demo;

  EtcdIT(Bed bed, KubernetesClient management, HostedCluster demo) {
    this.bed = bed;
    this.management = management;
    this.demo = demo;
  }

  @Test
  void itsMembersAreSeen() {
    await("all members are healthy").atMost(DEADLINE).until(this::areMembersHealthy);
    var etcd = status();
    assertThat(members(etcd)).extracting(EtcdMemberStatus::name).contains(etcd.leader());
    assertThat(members(etcd)).extracting(EtcdMemberStatus::version).doesNotContainNull();
    assertThat(members(etcd)).extracting(EtcdMemberStatus::dbSize).doesNotContainNull();
    assertThat(etcd.clusterID()).isNotEmpty();
    assertThat(demo.object("configmap", demo.names().etcdIdentity())).isPresent();
  }

  @Test
  void aNewTemplateReachesFollowersFirstAndTheLeaderLastAndNoRequestFails() {
    await("all members are healthy").atMost(DEADLINE).until(this::areMembersHealthy);
    var before = pods();
    var leader = Objects.requireNonNull(status().leader());
    try (var requests = new SteadyRequests(demo.endpoint().orElseThrow());
        var recorder = new ConditionRecorder(management, demo)) {
      bed.kubectl("patch", "hcp", demo.name(), "--namespace", demo.namespace())
          .with("--type=merge", "--patch")
          .with("spec: {etcd: {podAnnotations: {example.com/template: second}}}")
          .check();
      await("all pods of etcd are replaced and all members are healthy")
          .atMost(ROLLOUT_DEADLINE)
          .until(() ->
              pods().size() == before.size()
                  && pods().stream().noneMatch(pod -> uids(before).contains(uid(pod)))
                  && demo.isReady()
                  && areMembersHealthy());
      assertThat(pods().getLast().getMetadata().getName())
          .as("the youngest pod, of %s", pods().stream().map(EtcdIT::created).toList())
          .isEqualTo(leader);
      assertThat(recorder.history(ConditionType.AVAILABLE))
          .noneMatch(state -> state.startsWith("False"));
      assertThat(requests.requests()).isPositive();
      assertThat(requests.failures()).isEmpty();
    }
  }

  private EtcdStatus status() {
    return Objects.requireNonNull(demo.controlPlane().orElseThrow().getStatus().etcd());
  }

  private boolean areMembersHealthy() {
    var etcd = demo.controlPlane().orElseThrow().getStatus().etcd();
    return etcd != null
        && etcd.leader() != null
        && members(etcd).size() == 3
        && members(etcd).stream().allMatch(member -> Boolean.TRUE.equals(member.healthy()));
  }

  private static List<EtcdMemberStatus> members(EtcdStatus etcd) {
    return Objects.requireNonNullElse(etcd.members(), List.of());
  }

  /** The pods of etcd, the oldest first. */
  private List<Pod> pods() {
    return demo.pods().stream()
        .filter(pod ->
            Component.ETCD.label().equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
        .sorted(Comparator.comparing(EtcdIT::created))
        .toList();
  }

  private static List<String> uids(List<Pod> pods) {
    return pods.stream().map(EtcdIT::uid).toList();
  }

  private static String uid(Pod pod) {
    return pod.getMetadata().getUid();
  }

  private static Instant created(Pod pod) {
    return Instant.parse(pod.getMetadata().getCreationTimestamp());
  }
}
