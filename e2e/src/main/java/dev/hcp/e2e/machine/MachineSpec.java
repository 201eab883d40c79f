package dev.hcp.e2e.machine;

import dev.hcp.e2e.store.Digest;

/**
 * What a machine is called and where it is in the network.
 *
 * @param bed the bed it belongs to
 * @param hostName its host name, and so its node name
 * @param network the bed's addresses
 * @param address its own address
 * @param podRange where its pods get their addresses from
 * @param nameserver the DNS server it asks
 */
public record MachineSpec(
    String bed,
    String hostName,
    BedNetwork network,
    String address,
    String podRange,
    String nameserver) {

  /** The management node of the bed {@code bed}. */
  public static MachineSpec management(String bed, BedNetwork network) {
    return new MachineSpec(
        bed, "management", network, network.node(), "10.244.0.0/16", "10.96.0.10");
  }

  /** The root of its pods' control groups, unique on the host. */
  public String cgroup() {
    return "hcp-%s-%s".formatted(bed, hostName);
  }

  /** The name of the link on the host's side; the kernel allows fifteen characters. */
  String hostLink() {
    return "hcp" + new Digest().add(bed).add(hostName).key().substring(0, 8);
  }

  String hostAddress() {
    return network.host();
  }

  int prefixLength() {
    return network.prefixLength();
  }
}
