package dev.hcp.e2e;

import dev.hcp.api.v1alpha1.EtcdMemberStatus;
import dev.hcp.api.v1alpha1.EtcdStatus;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The etcd members of a hosted cluster, as its status and their pods show them.
 *
 * @param management of the management cluster
 */
record EtcdMembers(Bed bed, KubernetesClient management, HostedCluster cluster) {
  /** What the controller says of etcd, if it has said anything. */
  Optional<EtcdStatus> status() {
    return cluster.controlPlane().map(object -> object.getStatus()).map(status -> status.etcd());
  }

  /** The members that there shall be now. */
  List<EtcdMemberStatus> all() {
    return status()
        .map(etcd -> Objects.requireNonNullElse(etcd.members(), List.<EtcdMemberStatus>of()))
        .orElse(List.of());
  }

  /** Name of the member that leads, if one does. */
  Optional<String> leader() {
    return status().flatMap(etcd -> Optional.ofNullable(etcd.leader()));
  }

  /** Whether there are so many, one leads, and all are healthy. */
  boolean areHealthy(int number) {
    return leader().isPresent()
        && all().size() == number
        && all().stream().allMatch(member -> Boolean.TRUE.equals(member.healthy()));
  }

  /** Their pods, the oldest first. */
  List<Pod> pods() {
    return cluster.pods().stream()
        .filter(pod ->
            Component.ETCD.label().equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
        .sorted(Comparator.comparing(EtcdMembers::created))
        .toList();
  }

  /** Takes the volume of a member away, and its pod, which gets another volume. */
  void lose(String member) {
    var claim = claim(member);
    bed.kubectl("annotate", "pvc", claim, "--namespace", cluster.namespace())
        .with("controlplane.cluster.x-k8s.io/allow-manual-changes=true")
        .check();
    bed.kubectl("delete", "pvc", claim, "--namespace", cluster.namespace())
        .with("--wait=false")
        .check();
    bed.kubectl("delete", "pod", member, "--namespace", cluster.namespace()).check();
  }

  /** Identity of the claim of a member's volume, if there is one. */
  Optional<String> volume(String member) {
    return Optional.ofNullable(
            management
                .persistentVolumeClaims()
                .inNamespace(cluster.namespace())
                .withName(claim(member))
                .get())
        .map(claim -> claim.getMetadata().getUid());
  }

  /** Changes the settings of etcd, given as YAML. */
  void patch(String settings) {
    bed.kubectl("patch", "hcp", cluster.name(), "--namespace", cluster.namespace())
        .with("--type=merge", "--patch", "spec: {etcd: %s}".formatted(settings))
        .check();
  }

  private static String claim(String member) {
    return "etcd-data-" + member;
  }

  static Instant created(Pod pod) {
    return Instant.parse(pod.getMetadata().getCreationTimestamp());
  }
}
