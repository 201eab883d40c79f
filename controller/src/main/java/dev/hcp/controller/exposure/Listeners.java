package dev.hcp.controller.exposure;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Listener;
import java.util.List;
import java.util.Optional;

/** Listeners of a Gateway through which API servers can be reached. */
final class Listeners {
  private static final String WILDCARD = "*.";

  private Listeners() {}

  /**
   * Listeners with protocol TLS, mode Passthrough and a wildcard host, which take routes of the
   * namespace.
   */
  static List<Listener> usable(Gateway gateway, String namespace) {
    return all(gateway).stream()
        .filter(Listeners::isWildcardTls)
        .filter(Listeners::isPassthrough)
        .filter(listener -> takesRoutesOf(gateway, listener, namespace))
        .toList();
  }

  /** Why no listener can be used, in a sentence. */
  static String whyNone(Gateway gateway, String namespace) {
    var name =
        "Gateway %s/%s"
            .formatted(gateway.getMetadata().getNamespace(), gateway.getMetadata().getName());
    var wildcards = all(gateway).stream().filter(Listeners::isWildcardTls).toList();
    if (wildcards.isEmpty()) {
      return "%s has no listener with protocol TLS and a wildcard host name such as *.example.com"
          .formatted(name);
    }
    var passthrough = wildcards.stream().filter(Listeners::isPassthrough).toList();
    if (passthrough.isEmpty()) {
      return "Listener %s of %s has TLS mode Terminate; it must be Passthrough"
          .formatted(wildcards.getFirst().getName(), name);
    }
    return "Listener %s of %s does not allow routes of namespace %s; see its allowedRoutes"
        .formatted(passthrough.getFirst().getName(), name, namespace);
  }

  /** The endpoint that a listener gives a Cluster. */
  static ControlPlaneEndpoint endpoint(Listener listener, String cluster, String namespace) {
    return new ControlPlaneEndpoint(
        "%s.%s.%s".formatted(cluster, namespace, domain(listener)), listener.getPort());
  }

  /**
   * The listener that leads to an endpoint: of those that serve its host, one with its port. Where
   * none has, ports are translated on the way to the Gateway, and the first will do.
   */
  static Optional<Listener> leadingTo(List<Listener> listeners, ControlPlaneEndpoint endpoint) {
    var serving =
        listeners.stream()
            .filter(l -> String.valueOf(endpoint.host()).endsWith("." + domain(l)))
            .toList();
    return serving.stream()
        .filter(l -> l.getPort().equals(endpoint.port()))
        .findFirst()
        .or(() -> serving.stream().findFirst());
  }

  private static List<Listener> all(Gateway gateway) {
    return gateway.getSpec() == null || gateway.getSpec().getListeners() == null
        ? List.of()
        : gateway.getSpec().getListeners();
  }

  private static String domain(Listener listener) {
    return listener.getHostname().substring(WILDCARD.length());
  }

  private static boolean isWildcardTls(Listener listener) {
    return "TLS".equals(listener.getProtocol())
        && listener.getHostname() != null
        && listener.getHostname().startsWith(WILDCARD);
  }

  private static boolean isPassthrough(Listener listener) {
    return listener.getTls() != null && "Passthrough".equals(listener.getTls().getMode());
  }

  /** A selector cannot be judged from here: whether it lets the route in is seen at the route. */
  private static boolean takesRoutesOf(Gateway gateway, Listener listener, String namespace) {
    var allowed = listener.getAllowedRoutes();
    var from =
        allowed == null || allowed.getNamespaces() == null
            ? null
            : allowed.getNamespaces().getFrom();
    if (from == null || from.equals("Same")) {
      return namespace.equals(gateway.getMetadata().getNamespace());
    }
    return from.equals("All") || from.equals("Selector");
  }
}
