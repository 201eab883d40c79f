package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.e2e.contract.ContractSuite;
import dev.hcp.e2e.contract.Finding;
import dev.hcp.e2e.contract.Patience;
import dev.hcp.e2e.contract.Subject;
import dev.hcp.e2e.contract.Verdict.Outcome;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.store.FileTrees;
import dev.hcp.e2e.store.SourceTree;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The provider keeps the contract of Cluster API, as far as that can be seen from outside. */
@Order(21)
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
final class ContractIT {
  private static final Duration DEADLINE = Duration.ofMinutes(4);
  private static final int OTHER_REPLICAS = 2;

  /** cert-manager's own Secrets have cert-manager's own type. */
  private static final List<String> KNOWN_TO_FAIL = List.of("CRT-2");

  private static final List<String> NOT_OURS = List.of("RES-6", "MAC-2");

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster demo;

  ContractIT(Bed bed, KubernetesClient management, HostedCluster demo) {
    this.bed = bed;
    this.management = management;
    this.demo = demo;
  }

  @Test
  void everyRuleIsKept() throws IOException {
    var source = SourceTree.locate(System.getenv());
    var report =
        ContractSuite.run(
            management,
            Subject.parse(
                "controlplane.cluster.x-k8s.io/v1alpha1/HostedControlPlane",
                demo.namespace() + "/" + demo.name(),
                Optional.of(source.release().resolve("control-plane-components.yaml"))),
            true,
            Patience.USUAL,
            OptionalInt.of(OTHER_REPLICAS));
    Files.createDirectories(source.contract());
    Files.writeString(source.contract().resolve("report.md"), report.markdown());
    HostedClustersExtension.awaitReady(demo, DEADLINE);
    assertThat(report.with(Outcome.FAIL))
        .as(report.markdown())
        .extracting(finding -> finding.rule().id())
        .containsExactlyElementsOf(KNOWN_TO_FAIL);
    assertThat(report.breaches()).isEmpty();
    assertThat(report.with(Outcome.NOT_APPLICABLE))
        .as(report.markdown())
        .extracting(ContractIT::id)
        .containsExactlyInAnyOrderElementsOf(NOT_OURS);
  }

  private static String id(Finding finding) {
    return finding.rule().id();
  }

  @Test
  void clusterctlTakesAlongWhatTheClusterIsMadeOf() throws IOException {
    var folder = bed.folder().root().resolve("moved");
    FileTrees.delete(folder);
    Files.createDirectories(folder);
    bed.command("clusterctl", "move", "--namespace", demo.namespace())
        .with("--to-directory", folder.toString())
        .within(DEADLINE)
        .check();
    List<String> moved;
    try (var files = Files.list(folder)) {
      moved =
          files
              .map(file -> file.getFileName().toString())
              .map(name -> name.replaceFirst("\\.yaml$", ""))
              .sorted()
              .toList();
    }
    FileTrees.delete(folder);
    assertThat(moved)
        .contains(
            "Cluster_clusters_demo",
            "HostedControlPlane_clusters_demo",
            "Secret_clusters_demo-kubeconfig",
            "Secret_clusters_demo-ca",
            "Secret_clusters_demo-sa",
            "Secret_clusters_demo-root-keys",
            "Secret_clusters_demo-encryption",
            "ConfigMap_clusters_demo-etcd-identity",
            "ConfigMap_clusters_demo-etcd-membership");
    HostedClustersExtension.awaitReady(demo, DEADLINE);
    assertThat(demo.cluster().orElseThrow().<Boolean>get("spec", "paused")).isNotEqualTo(true);
  }
}
