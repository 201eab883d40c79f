package dev.hcp.process;

import dev.hcp.model.Cidr;
import java.util.List;

/**
 * How network policies are written.
 *
 * @param flavour {@code NETWORK_POLICY_FLAVOUR}: as which kind; by default as the one that the
 *     management cluster serves
 * @param gatewayNamespaces {@code GATEWAY_NAMESPACES}: namespaces of proxies of Gateways that do
 *     not say so by their labels; none by default
 * @param podRanges {@code MANAGEMENT_POD_CIDRS}: addresses of the management cluster's pods, kept
 *     out of what stands for the outside world; unknown by default
 * @param nodeRanges {@code MANAGEMENT_NODE_CIDRS}: addresses of the management cluster's nodes;
 *     unknown by default
 */
public record NetworkPolicyOptions(
    Choice flavour, List<String> gatewayNamespaces, List<Cidr> podRanges, List<Cidr> nodeRanges) {
  /** Which kind of object. */
  public enum Choice {
    /** CiliumNetworkPolicy where it is served, else NetworkPolicy. */
    AUTO,
    /** NetworkPolicy, even where Cilium is. */
    KUBERNETES,
    /** CiliumNetworkPolicy and nothing else. */
    CILIUM
  }

  /** Copies the lists. */
  public NetworkPolicyOptions {
    gatewayNamespaces = List.copyOf(gatewayNamespaces);
    podRanges = List.copyOf(podRanges);
    nodeRanges = List.copyOf(nodeRanges);
  }

  static NetworkPolicyOptions from(Environment environment) {
    return new NetworkPolicyOptions(
        environment.choice("NETWORK_POLICY_FLAVOUR", Choice.AUTO),
        environment.namespaces("GATEWAY_NAMESPACES"),
        environment.ranges("MANAGEMENT_POD_CIDRS"),
        environment.ranges("MANAGEMENT_NODE_CIDRS"));
  }
}
