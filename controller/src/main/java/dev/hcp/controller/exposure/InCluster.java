package dev.hcp.controller.exposure;

import dev.hcp.api.v1alpha1.ExposureSettings;
import dev.hcp.api.v1alpha1.InClusterAccess;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.plan.Keeper;
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
 * <p>A running cluster changes its way in this order, each step being taken once the one before is
 * seen done: the new way is open; API servers are replaced by such that know it; as soon as the
 * last old one is gone, Service {@code default/kubernetes} leads there; then the old way is closed.
 * Nothing but what is observed decides which step is next.
 *
 * @param controlPlane what is wanted
 * @param observed what is there
 * @param service where the API server's Service is
 * @param door the port of the Gateway
 * @param running the API servers that run
 */
record InCluster(
    ControlPlane controlPlane,
    Observation observed,
    ServiceAddress service,
    Door door,
    RunningApiServers running) {

  /**
   * Where Service {@code default/kubernetes} shall lead, if the controller keeps it.
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
        RunningApiServers.of(observed.objects(), controlPlane.names()));
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
    return !isByGateway() || service.isLoadBalancer() || running.anyWrites();
  }

  /** Who shall keep Service {@code default/kubernetes}. */
  Keeper keeper() {
    var advertised = running.template().flatMap(RunningApiServers.Mode::address);
    if (isByGateway()) {
      return door.isUsable() || advertised.isEmpty()
          ? new Keeper.Controller()
          : stay(advertised.get());
    }
    if (service.address() != null) {
      return new Keeper.ApiServers(service.address());
    }
    if (service.hostName() != null) {
      return !resolved().isEmpty() || advertised.isEmpty()
          ? new Keeper.Controller()
          : stay(advertised.get());
    }
    boolean kept = running.template().filter(RunningApiServers.Mode.SILENT::equals).isPresent();
    return kept ? new Keeper.Controller() : new Keeper.Unknown("the address of the Service");
  }

  /** API servers that run go on as they are, but follow the Service to another address. */
  private Keeper stay(String advertised) {
    return new Keeper.ApiServers(service.address() == null ? advertised : service.address());
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
    if (!isByGateway() && service.hostName() != null) {
      names.add(service.hostName());
    }
    if (isByGateway() || door.exists()) {
      names.addAll(Gateways.hostNames(observed.entrance(), controlPlane));
    }
    return names;
  }

  /** Where Service {@code default/kubernetes} shall lead; empty if that is not known now. */
  Optional<Target> target() {
    boolean byHostName = !isByGateway() && service.hostName() != null && service.address() == null;
    if (byHostName && !resolved().isEmpty()) {
      return Optional.of(new Target(resolved(), ControlPlane.API_SERVER_PORT, true));
    }
    return door.isUsable() && (isByGateway() || door.exists())
        ? Optional.of(new Target(door.addresses(), door.port().orElseThrow(), isByGateway()))
        : Optional.empty();
  }

  /**
   * What the hosted cluster shall hold of this; empty as long as any API server writes there
   * itself, which would be undone by it and undo it. What was written for the Gateway is removed on
   * the way back: API servers correct the address in it, but not the port.
   */
  Optional<Part> part() {
    if (running.template().isEmpty()) {
      return Optional.empty();
    }
    return switch (keeper()) {
      case Keeper.Controller() when !running.anyWrites() ->
          target()
              .map(t ->
                  new Part(
                      ConditionType.KUBERNETES_ENDPOINTS,
                      ExposureRenderer.kubernetesEndpoints(controlPlane, t.addresses(), t.port())));
      case Keeper.ApiServers(var address) when door.exists() && isWrittenByAll(address) ->
          Optional.of(
              new Part(
                  ConditionType.KUBERNETES_ENDPOINTS,
                  List.of(),
                  ExposureRenderer.kubernetesEndpoints(
                      controlPlane, List.of(address), ControlPlane.API_SERVER_PORT)));
      default -> Optional.empty();
    };
  }

  private boolean isWrittenByAll(String address) {
    return !isByGateway() && running.allAre(new RunningApiServers.Mode(Optional.of(address)));
  }

  /** Whether pods are sent where the spec wants them, and nobody sends them elsewhere any more. */
  boolean isSettled() {
    return switch (keeper()) {
      case Keeper.ApiServers(var address) ->
          isWrittenByAll(address) && part().filter(p -> !isWritten(p)).isEmpty();
      case Keeper.Controller() ->
          target().filter(Target::wanted).isPresent() && part().filter(this::isWritten).isPresent();
      case Keeper.Unknown(_) -> false;
    };
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
