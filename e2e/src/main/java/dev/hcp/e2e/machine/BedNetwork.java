package dev.hcp.e2e.machine;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.process.Command;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The addresses of one bed: a /24 that its machines, its load balancer and the host share. Every
 * bed has a range of its own, so that the host can reach several at once; inside, all beds look
 * alike.
 *
 * @param third the third number of the range {@code 172.30.x.0/24}
 */
public record BedNetwork(int third) {
  private static final String PREFIX = "172.30.";
  private static final int RANGES = 256;
  private static final Pattern IN_USE = Pattern.compile("\\b172\\.30\\.(\\d{1,3})\\.\\d{1,3}");
  private static final int FIRST_NODE = 10;
  private static final int FIRST_WORKER = 20;
  private static final int LAST_WORKER = 50;
  private static final int FIRST_POOL_ADDRESS = 101;
  private static final int LAST_POOL_ADDRESS = 199;

  /** A range for the bed {@code name} that neither the host nor another bed uses. */
  public static BedNetwork choose(String name, Set<Integer> otherBeds) {
    var routes = Command.of("ip", "-4", "route", "show", "table", "all").output();
    var addresses = Command.of("ip", "-4", "address", "show").output();
    return choose(name, otherBeds, routes + addresses);
  }

  static BedNetwork choose(String name, Set<Integer> otherBeds, String hostNetworking) {
    var taken = new HashSet<>(otherBeds);
    var match = IN_USE.matcher(hostNetworking);
    while (match.find()) {
      taken.add(Integer.parseInt(match.group(1)));
    }
    var start = Math.floorMod(name.hashCode(), RANGES);
    return IntStream.range(0, RANGES)
        .map(offset -> (start + offset) % RANGES)
        .filter(candidate -> !taken.contains(candidate))
        .mapToObj(BedNetwork::new)
        .findFirst()
        .orElseThrow(() ->
            new BedException("all 256 ranges 172.30.x.0/24 are in use; take a bed down first"));
  }

  private String address(int last) {
    return PREFIX + third + "." + last;
  }

  /** The host's own address in the range, and the machines' way out of it. */
  public String host() {
    return address(1);
  }

  /** The management node, and so the management API server. */
  public String node() {
    return address(FIRST_NODE);
  }

  /** The management cluster's node number {@code number}, from the second on. */
  public String furtherNode(int number) {
    return address(FIRST_NODE + number - 1);
  }

  /** What nodes of hosted clusters can have. */
  public List<String> workers() {
    return IntStream.rangeClosed(FIRST_WORKER, LAST_WORKER).mapToObj(this::address).toList();
  }

  /** Where the management cluster's DNS can be asked from outside of it. */
  public String dns() {
    return address(53);
  }

  /** The shared Gateway. */
  public String gateway() {
    return address(100);
  }

  /** What the load balancer hands out to whoever does not ask for a certain address. */
  public List<String> pool() {
    return IntStream.rangeClosed(FIRST_POOL_ADDRESS, LAST_POOL_ADDRESS)
        .mapToObj(this::address)
        .toList();
  }

  /** Whether {@code address} belongs to the part of the range that services may have. */
  public boolean isServiceAddress(String address) {
    return address.equals(gateway()) || address.equals(dns()) || pool().contains(address);
  }

  /** The length of the range's prefix. */
  public int prefixLength() {
    return 24;
  }
}
