package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.v1alpha1.VersionStatus;
import dev.hcp.e2e.hosted.HostedCluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Cluster API's topology controller takes a cluster over two minor versions by one change of its
 * topology, one version after the other. By {@code make test-upgrades} only: these versions take
 * minutes to build.
 */
@Order(91)
@EnabledIfEnvironmentVariable(
    named = BedExtension.UPGRADES,
    matches = "1",
    disabledReason = "make test-upgrades runs it")
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TopologyUpgradeIT {
  private static final String NAME = "chained";
  private static final Duration DEADLINE = Duration.ofMinutes(10);
  private static final Duration SOON = Duration.ofMinutes(2);

  private final Bed bed;
  private final KubernetesClient management;
  private final TopologyClusters clusters;

  /** In the namespace of {@code demo}. */
  TopologyUpgradeIT(Bed bed, KubernetesClient management, HostedCluster demo) {
    assertThat(demo.namespace()).as("where the sample is made").isEqualTo("clusters");
    this.bed = bed;
    this.management = management;
    this.clusters = new TopologyClusters(bed, management);
  }

  @Test
  void twoMinorVersionsAreTakenOneAfterTheOther() {
    var first = UpgradeIT.version("k8s-previous");
    var second = UpgradeIT.version("k8s");
    var third = UpgradeIT.version("k8s-next");
    var chain = List.of(first, second, third);
    var clusterClass =
        TopologyClusters.sampleClass()
            .replaceFirst(
                "spec:\n  controlPlane:",
                "spec:\n  kubernetesVersions: [%s]\n  controlPlane:"
                    .formatted(String.join(", ", chain)));
    var manifest =
        TopologyClusters.sampleCluster()
            .replace("name: " + TopologyClusters.SAMPLE, "name: " + NAME)
            .replace("version: " + second, "version: " + first);
    clusters.install(clusterClass);
    var chained = clusters.create(NAME, manifest);
    HostedClustersExtension.awaitReady(chained, DEADLINE);
    assertThat(versions(chained)).containsExactly(new VersionStatus(first, 2));
    try (var recorder = new RolloutRecorder(bed, management, chained);
        var requests = new SteadyRequests(chained.endpoint().orElseThrow())) {
      await("the recorder has seen how it was")
          .atMost(SOON)
          .until(() -> !recorder.samples().isEmpty());
      clusters.patchTopology(NAME, "{\"version\": \"%s\"}".formatted(third));
      await("the topology has reached the last version")
          .atMost(DEADLINE)
          .until(() ->
              versions(chained).equals(List.of(new VersionStatus(third, 2)))
                  && chained.isReady()
                  && "True".equals(TopologyClusters.conditions(chained).get("TopologyReconciled")));
      await("the recorder has seen the end")
          .atMost(SOON)
          .until(() -> recorder.samples().getLast().versions().equals(Map.of(third, 2L)));
      var seen =
          recorder.samples().stream()
              .flatMap(sample -> sample.versions().keySet().stream())
              .distinct()
              .collect(Collectors.toList());
      assertThat(seen).as("in this order").isEqualTo(chain);
      assertThat(recorder.samples())
          .as("never the first beside the last")
          .noneMatch(sample -> sample.versions().keySet().containsAll(List.of(first, third)));
      assertThat(recorder.samples()).noneMatch(RolloutRecorder.Sample::isAheadOfApiServers);
      assertThat(recorder.wrong()).as("what status.versions said").isEmpty();
      assertThat(requests.failures()).isEmpty();
    }
  }

  @AfterAll
  void nothingIsLeft() {
    clusters.remove();
  }

  private static List<VersionStatus> versions(HostedCluster cluster) {
    return cluster.controlPlane().map(object -> object.getStatus().versions()).orElse(List.of());
  }
}
