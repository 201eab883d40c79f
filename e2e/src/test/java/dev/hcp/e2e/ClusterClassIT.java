package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.e2e.hosted.HostedCluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Objects;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A cluster of the sample's ClusterClass: Cluster API's topology controller makes it of templates,
 * leaves it alone once it is as it should be, and hands on changes.
 */
@Order(22)
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ClusterClassIT {
  private static final Duration DEADLINE = Duration.ofMinutes(4);
  private static final Duration QUIET = Duration.ofSeconds(20);

  private final TopologyClusters clusters;

  /** In the namespace of {@code demo}. */
  ClusterClassIT(Bed bed, KubernetesClient management, HostedCluster demo) {
    assertThat(demo.namespace()).as("where the sample is made").isEqualTo("clusters");
    this.clusters = new TopologyClusters(bed, management);
  }

  @Test
  void aClusterIsMadeOfTheClassAndChangedByItsTopology() {
    clusters.install(TopologyClusters.sampleClass());
    var classy = clusters.create(TopologyClusters.SAMPLE, TopologyClusters.sampleCluster());
    HostedClustersExtension.awaitReady(classy, DEADLINE);
    var spec = classy.controlPlane().orElseThrow().getSpec();
    assertThat(spec.version()).isEqualTo("v1.36.3");
    assertThat(spec.replicas()).isEqualTo(2);
    assertThat(Objects.requireNonNull(spec.etcd()).replicas())
        .as("as the variable of the class says")
        .isEqualTo(1);
    await("Cluster API sees a cluster that is as its topology says")
        .atMost(DEADLINE)
        .untilAsserted(() ->
            assertThat(TopologyClusters.conditions(classy))
                .containsEntry("TopologyReconciled", "True")
                .containsEntry("ControlPlaneAvailable", "True")
                .containsEntry("ControlPlaneInitialized", "True")
                .containsEntry("InfrastructureReady", "True"));
    assertThat(
            clusters
                .infrastructure(TopologyClusters.SAMPLE)
                .orElseThrow()
                .<String>get("spec", "controlPlaneEndpoint", "host"))
        .as("for providers that wait for it")
        .isEqualTo("classy.clusters.hcp.example.test");

    nobodyFightsOverIt();

    clusters.patchTopology(TopologyClusters.SAMPLE, "{\"controlPlane\":{\"replicas\":1}}");
    await("the topology scales the control plane")
        .atMost(DEADLINE)
        .untilAsserted(() -> {
          var object = classy.controlPlane().orElseThrow();
          assertThat(object.getSpec().replicas()).isEqualTo(1);
          assertThat(object.getStatus().replicas()).isEqualTo(1);
          assertThat(object.getStatus().readyReplicas()).isEqualTo(1);
        });
  }

  @AfterAll
  void nothingIsLeft() {
    clusters.remove();
  }

  /** Two controllers that want different things would write for ever. */
  private void nobodyFightsOverIt() {
    await("nothing of the topology is written for a while")
        .atMost(DEADLINE)
        .until(() -> {
          var before = clusters.resourceVersions();
          try {
            await()
                .during(QUIET)
                .atMost(QUIET.plusSeconds(10))
                .until(() -> clusters.resourceVersions().equals(before));
            return true;
          } catch (ConditionTimeoutException _) {
            return false;
          }
        });
  }
}
