package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.v1alpha1.VersionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.store.SourceTree;
import dev.hcp.e2e.tools.GoModule;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A hosted cluster with two API servers and two nodes takes the next minor version of Kubernetes
 * while it is used: nobody is refused, and nothing runs ahead of the API servers. By {@code make
 * test-upgrades} only: that version takes minutes to build.
 */
@Order(90)
@EnabledIfEnvironmentVariable(
    named = BedExtension.UPGRADES,
    matches = "1",
    disabledReason = "make test-upgrades runs it")
@ExtendWith({BedExtension.class, ClusterWithNodesExtension.class})
final class UpgradeIT {
  private static final Duration DEADLINE = Duration.ofMinutes(8);
  private static final Duration SOON = Duration.ofMinutes(2);

  private final Bed bed;
  private final KubernetesClient management;
  private final ClusterWithNodes cluster;

  UpgradeIT(Bed bed, KubernetesClient management, ClusterWithNodes cluster) {
    this.bed = bed;
    this.management = management;
    this.cluster = cluster;
  }

  @Test
  void aMinorVersionIsTakenWithoutAFailedRequest() {
    var controlPlane = cluster.controlPlane();
    var before = version("k8s");
    var after = version("k8s-next");
    assertThat(versions(controlPlane)).containsExactly(new VersionStatus(before, 2));
    var endpoint = controlPlane.endpoint().orElseThrow();
    try (var recorder = new RolloutRecorder(bed, management, controlPlane);
        var requests = new SteadyRequests(endpoint);
        var writes =
            new AcknowledgedWrites(bed.kubeconfig(ClusterWithNodes.NAME, ClusterWithNodes.NAME))) {
      await("the recorder has seen how it was")
          .atMost(SOON)
          .until(() ->
              recorder.samples().stream()
                  .anyMatch(sample -> sample.versions().equals(Map.of(before, 2L))));
      cluster.patchControlPlane("{\"version\": \"%s\"}".formatted(after));
      await("the upgrade is complete")
          .atMost(DEADLINE)
          .until(() ->
              versions(controlPlane).equals(List.of(new VersionStatus(after, 2)))
                  && controlPlane.isReady());
      await("the recorder has seen the end")
          .atMost(SOON)
          .until(() -> {
            var last = recorder.samples().getLast();
            return last.versions().equals(Map.of(after, 2L))
                && Set.copyOf(last.others().values()).equals(Set.of(after));
          });

      assertThat(recorder.samples())
          .as("both versions were seen beside each other")
          .anyMatch(sample -> sample.versions().keySet().equals(Set.of(before, after)));
      assertThat(recorder.samples())
          .as("an older API server than any other component")
          .noneMatch(RolloutRecorder.Sample::isAheadOfApiServers);
      assertThat(recorder.samples())
          .as("two API servers at any time")
          .noneMatch(sample -> sample.published().values().stream().mapToLong(n -> n).sum() < 2);
      assertThat(recorder.wrong()).as("what status.versions said of them").isEmpty();
      assertThat(requests.requests()).isPositive();
      assertThat(requests.failures()).isEmpty();
      writes.stop();
      assertThat(writes.refused()).as(writes.toString()).isEmpty();
      writes.assertNothingIsLost();
      System.err.printf(
          "%s to %s: %d requests, %s, %d samples of versions, %d times nobody answered the recorder%n",
          before,
          after,
          requests.requests(),
          writes,
          recorder.samples().size(),
          recorder.unanswered().size());
    }
    assertThat(kubelets()).as("nodes are not part of the control plane").containsExactly(before);
    await("nodes and add-ons work")
        .atMost(DEADLINE)
        .until(() -> cluster.areNodesReady() && cluster.areAddOnsUp());
    assertThat(proxies()).containsExactly("registry.k8s.io/kube-proxy:" + after);
    assertThat(controlPlane.condition(ConditionType.ROLLING_OUT).orElseThrow().status())
        .isEqualTo("False");
  }

  private static List<VersionStatus> versions(HostedCluster cluster) {
    var status = cluster.controlPlane().orElseThrow().getStatus();
    return Objects.requireNonNull(status.versions());
  }

  private Set<String> kubelets() {
    return cluster.client().nodes().list().getItems().stream()
        .map(Node::getStatus)
        .map(status -> status.getNodeInfo().getKubeletVersion())
        .collect(Collectors.toSet());
  }

  private Set<String> proxies() {
    return cluster.pods("kube-system", "k8s-app", "kube-proxy").stream()
        .map(pod -> pod.getSpec().getContainers().getFirst().getImage())
        .collect(Collectors.toSet());
  }

  /** The version of Kubernetes that a tool of the bed is pinned to. */
  static String version(String tool) {
    return new GoModule(SourceTree.locate(System.getenv()).tool(tool))
        .versionOf("k8s.io/kubernetes");
  }
}
