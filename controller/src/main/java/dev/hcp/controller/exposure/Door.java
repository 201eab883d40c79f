package dev.hcp.controller.exposure;

import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Entrance;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.Observation;
import dev.hcp.gateway.Listeners;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Names;
import dev.hcp.render.exposure.ExposureRenderer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerEntryStatus;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ParentReference;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.RouteParentStatus;
import io.fabric8.kubernetes.api.model.gatewayapi.v1alpha2.TCPRoute;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The port of the Gateway that leads to one control plane: a ListenerSet that opens it and a
 * TCPRoute behind it.
 *
 * @param exists whether there is anything of it
 * @param desired the objects that make it; empty as long as they cannot be made
 * @param port the port; empty if there is none to be had
 * @param addresses addresses of the Gateway that pods of the hosted cluster can use
 * @param problem what keeps it from being open; empty if it is
 * @param established whether it has been open before
 */
record Door(
    boolean exists,
    List<HasMetadata> desired,
    Optional<Integer> port,
    List<String> addresses,
    Optional<Problem> problem,
    boolean established) {

  static Door of(Observation observed, ControlPlane controlPlane) {
    var entrance = observed.entrance();
    var name = controlPlane.names().inClusterAccess();
    var set = observed.objects().get(ListenerSet.class, name);
    var route = observed.objects().get(TCPRoute.class, name);
    boolean exists = set.isPresent() || route.isPresent();
    var addresses = Gateways.addresses(entrance, controlPlane);
    var missing = missing(entrance, controlPlane);
    if (missing.isPresent()) {
      return new Door(exists, List.of(), Optional.empty(), addresses, missing, false);
    }
    var gateway = entrance.gateway().orElseThrow();
    var ports = GatewayPorts.of(entrance, gateway, controlPlane, set);
    if (ports.port().isEmpty()) {
      return new Door(exists, List.of(), Optional.empty(), addresses, ports.problem(), false);
    }
    int port = ports.port().get();
    var problem =
        ports
            .problem()
            .or(() -> notAllowed(entrance, gateway, controlPlane))
            .or(() -> notOpened(set, name, port))
            .or(() -> notRouted(route, name))
            .or(() -> Gateways.notProgrammed(gateway))
            .or(() ->
                addresses.isEmpty()
                    ? Optional.of(Gateways.noAddress(entrance, gateway, controlPlane))
                    : Optional.empty());
    boolean established = ports.established() || problem.isEmpty();
    return new Door(
        exists,
        List.of(
            ExposureRenderer.listenerSet(controlPlane, port, established),
            ExposureRenderer.tcpRoute(controlPlane)),
        ports.port(),
        addresses,
        problem,
        established);
  }

  /** Whether it leads to the API servers now. */
  boolean isOpen() {
    return problem.isEmpty();
  }

  /**
   * Whether pods may be sent there: it is open, or has been and is only disturbed, in which case it
   * is no use to send them elsewhere and back.
   */
  boolean isUsable() {
    return port.isPresent() && !addresses.isEmpty() && (isOpen() || established);
  }

  /** The objects that are there. */
  static List<HasMetadata> existing(LiveObjects objects, Names names) {
    return Stream.of(TCPRoute.class, ListenerSet.class)
        .<HasMetadata>flatMap(type -> objects.get(type, names.inClusterAccess()).stream())
        .toList();
  }

  private static Optional<Problem> missing(Entrance entrance, ControlPlane controlPlane) {
    if (!entrance.serves(ListenerSet.class)) {
      return Optional.of(
          new Problem(
              Reason.LISTENER_SET_NOT_SERVED,
              "The management cluster does not serve listenersets.gateway.networking.k8s.io in version v1 (XListenerSet will not do); install Gateway API 1.5 or newer"));
    }
    if (!entrance.serves(TCPRoute.class)) {
      return Optional.of(
          new Problem(
              Reason.TCP_ROUTE_NOT_SERVED,
              "The management cluster does not serve tcproutes.gateway.networking.k8s.io in version v1 or v1alpha2; install them with the Gateway API"));
    }
    return entrance.gateway().isPresent()
        ? Optional.empty()
        : Optional.of(
            new Problem(
                Reason.GATEWAY_NOT_FOUND,
                "%s, named by spec.gateway, does not exist"
                    .formatted(Listeners.name(controlPlane.spec().gateway()))));
  }

  private static Optional<Problem> notAllowed(
      Entrance entrance, Gateway gateway, ControlPlane controlPlane) {
    return new Listeners(gateway, controlPlane.namespace(), entrance.namespaceLabels())
        .whyNoListenerSets()
        .map(why -> new Problem(Reason.LISTENER_SETS_NOT_ALLOWED, why));
  }

  private static Optional<Problem> notOpened(Optional<ListenerSet> live, String name, int port) {
    if (live.isEmpty()) {
      return Optional.of(notCreated("ListenerSet", name));
    }
    var set = live.get();
    boolean isOld =
        set.getSpec().getListeners().stream()
            .noneMatch(l -> Integer.valueOf(port).equals(l.getPort()));
    if (isOld) {
      return Optional.of(
          new Problem(
              Reason.LISTENER_SET_NOT_READY,
              "ListenerSet %s goes over to port %d".formatted(name, port)));
    }
    var status = set.getStatus();
    var conditions = status == null ? null : status.getConditions();
    return entry(set)
        .flatMap(entry ->
            Statements.denied(entry.getConditions(), "Accepted", set.getMetadata())
                .or(() ->
                    Statements.denied(entry.getConditions(), "Programmed", set.getMetadata())))
        .or(() -> Statements.unmet(conditions, "Accepted", set.getMetadata()))
        .or(() -> Statements.unmet(conditions, "Programmed", set.getMetadata()))
        .map(why ->
            new Problem(
                Reason.LISTENER_SET_NOT_READY,
                "ListenerSet %s with port %d does not work: %s".formatted(name, port, why)));
  }

  private static Optional<ListenerEntryStatus> entry(ListenerSet set) {
    return set.getStatus() == null || set.getStatus().getListeners() == null
        ? Optional.empty()
        : set.getStatus().getListeners().stream().findFirst();
  }

  private static Optional<Problem> notRouted(Optional<TCPRoute> live, String name) {
    if (live.isEmpty()) {
      return Optional.of(notCreated("TCPRoute", name));
    }
    var route = live.get();
    var status = route.getStatus();
    var conditions =
        (status == null || status.getParents() == null
                ? Stream.<RouteParentStatus>empty()
                : status.getParents().stream())
            .filter(parent -> isOurs(parent.getParentRef(), name))
            .map(RouteParentStatus::getConditions)
            .findFirst()
            .orElse(null);
    return Statements.unmet(conditions, "Accepted", route.getMetadata())
        .map(why ->
            new Problem(
                Reason.ROUTE_NOT_ACCEPTED, "TCPRoute %s is not Accepted: %s".formatted(name, why)))
        .or(() ->
            Statements.unmet(conditions, "ResolvedRefs", route.getMetadata())
                .map(why ->
                    new Problem(
                        Reason.BACKEND_NOT_RESOLVED,
                        "TCPRoute %s is not ResolvedRefs: %s".formatted(name, why))));
  }

  private static boolean isOurs(ParentReference parent, String name) {
    return "ListenerSet".equals(parent.getKind()) && name.equals(parent.getName());
  }

  private static Problem notCreated(String kind, String name) {
    return new Problem(Reason.NOT_CREATED, "%s %s is being created".formatted(kind, name));
  }
}
