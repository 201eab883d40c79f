package dev.hcp.controller.plan;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the API server is reached, as far as that is known.
 *
 * @param endpoint public address
 * @param listener name of the Gateway's listener that leads there; null if there is none now
 * @param address IP address under which nodes of the hosted cluster reach the API server's Service;
 *     null if it has none
 * @param hostName host name of the Service's load balancer; null if it has none
 * @param serviceInUse whether nodes of the hosted cluster may be sent to the Service, past the
 *     Gateway
 */
public record Reach(
    @Nullable ControlPlaneEndpoint endpoint,
    @Nullable String listener,
    @Nullable String address,
    @Nullable String hostName,
    boolean serviceInUse) {

  /** Addresses and names of the Service that clients may dial from outside. */
  public List<String> serviceNames() {
    return Stream.of(address, hostName).filter(Objects::nonNull).toList();
  }
}
