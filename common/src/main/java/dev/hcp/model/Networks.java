package dev.hcp.model;

import dev.hcp.api.capi.ClusterNetwork;
import dev.hcp.api.capi.NetworkRanges;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Address ranges and domain of a hosted cluster.
 *
 * @param services ranges of Service addresses; the first decides the primary IP family
 * @param pods ranges of pod addresses
 * @param serviceDomain domain of Service names
 */
public record Networks(List<Cidr> services, List<Cidr> pods, String serviceDomain) {
  private static final String DEFAULT_SERVICES = "10.96.0.0/12";
  private static final String DEFAULT_PODS = "10.0.0.0/16";
  private static final String DEFAULT_DOMAIN = "cluster.local";
  private static final int KUBERNETES_SERVICE_INDEX = 1;
  private static final int DNS_SERVICE_INDEX = 10;

  /** Copies the lists. */
  public Networks {
    services = List.copyOf(services);
    pods = List.copyOf(pods);
  }

  /**
   * Reads what a Cluster says, with defaults for what it does not say.
   *
   * @throws IllegalArgumentException naming the field, if a range is not in CIDR notation
   */
  public static Networks of(@Nullable ClusterNetwork network) {
    return new Networks(
        ranges("services", network == null ? null : network.services(), DEFAULT_SERVICES),
        ranges("pods", network == null ? null : network.pods(), DEFAULT_PODS),
        network == null || network.serviceDomain() == null || network.serviceDomain().isEmpty()
            ? DEFAULT_DOMAIN
            : network.serviceDomain());
  }

  /** Address of the Service {@code kubernetes}: the first of the primary range. */
  public String kubernetesServiceAddress() {
    return services.getFirst().address(KUBERNETES_SERVICE_INDEX);
  }

  /**
   * Addresses of Service {@code kubernetes}, one of each IP family, the primary first. The Service
   * itself only has the first.
   */
  public List<String> kubernetesServiceAddresses() {
    return services.stream().map(range -> range.address(KUBERNETES_SERVICE_INDEX)).toList();
  }

  /** Whether Services have addresses of IPv6, perhaps besides IPv4. */
  public boolean hasIpv6() {
    return services.stream().anyMatch(Cidr::isIpv6);
  }

  /** Those of some addresses that are of the primary IP family. */
  public List<String> ofPrimaryFamily(List<String> addresses) {
    return addresses.stream().filter(services.getFirst()::hasFamilyOf).toList();
  }

  /** Address of the cluster's DNS Service: the tenth of the primary range. */
  public String dnsServiceAddress() {
    return services.getFirst().address(DNS_SERVICE_INDEX);
  }

  /** Addresses of the cluster's DNS Service, one of each IP family, the primary one first. */
  public List<String> dnsServiceAddresses() {
    return services.stream().map(range -> range.address(DNS_SERVICE_INDEX)).toList();
  }

  private static List<Cidr> ranges(String field, @Nullable NetworkRanges ranges, String fallback) {
    var blocks = ranges == null ? null : ranges.cidrBlocks();
    if (blocks == null || blocks.isEmpty()) {
      return List.of(Cidr.parse(fallback));
    }
    try {
      return blocks.stream().map(Cidr::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Cluster spec.clusterNetwork.%s.cidrBlocks: %s".formatted(field, e.getMessage()), e);
    }
  }
}
