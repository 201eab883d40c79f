package dev.hcp.gateway;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.GatewayReference;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Listener;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Listeners of a Gateway through which API servers can be reached.
 *
 * @param gateway the Gateway
 * @param namespace namespace of the routes
 * @param namespaceLabels its labels
 */
public record Listeners(Gateway gateway, String namespace, Map<String, String> namespaceLabels) {
  private static final String WILDCARD = "*.";
  private static final String ROUTE = "TLSRoute";

  /**
   * Listeners with protocol TLS, mode Passthrough and a wildcard host, which take TLSRoutes of the
   * namespace.
   */
  public List<Listener> usable() {
    return all().stream()
        .filter(Listeners::isWildcardTls)
        .filter(Listeners::isPassthrough)
        .filter(Listeners::takesTlsRoutes)
        .filter(this::takesRoutesOfNamespace)
        .toList();
  }

  /** Why no listener can be used, in a sentence. */
  public String whyNone() {
    var name = name(gateway);
    var wildcards = all().stream().filter(Listeners::isWildcardTls).toList();
    if (wildcards.isEmpty()) {
      return "%s has no listener with protocol TLS and a wildcard host name such as *.example.com"
          .formatted(name);
    }
    var passthrough = wildcards.stream().filter(Listeners::isPassthrough).toList();
    if (passthrough.isEmpty()) {
      return "Listener %s of %s has TLS mode Terminate; it must be Passthrough"
          .formatted(wildcards.getFirst().getName(), name);
    }
    var taking = passthrough.stream().filter(Listeners::takesTlsRoutes).toList();
    if (taking.isEmpty()) {
      return "Listener %s of %s does not allow routes of kind TLSRoute; see its allowedRoutes.kinds"
          .formatted(passthrough.getFirst().getName(), name);
    }
    var first = taking.getFirst();
    return "Listener %s of %s does not allow routes of namespace %s; see its allowedRoutes%s"
        .formatted(
            first.getName(),
            name,
            namespace,
            from(first).equals("Selector")
                ? ": the labels of the namespace do not match its selector"
                : "");
  }

  /** Why the Gateway takes no ListenerSets of the namespace, in a sentence; empty if it does. */
  public Optional<String> whyNoListenerSets() {
    var allowed = gateway.getSpec() == null ? null : gateway.getSpec().getAllowedListeners();
    var namespaces = allowed == null ? null : allowed.getNamespaces();
    var from = namespaces == null || namespaces.getFrom() == null ? "None" : namespaces.getFrom();
    if (Selectors.letsIn(
        from,
        namespaces == null ? null : namespaces.getSelector(),
        gateway.getMetadata().getNamespace(),
        namespace,
        namespaceLabels)) {
      return Optional.empty();
    }
    return Optional.of(
        "%s does not allow ListenerSets of namespace %s: its spec.allowedListeners.namespaces.from is %s%s"
            .formatted(
                name(gateway),
                namespace,
                from,
                from.equals("Selector")
                    ? ", and the labels of the namespace do not match the selector"
                    : "; set it to All, Same or Selector"));
  }

  /** A Gateway that is referred to, in words. */
  public static String name(GatewayReference gateway) {
    return "Gateway %s/%s".formatted(gateway.namespace(), gateway.name());
  }

  /** A Gateway in words. */
  public static String name(Gateway gateway) {
    return name(
        new GatewayReference(
            gateway.getMetadata().getNamespace(), gateway.getMetadata().getName()));
  }

  /** The endpoint that a listener gives a Cluster. */
  public static ControlPlaneEndpoint endpoint(Listener listener, String cluster, String namespace) {
    return new ControlPlaneEndpoint(
        "%s.%s.%s".formatted(cluster, namespace, domain(listener)), listener.getPort());
  }

  /**
   * The listener that leads to an endpoint: of those that serve its host, one with its port. Where
   * none has, ports are translated on the way to the Gateway, and the first will do.
   */
  public static Optional<Listener> leadingTo(
      List<Listener> listeners, ControlPlaneEndpoint endpoint) {
    var serving =
        listeners.stream().filter(l -> serves(l, String.valueOf(endpoint.host()))).toList();
    return serving.stream()
        .filter(l -> l.getPort().equals(endpoint.port()))
        .findFirst()
        .or(() -> serving.stream().findFirst());
  }

  /** Whether the wildcard of a listener covers a host. */
  public static boolean serves(Listener listener, String host) {
    return host.endsWith("." + domain(listener));
  }

  private List<Listener> all() {
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

  /** Without a list, a listener takes all routes that its protocol fits. */
  private static boolean takesTlsRoutes(Listener listener) {
    var allowed = listener.getAllowedRoutes();
    return allowed == null
        || allowed.getKinds() == null
        || allowed.getKinds().isEmpty()
        || allowed.getKinds().stream().anyMatch(kind -> ROUTE.equals(kind.getKind()));
  }

  private boolean takesRoutesOfNamespace(Listener listener) {
    var allowed = listener.getAllowedRoutes();
    return Selectors.letsIn(
        from(listener),
        allowed == null || allowed.getNamespaces() == null
            ? null
            : allowed.getNamespaces().getSelector(),
        gateway.getMetadata().getNamespace(),
        namespace,
        namespaceLabels);
  }

  private static String from(Listener listener) {
    var allowed = listener.getAllowedRoutes();
    return allowed == null
            || allowed.getNamespaces() == null
            || allowed.getNamespaces().getFrom() == null
        ? "Same"
        : allowed.getNamespaces().getFrom();
  }
}
