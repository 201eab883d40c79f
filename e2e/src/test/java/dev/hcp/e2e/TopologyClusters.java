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
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Clusters of the sample's ClusterClass. The kinds of an infrastructure provider, and of a
 * bootstrap provider, are there without their controllers.
 */
final class TopologyClusters {
  /** The cluster of the sample. */
  static final String SAMPLE = "classy";

  private static final String NAMESPACE = "clusters";
  private static final Duration DEADLINE = Duration.ofMinutes(4);
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
  private final List<String> made = new ArrayList<>();

  TopologyClusters(Bed bed, KubernetesClient management) {
    this.bed = bed;
    this.management = management;
  }

  /** Defines the kinds, and applies a ClusterClass. */
  void install(String clusterClass) {
    new TreeMap<>(STAND_INS).forEach(this::define);
    bed.kubectl("wait", "crd", "--for=condition=Established")
        .with(
            STAND_INS.entrySet().stream()
                .map(kind -> plural(kind.getKey()) + "." + kind.getValue())
                .toArray(String[]::new))
        .check();
    Manifests.apply(bed, clusterClass);
  }

  /** The sample's ClusterClass with its templates. */
  static String sampleClass() {
    return sample("clusterclass-hosted-control-plane.yaml");
  }

  /** The sample's Cluster. */
  static String sampleCluster() {
    return sample("cluster-topology.yaml");
  }

  /**
   * Makes a cluster, and says that its infrastructure is there: that is all that an infrastructure
   * provider would do.
   *
   * @param name what the manifest calls it
   */
  HostedCluster create(String name, String manifest) {
    made.add(name);
    Manifests.apply(bed, manifest);
    await("the topology controller makes the infrastructure cluster")
        .atMost(DEADLINE)
        .until(() -> infrastructure(name).isPresent());
    var infrastructure = infrastructure(name).orElseThrow().getMetadata().getName();
    bed.kubectl("patch", "devcluster", infrastructure, "--namespace", NAMESPACE)
        .with("--subresource=status", "--type=merge")
        .with("--patch", "{\"status\":{\"initialization\":{\"provisioned\":true}}}")
        .check();
    return new HostedCluster(bed, management, NAMESPACE, name);
  }

  /** Changes the topology of a cluster by a merge patch, as a user does. */
  void patchTopology(String name, String topology) {
    bed.kubectl("patch", "cluster", name, "--namespace", NAMESPACE, "--type=merge")
        .with("--patch", "{\"spec\":{\"topology\":%s}}".formatted(topology))
        .check();
  }

  /** Status of each condition of a Cluster, by type. */
  static Map<String, String> conditions(HostedCluster cluster) {
    List<Map<String, String>> conditions =
        cluster.cluster().orElseThrow().get("status", "conditions");
    return conditions.stream()
        .collect(
            Collectors.toMap(
                condition -> String.valueOf(condition.get("type")),
                condition -> String.valueOf(condition.get("status"))));
  }

  /** The infrastructure cluster that the topology controller has made for a Cluster. */
  Optional<GenericKubernetesResource> infrastructure(String name) {
    return list(INFRASTRUCTURE + "/v1beta2", "DevCluster")
        .filter(object ->
            name.equals(object.getMetadata().getLabels().get("cluster.x-k8s.io/cluster-name")))
        .findFirst();
  }

  /** Resource versions of all that the topology controller, or this provider, could write. */
  Map<String, String> resourceVersions() {
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
      list(parts[0], parts[1])
          .forEach(object ->
              versions.put(
                  parts[1] + " " + object.getMetadata().getName(),
                  object.getMetadata().getResourceVersion()));
    }
    return versions;
  }

  private Stream<GenericKubernetesResource> list(String apiVersion, String kind) {
    return management
        .genericKubernetesResources(apiVersion, kind)
        .inNamespace(NAMESPACE)
        .list()
        .getItems()
        .stream();
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

  /** Removes all that was made. */
  void remove() {
    var names = new ArrayList<String>();
    made.forEach(name -> names.add("cluster/" + name));
    names.add("clusterclass/hosted-control-plane");
    names.add("hcpt/hosted-control-plane");
    var deletions = new ArrayList<Command>();
    names.forEach(name ->
        deletions.add(bed.kubectl("delete", name, "--namespace", NAMESPACE, "--ignore-not-found")));
    STAND_INS.forEach((kind, group) ->
        deletions.add(
            bed.kubectl("delete", "crd", plural(kind) + "." + group, "--ignore-not-found")));
    // One that fails must not leave the others behind.
    var results = deletions.stream().map(deletion -> deletion.within(DEADLINE).run()).toList();
    assertThat(results).allMatch(Command.Result::succeeded);
  }
}
