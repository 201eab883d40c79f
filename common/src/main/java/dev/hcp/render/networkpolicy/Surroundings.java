package dev.hcp.render.networkpolicy;

import dev.hcp.model.Cidr;
import java.util.List;

/**
 * What policies have to know of the management cluster.
 *
 * @param controllerNamespace where this project's controller runs
 * @param gatewayNamespaces where proxies of Gateways run that do not say so by their labels
 * @param podRanges addresses of pods, as far as they are known
 * @param nodeRanges addresses of nodes, as far as they are known
 */
public record Surroundings(
    String controllerNamespace,
    List<String> gatewayNamespaces,
    List<Cidr> podRanges,
    List<Cidr> nodeRanges) {
  /** Copies the lists. */
  public Surroundings {
    gatewayNamespaces = List.copyOf(gatewayNamespaces);
    podRanges = List.copyOf(podRanges);
    nodeRanges = List.copyOf(nodeRanges);
  }
}
