package dev.hcp.e2e;

import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.hosted.Worker;
import dev.hcp.e2e.process.Command;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A hosted cluster with two API servers and two nodes that joined through the Gateway. */
final class ClusterWithNodes {
  /** What its objects on the management side are called, and their namespace. */
  static final String NAME = "nodes";

  /** Its nodes. */
  static final List<String> NODES = List.of("nodes-worker-1", "nodes-worker-2");

  private final Bed bed;
  private final HostedCluster controlPlane;
  private final KubernetesClient client;
  private final Path kubeconfig;

  ClusterWithNodes(Bed bed, HostedCluster controlPlane) {
    this.bed = bed;
    this.controlPlane = controlPlane;
    this.client = bed.client(NAME, NAME);
    this.kubeconfig = bed.folder().kubeconfigs().resolve(NAME + ".kubeconfig");
    bed.folder().write(kubeconfig, bed.kubeconfig(NAME, NAME));
  }

  /** Its management side. */
  HostedCluster controlPlane() {
    return controlPlane;
  }

  /** A client as its administrator, closed with the run. */
  KubernetesClient client() {
    return client;
  }

  /** The administrator's kubeconfig. */
  Path kubeconfig() {
    return kubeconfig;
  }

  /** kubectl as its administrator. */
  Command kubectl(String... arguments) {
    return bed.kubectl("--kubeconfig", kubeconfig.toString()).with(arguments);
  }

  /** The machine of the node {@code name}. */
  Worker machine(String name) {
    return bed.workers().require(name);
  }

  /** Applies {@code manifest} in it. */
  void apply(String manifest) {
    kubectl("apply", "--filename=-").input(manifest).check();
  }

  /** Changes the spec of its control plane by a merge patch, as a user does. */
  void patchControlPlane(String spec) {
    bed.kubectl("patch", "hcp", NAME, "--namespace", NAME, "--type=merge")
        .with("--patch", "{\"spec\":%s}".formatted(spec))
        .check();
  }

  /** Whether all of its nodes are ready. */
  boolean areNodesReady() {
    var nodes = client.nodes().list().getItems();
    return nodes.size() == NODES.size() && nodes.stream().allMatch(ClusterWithNodes::isReady);
  }

  /** Whether CoreDNS and konnectivity agents run as often as they do with two nodes. */
  boolean areAddOnsUp() {
    return Stream.of("coredns", "konnectivity-agent")
        .map(name -> client.apps().deployments().inNamespace("kube-system").withName(name).get())
        .allMatch(deployment ->
            deployment != null
                && deployment.getStatus() != null
                && Integer.valueOf(NODES.size()).equals(deployment.getStatus().getReadyReplicas())
                && Integer.valueOf(NODES.size()).equals(deployment.getStatus().getReplicas()));
  }

  static boolean isReady(Node node) {
    return node.getStatus().getConditions().stream()
        .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  static boolean isReady(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  /** Its pods with the label {@code k8s-app} or {@code app} of that value. */
  List<Pod> pods(String namespace, String label, String value) {
    return client.pods().inNamespace(namespace).withLabel(label, value).list().getItems();
  }
}
