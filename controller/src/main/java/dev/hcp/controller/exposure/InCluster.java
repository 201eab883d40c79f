package dev.hcp.controller.exposure;

import dev.hcp.api.v1alpha1.ExposureSettings;
import dev.hcp.api.v1alpha1.InClusterAccess;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.Part;
import dev.hcp.controller.plan.PartOutcome;
import dev.hcp.controller.plan.Resolution;
import dev.hcp.model.ControlPlane;
import dev.hcp.render.exposure.ExposureRenderer;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How pods of the hosted cluster reach the API servers: what is wanted, what is so, and the next
 * safe step from the one to the other.
 *
 * <p>It is the controller that keeps Service {@code default/kubernetes} of the hosted cluster. API
 * servers could do so, but they enter themselves under a key made of their address; behind a load
 * balancer they have the same one, and each that stops would empty the Service for all of them
 * until another has refreshed the key, up to ten seconds later (k8s.io/kubernetes, {@code
 * pkg/controlplane/reconcilers/lease.go}).
 *
 * <p>A running cluster changes its way in this order, each step being taken once the one before is
 * seen done: the new way is open; {@code default/kubernetes} leads there; then the old way is
 * closed. Nothing but what is observed decides which step is next.
 *
 * @param controlPlane what is wanted
 * @param observed what is there
 * @param service where the API server's Service is
 * @param door the port of the Gateway
 * @param contested whether API servers of another make write {@code default/kubernetes} themselves
 */
record InCluster(
    ControlPlane controlPlane,
    Observation observed,
    ServiceAddress service,
    Door door,
    boolean contested) {

  /**
   * Where Service {@code default/kubernetes} shall lead.
   *
   * @param wanted whether that is where the spec wants it, and not just where it has to stay yet
   */
  record Target(List<String> addresses, int port, boolean wanted) {
    String describe() {
      return addresses.stream()
          .map(ip -> (ip.contains(":") ? "[%s]:%d" : "%s:%d").formatted(ip, port))
          .reduce((left, right) -> left + ", " + right)
          .orElse("");
    }
  }

  static InCluster of(Observation observed, ControlPlane controlPlane) {
    return new InCluster(
        controlPlane,
        observed,
        ServiceAddress.of(observed.objects(), controlPlane),
        Door.of(observed, controlPlane),
        RunningApiServers.anyWrites(observed.objects(), controlPlane.names()));
  }

  /** Whether the spec wants the Gateway's port. */
  boolean isByGateway() {
    return ExposureSettings.access(controlPlane.spec().exposure()) == InClusterAccess.GATEWAY;
  }

  /**
   * Whether pods may be sent to the Service, past the Gateway: because that is wanted, or because
   * it is not over yet.
   */
  boolean isServiceInUse() {
    return !isByGateway() || service.isLoadBalancer() || contested;
  }

  /** The addresses that the host name of the load balancer has. */
  List<String> resolved() {
    return resolution()
        .map(r -> controlPlane.networks().ofPrimaryFamily(r.addresses()))
        .orElse(List.of());
  }

  /** What became of looking up the host name of the load balancer. */
  Optional<Resolution> resolution() {
    return Optional.ofNullable(service.hostName()).map(observed.entrance().names()::get);
  }

  /** The host names whose addresses are needed. */
  TreeSet<String> neededNames() {
    var names = new TreeSet<String>();
    if (service.hostName() != null) {
      names.add(service.hostName());
    }
    if (isByGateway() || door.exists()) {
      names.addAll(Gateways.hostNames(observed.entrance(), controlPlane));
    }
    return names;
  }

  /**
   * Where Service {@code default/kubernetes} shall lead: on the wanted way if that is open, else on
   * the other if there is one; empty if that is not known now.
   */
  Optional<Target> target() {
    return isByGateway()
        ? byGateway(true).or(() -> byService(false))
        : byService(true).or(() -> door.exists() ? byGateway(false) : Optional.empty());
  }

  private Optional<Target> byGateway(boolean wanted) {
    return door.isUsable()
        ? Optional.of(new Target(door.addresses(), door.port().orElseThrow(), wanted))
        : Optional.empty();
  }

  private Optional<Target> byService(boolean wanted) {
    var addresses = service.address() == null ? resolved() : List.of(service.address());
    return addresses.isEmpty()
        ? Optional.empty()
        : Optional.of(new Target(addresses, ControlPlane.API_SERVER_PORT, wanted));
  }

  /**
   * What the hosted cluster shall hold of this; empty as long as an API server writes there itself,
   * which would be undone by it and undo it.
   */
  Optional<Part> part() {
    return contested
        ? Optional.empty()
        : target()
            .map(t ->
                new Part(
                    ConditionType.KUBERNETES_ENDPOINTS,
                    ExposureRenderer.kubernetesEndpoints(controlPlane, t.addresses(), t.port())));
  }

  /** Whether pods are sent where the spec wants them, and nobody sends them elsewhere any more. */
  boolean isSettled() {
    return target().filter(Target::wanted).isPresent()
        && part().filter(this::isWritten).isPresent();
  }

  private boolean isWritten(Part part) {
    return observed
        .workload()
        .filter(workload -> workload.problem().isEmpty())
        .map(workload -> workload.outcomes().get(part.condition()))
        .filter(outcome -> outcome.failure().isEmpty())
        .map(PartOutcome::part)
        .filter(part::equals)
        .isPresent();
  }
}
