package dev.hcp.e2e.machine;

import dev.hcp.e2e.store.Digest;

/**
 * What a machine is called and where it is in the network.
 *
 * @param bed the bed it belongs to
 * @param hostName its host name, and so its node name
 * @param network the bed's addresses
 * @param address its own address
 * @param nameserver the DNS server it asks
 */
public record MachineSpec(
    String bed, String hostName, BedNetwork network, String address, String nameserver) {
  /** The host name of the management node. */
  public static final String MANAGEMENT = "management";

  private static final String MANAGEMENT_DNS = "10.96.0.10";

  /** The management node of the bed {@code bed}. */
  public static MachineSpec management(String bed, BedNetwork network) {
    return new MachineSpec(bed, MANAGEMENT, network, network.node(), MANAGEMENT_DNS);
  }

  /** The node number {@code number} of the management cluster, from the second on. */
  public static MachineSpec furtherManagement(String bed, BedNetwork network, int number) {
    return new MachineSpec(
        bed,
        "%s-%d".formatted(MANAGEMENT, number),
        network,
        network.furtherNode(number),
        MANAGEMENT_DNS);
  }

  /** The number of the further management node {@code hostName}. */
  public static int numberOf(String hostName) {
    return Integer.parseInt(hostName.substring(MANAGEMENT.length() + 1));
  }

  /** Whether a machine of this name belongs to the management cluster. */
  public static boolean isManagement(String hostName) {
    return hostName.equals(MANAGEMENT) || hostName.startsWith(MANAGEMENT + "-");
  }

  /**
   * A node of a hosted cluster, which asks the bed's DNS from outside of the management cluster.
   */
  public static MachineSpec worker(
      String bed, String hostName, BedNetwork network, String address) {
    return new MachineSpec(bed, hostName, network, address, network.dns());
  }

  /** The root of its pods' control groups, unique on the host. */
  public String cgroup() {
    return "hcp-%s-%s".formatted(bed, hostName);
  }

  /** The name of its link at the other end; the kernel allows fifteen characters. */
  String link() {
    return "hcp" + new Digest().add(bed).add(hostName).key().substring(0, 8);
  }

  String hostAddress() {
    return network.host();
  }

  int prefixLength() {
    return network.prefixLength();
  }
}
