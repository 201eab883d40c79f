package dev.hcp.controller.exposure;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.Part;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Reach;
import dev.hcp.controller.plan.Step;
import dev.hcp.gateway.Listeners;
import dev.hcp.model.ControlPlane;
import dev.hcp.render.exposure.ExposureRenderer;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Listener;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.RouteParentStatus;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Plans Service, endpoint, routes and the port of the Gateway. */
public final class Exposure {
  private static final int DEFAULT_PORT = 443;

  private Exposure() {}

  /** How the API server is reached, as far as it is known. */
  public static Reach reach(Observation observed, ControlPlane controlPlane) {
    var endpoint = endpoint(observed);
    var listener =
        endpoint == null
            ? Optional.<Listener>empty()
            : Listeners.leadingTo(usableListeners(observed), endpoint);
    var inCluster = InCluster.of(observed, controlPlane);
    return new Reach(
        endpoint,
        listener.map(Listener::getName).orElse(null),
        inCluster.service().address(),
        inCluster.service().hostName(),
        inCluster.isServiceInUse());
  }

  /** The steps: Service, endpoint, routes, port of the Gateway. */
  public static List<Step> plan(Planning planning) {
    var inCluster = InCluster.of(planning.observed(), planning.controlPlane());
    return List.of(
        ServiceStep.of(inCluster), endpoint(planning), routes(planning), DoorStep.of(inCluster));
  }

  /** What the hosted cluster shall hold, so that its pods find the API servers. */
  public static Optional<Part> part(Planning planning) {
    return InCluster.of(planning.observed(), planning.controlPlane()).part();
  }

  private static Step endpoint(Planning planning) {
    var observed = planning.observed();
    var endpoint = planning.reach().endpoint();
    if (endpoint == null) {
      return new Step(noListener(observed), List.of());
    }
    var actions = new ArrayList<Action>();
    if (!endpoint.equals(observed.hostedControlPlane().getSpec().controlPlaneEndpoint())) {
      actions.add(new Action.PublishEndpoint(endpoint));
    }
    var cluster = observed.cluster().getSpec();
    if (cluster.infrastructureRef() != null && !isComplete(cluster.controlPlaneEndpoint())) {
      actions.add(new Action.TellInfrastructure(cluster.infrastructureRef(), endpoint));
    }
    return new Step(endpointState(planning, endpoint), List.of(), List.of(), actions);
  }

  private static ConditionState endpointState(Planning planning, ControlPlaneEndpoint endpoint) {
    var where = "%s:%d".formatted(endpoint.host(), endpoint.port());
    if (planning.reach().listener() != null) {
      return ConditionState.done(
          ConditionType.CONTROL_PLANE_ENDPOINT, "The endpoint is %s".formatted(where));
    }
    var listeners = usableListeners(planning.observed());
    if (listeners.isEmpty()) {
      return noListener(planning.observed());
    }
    return ConditionState.not(
        ConditionType.CONTROL_PLANE_ENDPOINT,
        Reason.ENDPOINT_CHANGED,
        "The endpoint is %s, but no listener of the Gateway covers that host: listener %s serves %s. The endpoint of a cluster cannot change: give the Gateway a listener for %s"
            .formatted(
                where,
                listeners.getFirst().getName(),
                listeners.getFirst().getHostname(),
                endpoint.host()));
  }

  private static Step routes(Planning planning) {
    var endpoint = planning.reach().endpoint();
    var listener = planning.reach().listener();
    if (!planning.observed().entrance().serves(TLSRoute.class)) {
      return new Step(
          ConditionState.not(
              ConditionType.TLS_ROUTES,
              Reason.TLS_ROUTE_NOT_SERVED,
              "The management cluster does not serve tlsroutes.gateway.networking.k8s.io; install the Gateway API"),
          List.of());
    }
    if (endpoint == null || listener == null) {
      return new Step(
          ConditionState.not(
              ConditionType.TLS_ROUTES,
              Reason.WAITING_FOR_ENDPOINT,
              "The routes wait for a listener of the Gateway"),
          List.of());
    }
    var desired = ExposureRenderer.routes(planning.controlPlane(), endpoint, listener);
    var problem =
        planning
            .observed()
            .gateway()
            .flatMap(gateway -> Gateways.notProgrammed(gateway, listener))
            .map(p -> ConditionState.not(ConditionType.TLS_ROUTES, p.reason(), p.message()))
            .or(() -> desired.stream().flatMap(r -> problem(planning, r).stream()).findFirst());
    return new Step(
        problem.orElseGet(() ->
            ConditionState.done(
                ConditionType.TLS_ROUTES,
                "The Gateway leads %s to the API server".formatted(endpoint.host()))),
        desired);
  }

  private static Optional<ConditionState> problem(Planning planning, TLSRoute desired) {
    var name = desired.getMetadata().getName();
    var live = planning.objects().get(TLSRoute.class, name);
    if (live.isEmpty()) {
      return Optional.of(
          ConditionState.not(
              ConditionType.TLS_ROUTES,
              Reason.NOT_CREATED,
              "TLSRoute %s is being created".formatted(name)));
    }
    var route = live.get();
    var said = parent(planning, route).map(RouteParentStatus::getConditions).orElse(null);
    return unmet(route, said, "Accepted", Reason.ROUTE_NOT_ACCEPTED)
        .or(() -> unmet(route, said, "ResolvedRefs", Reason.BACKEND_NOT_RESOLVED));
  }

  private static Optional<RouteParentStatus> parent(Planning planning, TLSRoute route) {
    var gateway = planning.controlPlane().spec().gateway();
    var status = route.getStatus();
    if (status == null || status.getParents() == null) {
      return Optional.empty();
    }
    return status.getParents().stream()
        .filter(parent ->
            gateway.name().equals(parent.getParentRef().getName())
                && gateway
                    .namespace()
                    .equals(
                        parent.getParentRef().getNamespace() == null
                            ? route.getMetadata().getNamespace()
                            : parent.getParentRef().getNamespace()))
        .findFirst();
  }

  private static Optional<ConditionState> unmet(
      TLSRoute route, @Nullable List<Condition> said, String type, Reason reason) {
    return Statements.unmet(said, type, route.getMetadata())
        .map(why ->
            ConditionState.not(
                ConditionType.TLS_ROUTES,
                reason,
                "TLSRoute %s is not %s: %s".formatted(route.getMetadata().getName(), type, why)));
  }

  private static ConditionState noListener(Observation observed) {
    var reference = observed.hostedControlPlane().getSpec().gateway();
    if (observed.gateway().isEmpty()) {
      return ConditionState.not(
          ConditionType.CONTROL_PLANE_ENDPOINT,
          Reason.GATEWAY_NOT_FOUND,
          "Gateway %s/%s, named by spec.gateway, does not exist"
              .formatted(reference.namespace(), reference.name()));
    }
    return ConditionState.not(
        ConditionType.CONTROL_PLANE_ENDPOINT,
        Reason.LISTENER_NOT_FOUND,
        listeners(observed, observed.gateway().get()).whyNone());
  }

  /**
   * The endpoint of the Cluster if it has one, which the user may have chosen; else the one
   * published before, or chosen by the user; else the one that follows from the Gateway.
   */
  private static @Nullable ControlPlaneEndpoint endpoint(Observation observed) {
    var chosen = observed.cluster().getSpec().controlPlaneEndpoint();
    if (chosen != null && isComplete(chosen)) {
      // Some load balancers have names with capitals, which routes must not have.
      return new ControlPlaneEndpoint(
          String.valueOf(chosen.host()).toLowerCase(Locale.ROOT), chosen.port());
    }
    var published = observed.hostedControlPlane().getSpec().controlPlaneEndpoint();
    var listeners = usableListeners(observed);
    if (published != null && hasHost(published)) {
      return withPort(published, listeners);
    }
    var metadata = observed.cluster().getMetadata();
    return listeners.stream()
        .findFirst()
        .map(l -> Listeners.endpoint(l, metadata.getName(), metadata.getNamespace()))
        .orElse(null);
  }

  /** A host that the user chose without a port gets that of the listener which covers it. */
  private static ControlPlaneEndpoint withPort(
      ControlPlaneEndpoint endpoint, List<Listener> listeners) {
    return isComplete(endpoint)
        ? endpoint
        : new ControlPlaneEndpoint(
            endpoint.host(),
            listeners.stream()
                .filter(l -> Listeners.serves(l, String.valueOf(endpoint.host())))
                .findFirst()
                .map(Listener::getPort)
                .orElse(DEFAULT_PORT));
  }

  private static List<Listener> usableListeners(Observation observed) {
    return observed.gateway().map(g -> listeners(observed, g).usable()).orElse(List.of());
  }

  private static Listeners listeners(Observation observed, Gateway gateway) {
    return new Listeners(
        gateway,
        observed.cluster().getMetadata().getNamespace(),
        observed.entrance().namespaceLabels());
  }

  private static boolean isComplete(@Nullable ControlPlaneEndpoint endpoint) {
    return endpoint != null && hasHost(endpoint) && endpoint.port() != null && endpoint.port() > 0;
  }

  private static boolean hasHost(ControlPlaneEndpoint endpoint) {
    return endpoint.host() != null && !endpoint.host().isEmpty();
  }
}
