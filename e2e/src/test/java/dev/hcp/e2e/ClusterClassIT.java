package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.SourceTree;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A cluster of the sample's ClusterClass: Cluster API's topology controller makes it of templates,
 * leaves it alone once it is as it should be, and hands on changes. The kinds of an infrastructure
 * provider, and of a bootstrap provider, are there without their controllers.
 */
@Order(22)
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
final class ClusterClassIT {
  private static final String NAMESPACE = "clusters";
  private static final String NAME = "classy";
  private static final Duration DEADLINE = Duration.ofMinutes(4);
  private static final Duration QUIET = Duration.ofSeconds(20);
  private static final String INFRASTRUCTURE = "infrastructure.cluster.x-k8s.io";
  private static final Map<String, String> STAND_INS =
      Map.of(
          "DevCluster", INFRASTRUCTURE,
          "DevClusterTemplate", INFRASTRUCTURE,
          "DevMachine", INFRASTRUCTURE,
          "DevMachineTemplate", INFRASTRUCTURE,
          "KubeadmConfig", "bootstrap.cluster.x-k8s.io",
          "KubeadmConfigTemplate", "bootstrap.cluster.x-k8s.io");

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster classy;

  ClusterClassIT(Bed bed, KubernetesClient management, HostedCluster demo) {
    assertThat(demo.namespace()).as("where the sample is made").isEqualTo(NAMESPACE);
    this.bed = bed;
    this.management = management;
    this.classy = new HostedCluster(bed, management, NAMESPACE, NAME);
  }

  @Test
  void aClusterIsMadeOfTheClassAndChangedByItsTopology() {
    new TreeMap<>(STAND_INS).forEach(this::define);
    bed.kubectl("wait", "crd", "--for=condition=Established")
        .with(
            STAND_INS.entrySet().stream()
                .map(kind -> plural(kind.getKey()) + "." + kind.getValue())
                .toArray(String[]::new))
        .check();
    Manifests.apply(bed, sample("clusterclass-hosted-control-plane.yaml"));
    Manifests.apply(bed, sample("cluster-topology.yaml"));
    var infrastructure = provisioned();

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
            assertThat(conditions())
                .containsEntry("TopologyReconciled", "True")
                .containsEntry("ControlPlaneAvailable", "True")
                .containsEntry("ControlPlaneInitialized", "True")
                .containsEntry("InfrastructureReady", "True"));
    assertThat(
            infrastructureCluster(infrastructure)
                .<String>get("spec", "controlPlaneEndpoint", "host"))
        .as("for providers that wait for it")
        .isEqualTo("classy.clusters.hcp.example.test");

    nobodyFightsOverIt();

    bed.kubectl("patch", "cluster", NAME, "--namespace", NAMESPACE, "--type=merge")
        .with("--patch", "{\"spec\":{\"topology\":{\"controlPlane\":{\"replicas\":1}}}}")
        .check();
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
  static void nothingIsLeft(Bed bed, KubernetesClient management) {
    var deletions = new ArrayList<Command>();
    for (var kind :
        List.of(
            "cluster/" + NAME, "clusterclass/hosted-control-plane", "hcpt/hosted-control-plane")) {
      deletions.add(bed.kubectl("delete", kind, "--namespace", NAMESPACE, "--ignore-not-found"));
    }
    STAND_INS.forEach((kind, group) ->
        deletions.add(
            bed.kubectl("delete", "crd", plural(kind) + "." + group, "--ignore-not-found")));
    // One that fails must not leave the others behind.
    var results = deletions.stream().map(deletion -> deletion.within(DEADLINE).run()).toList();
    assertThat(results).allMatch(Command.Result::succeeded);
    assertThat(management.namespaces().withName(NAMESPACE).get()).isNotNull();
  }

  /** Two controllers that want different things would write for ever. */
  private void nobodyFightsOverIt() {
    await("nothing of the topology is written for a while")
        .atMost(DEADLINE)
        .until(() -> {
          var before = versions();
          try {
            await()
                .during(QUIET)
                .atMost(QUIET.plusSeconds(10))
                .until(() -> versions().equals(before));
            return true;
          } catch (ConditionTimeoutException _) {
            return false;
          }
        });
  }

  private Map<String, String> versions() {
    var versions = new TreeMap<String, String>();
    for (var kind :
        List.of(
            "cluster.x-k8s.io/v1beta2 Cluster",
            "cluster.x-k8s.io/v1beta2 MachineDeployment",
            "controlplane.cluster.x-k8s.io/v1alpha1 HostedControlPlane",
            "controlplane.cluster.x-k8s.io/v1alpha1 HostedControlPlaneTemplate",
            INFRASTRUCTURE + "/v1beta2 DevCluster",
            INFRASTRUCTURE + "/v1beta2 DevMachineTemplate",
            "bootstrap.cluster.x-k8s.io/v1beta2 KubeadmConfigTemplate")) {
      var parts = kind.split(" ", 2);
      for (var object :
          management
              .genericKubernetesResources(parts[0], parts[1])
              .inNamespace(NAMESPACE)
              .list()
              .getItems()) {
        versions.put(
            parts[1] + " " + object.getMetadata().getName(),
            object.getMetadata().getResourceVersion());
      }
    }
    return versions;
  }

  private Map<String, String> conditions() {
    List<Map<String, String>> conditions =
        classy.cluster().orElseThrow().get("status", "conditions");
    return conditions.stream()
        .collect(
            Collectors.toMap(
                condition -> String.valueOf(condition.get("type")),
                condition -> String.valueOf(condition.get("status"))));
  }

  /** What an infrastructure provider does: nothing, and says that it is done. */
  private String provisioned() {
    await("the topology controller makes the infrastructure cluster")
        .atMost(DEADLINE)
        .until(() -> infrastructureClusters().findFirst().isPresent());
    var name = infrastructureClusters().findFirst().orElseThrow().getMetadata().getName();
    bed.kubectl("patch", "devcluster", name, "--namespace", NAMESPACE, "--subresource=status")
        .with("--type=merge")
        .with("--patch", "{\"status\":{\"initialization\":{\"provisioned\":true}}}")
        .check();
    return name;
  }

  private Stream<GenericKubernetesResource> infrastructureClusters() {
    return management
        .genericKubernetesResources(INFRASTRUCTURE + "/v1beta2", "DevCluster")
        .inNamespace(NAMESPACE)
        .withLabel("cluster.x-k8s.io/cluster-name", NAME)
        .list()
        .getItems()
        .stream();
  }

  private GenericKubernetesResource infrastructureCluster(String name) {
    return Optional.ofNullable(
            management
                .genericKubernetesResources(INFRASTRUCTURE + "/v1beta2", "DevCluster")
                .inNamespace(NAMESPACE)
                .withName(name)
                .get())
        .orElseThrow();
  }

  private static String plural(String kind) {
    return kind.toLowerCase(Locale.ROOT) + "s";
  }

  private void define(String kind, String group) {
    bed.kubectl("apply", "--server-side", "--field-manager=tests", "--filename=-")
        .input(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata:
              name: ${PLURAL}.${GROUP}
              labels: {cluster.x-k8s.io/v1beta2: v1beta2}
            spec:
              group: ${GROUP}
              scope: Namespaced
              names: {kind: ${KIND}, plural: ${PLURAL}}
              versions:
                - name: v1beta2
                  served: true
                  storage: true
                  subresources: {status: {}}
                  schema:
                    openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}
            """
                .replace("${PLURAL}", plural(kind))
                .replace("${GROUP}", group)
                .replace("${KIND}", kind))
        .check();
  }

  private static String sample(String file) {
    try {
      return Files.readString(SourceTree.locate(System.getenv()).samples().resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
