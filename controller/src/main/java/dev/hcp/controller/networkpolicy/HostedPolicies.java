package dev.hcp.controller.networkpolicy;

import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.Part;
import dev.hcp.controller.plan.Planning;
import dev.hcp.model.ControlPlane;
import dev.hcp.render.networkpolicy.CiliumPolicies;
import dev.hcp.render.networkpolicy.HostedFlows;
import dev.hcp.render.networkpolicy.KubernetesPolicies;
import dev.hcp.render.networkpolicy.PodPolicy;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Plans the network policies inside a hosted cluster. */
public final class HostedPolicies {
  private static final ConditionType CONDITION = ConditionType.WORKLOAD_NETWORK_POLICIES;

  /** Before and after the Service {@code default/kubernetes} was translated. */
  private static final Set<Integer> API_SERVER_PORTS = Set.of(443, ControlPlane.API_SERVER_PORT);

  private HostedPolicies() {}

  /**
   * The part; empty until it is known what the hosted cluster serves, and so of which kind the
   * policies shall be.
   *
   * @param kubernetes the part with the endpoints of {@code default/kubernetes}, if the controller
   *     keeps them
   */
  public static Optional<Part> part(Planning planning, Optional<Part> kubernetes) {
    var endpoint = planning.reach().endpoint();
    var hosted = planning.observed().workload().filter(HostedCluster::isKnown);
    if (endpoint == null || endpoint.port() == null || hosted.isEmpty()) {
      return Optional.empty();
    }
    var controlPlane = planning.controlPlane();
    var coreDns = HostedFlows.coreDns(apiServerPorts(kubernetes));
    var agent = HostedFlows.konnectivityAgent(endpoint.port());
    boolean disabled = isDisabled(controlPlane);
    var wanted = new ArrayList<PodPolicy>();
    if (!disabled && !controlPlane.isCoreDnsDisabled()) {
      wanted.add(coreDns);
    }
    if (!disabled && !controlPlane.isKonnectivityDisabled()) {
      wanted.add(agent);
    }
    return Optional.of(part(hosted.get(), wanted, List.of(coreDns, agent)));
  }

  private static Part part(HostedCluster hosted, List<PodPolicy> wanted, List<PodPolicy> all) {
    boolean cilium = hosted.apiGroups().contains(CiliumNetworkPolicy.GROUP);
    var desired =
        wanted.stream()
            .<HasMetadata>map(cilium ? CiliumPolicies::render : KubernetesPolicies::render)
            .toList();
    var absent = new ArrayList<HasMetadata>();
    for (var policy : all) {
      boolean isWanted = wanted.contains(policy);
      if (cilium ? isWritten(hosted, desired) || !isWanted : !isWanted) {
        absent.add(KubernetesPolicies.render(policy));
      }
      if (cilium && !isWanted) {
        absent.add(CiliumPolicies.render(policy));
      }
    }
    return new Part(CONDITION, desired, absent);
  }

  /** The one kind goes only after the other is there. Cilium's goes with Cilium itself. */
  private static boolean isWritten(HostedCluster hosted, List<HasMetadata> desired) {
    var last = hosted.outcomes().get(CONDITION);
    return last != null && last.failure().isEmpty() && last.part().desired().equals(desired);
  }

  private static Set<Integer> apiServerPorts(Optional<Part> kubernetes) {
    var ports = new TreeSet<>(API_SERVER_PORTS);
    kubernetes.map(Part::desired).orElse(List.of()).stream()
        .filter(EndpointSlice.class::isInstance)
        .map(EndpointSlice.class::cast)
        .flatMap(slice -> slice.getPorts().stream())
        .map(EndpointPort::getPort)
        .forEach(ports::add);
    return ports;
  }

  private static boolean isDisabled(ControlPlane controlPlane) {
    var settings = controlPlane.spec().networkPolicy();
    return settings != null && Boolean.TRUE.equals(settings.disabled());
  }
}
