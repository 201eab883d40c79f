package dev.hcp.controller.exposure;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Reach;
import dev.hcp.controller.plan.Step;
import dev.hcp.model.ControlPlane;
import dev.hcp.render.exposure.ExposureRenderer;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Listener;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.RouteParentStatus;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Plans Service, routes and endpoint. */
public final class Exposure {
  private Exposure() {}

  /** How the API server is reached, as far as it is known. */
  public static Reach reach(Observation observed, ControlPlane controlPlane) {
    var endpoint = endpoint(observed);
    var listener =
        endpoint == null
            ? Optional.<Listener>empty()
            : Listeners.leadingTo(usableListeners(observed), endpoint);
    return new Reach(
        endpoint, listener.map(Listener::getName).orElse(null), address(observed, controlPlane));
  }

  /** The steps: Service, endpoint, routes. */
  public static List<Step> plan(Planning planning) {
    return List.of(service(planning), endpoint(planning), routes(planning));
  }

  private static Step service(Planning planning) {
    var desired = ExposureRenderer.service(planning.controlPlane());
    var name = desired.getMetadata().getName();
    var address = planning.reach().address();
    return new Step(
        address != null
            ? ConditionState.done(
                ConditionType.API_SERVER_SERVICE,
                "Service %s has the address %s".formatted(name, address))
            : ConditionState.not(
                ConditionType.API_SERVER_SERVICE,
                Reason.WAITING_FOR_ADDRESS,
                whyNoAddress(planning, name)),
        List.of(desired));
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
        "The endpoint is %s, but listener %s of the Gateway serves %s. The endpoint of a cluster cannot change: give the Gateway a listener for the old host name"
            .formatted(where, listeners.getFirst().getName(), listeners.getFirst().getHostname()));
  }

  private static Step routes(Planning planning) {
    var endpoint = planning.reach().endpoint();
    var listener = planning.reach().listener();
    if (!planning.observed().tlsRoutesServed()) {
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
    var problem = desired.stream().flatMap(r -> problem(planning, r).stream()).findFirst();
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
    var parent = parent(planning, live.get());
    return unmet(live.get(), parent, "Accepted", Reason.ROUTE_NOT_ACCEPTED)
        .or(() -> unmet(live.get(), parent, "ResolvedRefs", Reason.BACKEND_NOT_RESOLVED));
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
      TLSRoute route, Optional<RouteParentStatus> parent, String type, Reason reason) {
    var condition =
        parent.stream()
            .flatMap(p -> p.getConditions().stream())
            .filter(c -> type.equals(c.getType()))
            .findFirst();
    if (condition.isPresent()
        && "True".equals(condition.get().getStatus())
        && isCurrent(route, condition.get())) {
      return Optional.empty();
    }
    var why =
        condition
            .filter(c -> !"True".equals(c.getStatus()))
            .map(c -> "%s: %s".formatted(c.getReason(), c.getMessage()))
            .orElse("the Gateway's controller has not answered yet");
    return Optional.of(
        ConditionState.not(
            ConditionType.TLS_ROUTES,
            reason,
            "TLSRoute %s is not %s: %s".formatted(route.getMetadata().getName(), type, why)));
  }

  private static boolean isCurrent(TLSRoute route, Condition condition) {
    return condition.getObservedGeneration() == null
        || condition.getObservedGeneration() >= route.getMetadata().getGeneration();
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
        Listeners.whyNone(
            observed.gateway().get(), observed.cluster().getMetadata().getNamespace()));
  }

  /**
   * The endpoint of the Cluster if it has one, which the user may have chosen; else the one
   * published before; else the one that follows from the Gateway.
   */
  private static @Nullable ControlPlaneEndpoint endpoint(Observation observed) {
    var chosen = observed.cluster().getSpec().controlPlaneEndpoint();
    if (isComplete(chosen)) {
      return chosen;
    }
    var published = observed.hostedControlPlane().getSpec().controlPlaneEndpoint();
    if (isComplete(published)) {
      return published;
    }
    var metadata = observed.cluster().getMetadata();
    return usableListeners(observed).stream()
        .findFirst()
        .map(l -> Listeners.endpoint(l, metadata.getName(), metadata.getNamespace()))
        .orElse(null);
  }

  private static List<Listener> usableListeners(Observation observed) {
    return observed
        .gateway()
        .map(g -> Listeners.usable(g, observed.cluster().getMetadata().getNamespace()))
        .orElse(List.of());
  }

  private static boolean isComplete(@Nullable ControlPlaneEndpoint endpoint) {
    return endpoint != null
        && endpoint.host() != null
        && !endpoint.host().isEmpty()
        && endpoint.port() != null
        && endpoint.port() > 0;
  }

  /**
   * An address of the family of the hosted cluster's Services: API servers refuse to advertise
   * another.
   */
  private static @Nullable String address(Observation observed, ControlPlane controlPlane) {
    int bits = controlPlane.networks().services().getFirst().bits();
    return addresses(observed.objects(), controlPlane.names().apiServerService()).stream()
        .filter(ip -> InetAddress.ofLiteral(ip).getAddress().length * Byte.SIZE == bits)
        .findFirst()
        .orElse(null);
  }

  private static String whyNoAddress(Planning planning, String name) {
    var addresses = addresses(planning.objects(), name);
    if (!addresses.isEmpty()) {
      return "The load balancer of Service %s has the address %s, but the Services of the cluster are in %s: an address of that IP family is needed"
          .formatted(
              name, addresses.getFirst(), planning.controlPlane().networks().services().getFirst());
    }
    return ingress(planning.objects(), name).stream()
        .map(LoadBalancerIngress::getHostname)
        .filter(h -> h != null && !h.isEmpty())
        .findFirst()
        .map(h ->
            "The load balancer of Service %s has only the host name %s; an IP address is needed"
                .formatted(name, h))
        .orElse("Service %s waits for the address of its load balancer".formatted(name));
  }

  private static List<String> addresses(LiveObjects objects, String service) {
    return ingress(objects, service).stream()
        .map(LoadBalancerIngress::getIp)
        .filter(ip -> ip != null && !ip.isEmpty())
        .toList();
  }

  private static List<LoadBalancerIngress> ingress(LiveObjects objects, String service) {
    return objects
        .get(Service.class, service)
        .map(Service::getStatus)
        .map(s -> s.getLoadBalancer())
        .map(l -> l.getIngress())
        .orElse(List.of());
  }
}
