package dev.hcp.e2e;

import dev.hcp.e2e.cluster.Provider;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;

/**
 * The replicas of the provider's controller.
 *
 * @param bed where they are
 * @param management a client of the management cluster
 */
record Controllers(Bed bed, KubernetesClient management) {
  private static final String LEASE = "leases.coordination.k8s.io";

  /** All pods, the one that leads among them. */
  List<Pod> all() {
    return management
        .pods()
        .inNamespace(Provider.NAMESPACE)
        .withLabel("control-plane", "controller-manager")
        .list()
        .getItems();
  }

  /** The pod that leads, by the holder of the Lease. */
  Pod leader() {
    var holders =
        bed.kubectl("get", LEASE, "--namespace", Provider.NAMESPACE)
            .with("--output=jsonpath={.items[*].spec.holderIdentity}")
            .output();
    return all().stream()
        .filter(pod -> holders.contains(pod.getMetadata().getName()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nobody leads: " + holders));
  }

  /** Ends the one that leads without a word. */
  void killLeader() {
    kill(leader());
  }

  /** Ends a pod without a word. */
  void kill(Pod pod) {
    bed.kubectl("delete", "pod", pod.getMetadata().getName())
        .with("--namespace", pod.getMetadata().getNamespace())
        .with("--grace-period=0", "--force", "--wait=false")
        .check();
  }
}
