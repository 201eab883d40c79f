package dev.hcp.controller.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TCPRoute;
import java.util.List;
import java.util.Optional;

/** In which versions the management cluster serves the routes of the Gateway API. */
public final class ServedRoutes {
  private final ServedKind<TLSRoute> tls =
      new ServedKind<>(TLSRoute.class, List.of("v1", "v1alpha3", "v1alpha2"));
  private final ServedKind<TCPRoute> tcp =
      new ServedKind<>(TCPRoute.class, List.of("v1", "v1alpha2"));

  /** None is served yet. */
  public ServedRoutes() {}

  /** TLSRoutes, which lead to the API servers by host name. */
  public ServedKind<TLSRoute> tls() {
    return tls;
  }

  /** TCPRoutes, which lead to the API servers by port. */
  public ServedKind<TCPRoute> tcp() {
    return tcp;
  }

  /** All kinds of routes. */
  public List<ServedKind<?>> all() {
    return List.of(tls, tcp);
  }

  /** The kind of route that a type is; empty for other types. */
  public Optional<ServedKind<?>> of(Class<? extends HasMetadata> type) {
    return all().stream().filter(kind -> kind.type() == type).findFirst();
  }
}
