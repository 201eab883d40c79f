package dev.hcp.controller.networkpolicy;

import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.authentication.Authentication;
import dev.hcp.controller.backup.Drill;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Policing;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.restore.Restore;
import dev.hcp.process.NetworkPolicyOptions;
import dev.hcp.render.networkpolicy.CiliumPolicies;
import dev.hcp.render.networkpolicy.ControlPlaneFlows;
import dev.hcp.render.networkpolicy.Flavour;
import dev.hcp.render.networkpolicy.KubernetesPolicies;
import dev.hcp.render.networkpolicy.PodPolicy;
import dev.hcp.render.networkpolicy.Surroundings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Plans the network policies around a control plane. */
public final class NetworkPolicies {
  private NetworkPolicies() {}

  /**
   * How policies are written.
   *
   * @param ciliumServed whether the management cluster serves CiliumNetworkPolicies
   */
  public static Policing policing(
      NetworkPolicyOptions options, String controllerNamespace, boolean ciliumServed) {
    Optional<Flavour> flavour =
        switch (options.flavour()) {
          case AUTO -> Optional.of(ciliumServed ? Flavour.CILIUM : Flavour.KUBERNETES);
          case KUBERNETES -> Optional.of(Flavour.KUBERNETES);
          case CILIUM -> ciliumServed ? Optional.of(Flavour.CILIUM) : Optional.empty();
        };
    return new Policing(
        flavour,
        new Surroundings(
            controllerNamespace,
            options.gatewayNamespaces(),
            options.podRanges(),
            options.nodeRanges()));
  }

  /**
   * The step.
   *
   * @param kmsServers URLs of the servers that KMS plugins of the API servers call
   */
  public static Step plan(Planning planning, List<String> kmsServers) {
    var policing = planning.observed().policing();
    if (policing.flavour().isEmpty()) {
      // What is there of the other kind stays: a kind that is not enforced does no harm.
      return new Step(
          ConditionState.not(
              ConditionType.NETWORK_POLICIES,
              Reason.CILIUM_NOT_SERVED,
              "NETWORK_POLICY_FLAVOUR is cilium, but the management cluster does not serve"
                  + " ciliumnetworkpolicies.cilium.io; install Cilium or use auto"),
          List.of());
    }
    var desired =
        ControlPlaneFlows.of(
                planning.controlPlane(),
                policing.surroundings(),
                planning.reach().serviceInUse(),
                Authentication.managementIssuer(planning.observed()),
                new ControlPlaneFlows.Stores(
                    Drill.storeUrls(planning), Restore.storeUrls(planning)),
                kmsServers)
            .stream()
            .map(policy -> render(policy, policing.flavour().get()))
            .toList();
    var problem = problem(planning.objects(), desired);
    var others = others(planning.objects(), desired);
    var kept = others.stream().filter(policy -> isKept(planning, desired, policy)).toList();
    return new Step(
        problem.orElseGet(() -> done(desired, kept.size())),
        desired,
        // The control plane must not stand open between the one kind and the other.
        problem.isPresent()
            ? List.of()
            : others.stream().filter(policy -> !kept.contains(policy)).toList(),
        List.of());
  }

  private static HasMetadata render(PodPolicy policy, Flavour flavour) {
    return switch (flavour) {
      case KUBERNETES -> KubernetesPolicies.render(policy);
      case CILIUM -> CiliumPolicies.render(policy);
    };
  }

  /** Why not all policies are in force, as far as that is known. */
  private static Optional<ConditionState> problem(LiveObjects objects, List<HasMetadata> desired) {
    for (var policy : desired) {
      var live = objects.counterpart(policy);
      if (live.isEmpty()) {
        return Optional.of(
            ConditionState.not(
                ConditionType.NETWORK_POLICIES,
                Reason.NOT_CREATED,
                "%s is being created".formatted(name(policy))));
      }
      var refusal = refusal(live.get());
      if (refusal.isPresent()) {
        return Optional.of(
            ConditionState.not(
                ConditionType.NETWORK_POLICIES,
                Reason.NETWORK_POLICY_INVALID,
                "%s is not enforced: %s".formatted(name(policy), refusal.get())));
      }
    }
    return Optional.empty();
  }

  /** What Cilium has against a policy. Where its operator does not run, it says nothing. */
  private static Optional<String> refusal(HasMetadata live) {
    if (!(live instanceof CiliumNetworkPolicy policy)
        || policy.getStatus() == null
        || policy.getStatus().conditions() == null) {
      return Optional.empty();
    }
    return policy.getStatus().conditions().stream()
        .filter(c -> c.type().equals("Valid") && c.status().equals("False"))
        .findFirst()
        .map(c -> c.message() == null ? "Cilium gives no cause" : c.message());
  }

  /**
   * @param kept number of policies that stay as they are
   */
  private static ConditionState done(List<HasMetadata> desired, int kept) {
    return desired.isEmpty()
        ? new ConditionState(
            ConditionType.NETWORK_POLICIES,
            ConditionStatus.TRUE,
            Reason.NETWORK_POLICIES_DISABLED,
            "spec.networkPolicy.disabled is true: every connection is allowed")
        : ConditionState.done(
            ConditionType.NETWORK_POLICIES,
            "%d objects of kind %s close the control plane"
                .formatted(desired.size() + kept, desired.getFirst().getKind()));
  }

  private static List<HasMetadata> others(LiveObjects objects, List<HasMetadata> desired) {
    var wanted = desired.stream().map(NetworkPolicies::name).toList();
    return Stream.of(NetworkPolicy.class, CiliumNetworkPolicy.class)
        .flatMap(kind -> objects.all(kind).stream())
        .<HasMetadata>map(object -> object)
        .filter(object -> !wanted.contains(name(object)))
        .toList();
  }

  /** Where restore drills lead is not known before the Secret with their store was read. */
  private static boolean isKept(Planning planning, List<HasMetadata> desired, HasMetadata policy) {
    return Drill.isStoreUnread(planning)
        && policy.getMetadata().getName().equals(planning.controlPlane().names().restoreDrill())
        && desired.stream().anyMatch(wanted -> wanted.getKind().equals(policy.getKind()));
  }

  private static String name(HasMetadata object) {
    return "%s %s".formatted(object.getKind(), object.getMetadata().getName());
  }
}
