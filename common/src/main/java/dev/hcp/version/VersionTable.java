package dev.hcp.version;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The Kubernetes minor versions that can be hosted, and what belongs to each. */
public final class VersionTable {
  private static final List<Components> ROWS =
      List.of(
          new Components(31, "3.5.24-0", "v0.31.0", "v1.11.3", "v1beta1", "v1beta4", "iptables"),
          new Components(32, "3.5.24-0", "v0.31.0", "v1.11.3", "v1beta1", "v1beta4", "iptables"),
          new Components(33, "3.5.24-0", "v0.33.0", "v1.12.0", "v1beta1", "v1beta4", "nftables"),
          new Components(34, "3.6.8-0", "v0.34.0", "v1.12.1", "v1", "v1beta4", "nftables"),
          new Components(35, "3.6.8-0", "v0.34.0", "v1.13.1", "v1", "v1beta4", "nftables"),
          new Components(36, "3.6.8-0", "v0.34.0", "v1.14.2", "v1", "v1beta4", "nftables"),
          new Components(37, "3.6.8-0", "v0.34.0", "v1.14.2", "v1", "v1beta4", "nftables"));

  private VersionTable() {}

  /**
   * What belongs to one Kubernetes minor version 1.x.
   *
   * @param minor the x
   * @param etcd tag of the etcd image
   * @param konnectivity tag of the konnectivity server and agent images
   * @param coredns tag of the CoreDNS image
   * @param authenticationConfiguration API version of {@code apiserver.config.k8s.io} for the
   *     structured authentication configuration
   * @param kubeadmConfiguration API version of {@code kubeadm.k8s.io} that kubeadm reads
   * @param proxyMode mode of kube-proxy: nftables where it is generally available
   */
  public record Components(
      int minor,
      String etcd,
      String konnectivity,
      String coredns,
      String authenticationConfiguration,
      String kubeadmConfiguration,
      String proxyMode) {
    /** The same with another tag of the etcd image. */
    public Components withEtcd(String tag) {
      return new Components(
          minor,
          tag,
          konnectivity,
          coredns,
          authenticationConfiguration,
          kubeadmConfiguration,
          proxyMode);
    }
  }

  /** All rows, the oldest version first. */
  public static List<Components> rows() {
    return ROWS;
  }

  /** The row of a version; empty if its minor version cannot be hosted. */
  public static Optional<Components> find(KubernetesVersion version) {
    return version.major() == 1
        ? ROWS.stream().filter(row -> row.minor() == version.minor()).findFirst()
        : Optional.empty();
  }

  /** The API versions of authentication configurations that hosted API servers read, sorted. */
  public static List<String> authenticationConfigurations() {
    return ROWS.stream().map(Components::authenticationConfiguration).distinct().sorted().toList();
  }

  /** The range of versions that can be hosted, for messages: {@code v1.31 to v1.37}. */
  public static String range() {
    var order = Comparator.comparingInt(Components::minor);
    return "v1.%d to v1.%d"
        .formatted(
            ROWS.stream().min(order).orElseThrow().minor(),
            ROWS.stream().max(order).orElseThrow().minor());
  }
}
