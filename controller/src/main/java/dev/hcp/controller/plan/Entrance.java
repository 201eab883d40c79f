package dev.hcp.controller.plan;

import dev.hcp.model.PortRange;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the management cluster has to offer to somebody who wants to reach API servers.
 *
 * @param gateway the Gateway that the spec names
 * @param served which of the kinds are served that not every release of the Gateway API has
 * @param listenerSets those of all namespaces that add listeners to the Gateway
 * @param ports ports of the Gateway that may be given to control planes
 * @param namespaceLabels labels of the control plane's namespace
 * @param names the host names that are being followed, and their addresses
 */
public record Entrance(
    Optional<Gateway> gateway,
    Set<Class<? extends HasMetadata>> served,
    List<ListenerSet> listenerSets,
    PortRange ports,
    Map<String, String> namespaceLabels,
    Map<String, Resolution> names) {
  /** Copies the collections. */
  public Entrance {
    served = Set.copyOf(served);
    listenerSets = List.copyOf(listenerSets);
    namespaceLabels = Map.copyOf(namespaceLabels);
    names = Map.copyOf(names);
  }

  /** Whether a kind is served that not every release of the Gateway API has. */
  public boolean serves(Class<? extends HasMetadata> type) {
    return served.contains(type);
  }
}
