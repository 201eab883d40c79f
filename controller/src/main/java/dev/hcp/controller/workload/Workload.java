package dev.hcp.controller.workload;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Conditions;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.pki.Authorities;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.HostedRollout;
import dev.hcp.controller.plan.Part;
import dev.hcp.controller.plan.PartOutcome;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.upgrade.Upgrade;
import dev.hcp.model.ControlPlane;
import dev.hcp.render.encryption.KeyRing;
import dev.hcp.render.kubeconfig.KubeconfigRenderer;
import dev.hcp.render.pki.PkiRenderer;
import dev.hcp.render.workload.AddOn;
import dev.hcp.render.workload.BootstrapRenderer;
import dev.hcp.render.workload.CoreDnsRenderer;
import dev.hcp.render.workload.KonnectivityAgentRenderer;
import dev.hcp.render.workload.KubeProxyRenderer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Plans what the hosted cluster shall hold. */
public final class Workload {
  private static final List<ConditionType> OWN =
      List.of(
          ConditionType.WORKLOAD_RBAC,
          ConditionType.WORKLOAD_CLUSTER_INFO,
          ConditionType.WORKLOAD_KUBEADM_CONFIG,
          ConditionType.WORKLOAD_KUBELET_CONFIG,
          ConditionType.WORKLOAD_KUBE_PROXY,
          ConditionType.WORKLOAD_COREDNS,
          ConditionType.WORKLOAD_KONNECTIVITY,
          ConditionType.WORKLOAD_NETWORK_POLICIES);

  /** How many objects a message names. */
  private static final int MOST_NAMES = 3;

  private Workload() {}

  /**
   * The steps: one for each part, and their sum. The sum has the action that keeps all parts up.
   *
   * @param authorities whom pods in the hosted cluster trust
   * @param others parts that other components want
   */
  public static List<Step> plan(Planning planning, Authorities authorities, List<Part> others) {
    var parts = new ArrayList<>(parts(planning, authorities));
    parts.addAll(others);
    var states = new ArrayList<ConditionState>();
    parts.forEach(part -> states.add(state(planning, part)));
    OWN.stream()
        .filter(condition -> parts.stream().noneMatch(part -> part.condition() == condition))
        .forEach(condition -> states.add(waiting(planning, condition)));
    var steps = new ArrayList<Step>();
    states.forEach(state -> steps.add(new Step(state, List.of())));
    steps.add(
        new Step(
            summary(planning, states),
            List.of(),
            List.of(),
            action(planning, authorities, parts).map(List::of).orElse(List.of())));
    return List.copyOf(steps);
  }

  private static Optional<Action> action(
      Planning planning, Authorities authorities, List<Part> parts) {
    return kubeconfig(planning)
        .filter(_ -> isServed(planning) && !parts.isEmpty())
        .map(kubeconfig ->
            new Action.SyncWorkload(
                kubeconfig,
                parts,
                enoughNodes(planning.controlPlane()),
                reserved(planning),
                Upgrade.check(planning),
                authorities.trustCheck(),
                hasKms(planning)));
  }

  private static boolean hasKms(Planning planning) {
    var names = planning.controlPlane().names();
    return !KeyRing.read(planning.objects().secretData(names.encryption()), "")
        .services()
        .isEmpty();
  }

  /** The parts of the hosted cluster itself, as far as what they need is known. */
  private static List<Part> parts(Planning planning, Authorities authorities) {
    var controlPlane = planning.controlPlane();
    var endpoint = planning.reach().endpoint();
    var authority = authority(planning);
    if (endpoint == null || authority.isEmpty()) {
      return List.of();
    }
    var parts = new ArrayList<Part>();
    parts.add(new Part(ConditionType.WORKLOAD_RBAC, BootstrapRenderer.roles()));
    parts.add(
        new Part(
            ConditionType.WORKLOAD_CLUSTER_INFO,
            List.of(BootstrapRenderer.clusterInfo(endpoint, authority.get()))));
    parts.add(
        new Part(
            ConditionType.WORKLOAD_KUBEADM_CONFIG,
            List.of(BootstrapRenderer.kubeadmConfig(controlPlane, endpoint))));
    parts.add(
        new Part(
            ConditionType.WORKLOAD_KUBELET_CONFIG,
            List.of(BootstrapRenderer.kubeletConfig(controlPlane))));
    parts.add(
        part(
            ConditionType.WORKLOAD_KUBE_PROXY,
            authorities,
            KubeProxyRenderer.render(controlPlane, endpoint)));
    // The number of pods follows the nodes. Guessing it would take pods away after each restart.
    planning
        .observed()
        .workload()
        .filter(HostedCluster::isKnown)
        .map(known -> known.nodes().ready())
        .ifPresent(nodes -> {
          parts.add(
              part(
                  ConditionType.WORKLOAD_COREDNS,
                  authorities,
                  CoreDnsRenderer.render(controlPlane, nodes)));
          parts.add(
              part(
                  ConditionType.WORKLOAD_KONNECTIVITY,
                  authorities,
                  KonnectivityAgentRenderer.render(controlPlane, endpoint, nodes)));
        });
    return parts;
  }

  private static Part part(ConditionType condition, Authorities authorities, AddOn addOn) {
    return new Part(
        condition,
        addOn.desired().stream().map(authorities::inHostedCluster).toList(),
        addOn.absent());
  }

  private static int enoughNodes(ControlPlane controlPlane) {
    var spec = controlPlane.spec();
    return Math.max(
        controlPlane.isCoreDnsDisabled() ? 0 : ControlPlane.wantedAddOnReplicas(spec.coredns()),
        controlPlane.isKonnectivityDisabled()
            ? 0
            : ControlPlane.wantedAddOnReplicas(spec.konnectivityClient()));
  }

  /** What the API server's certificate is for. */
  private static Set<String> reserved(Planning planning) {
    return planning
        .objects()
        .get(Certificate.class, planning.controlPlane().names().apiServerCertificate())
        .map(certificate ->
            Stream.of(certificate.getSpec().dnsNames(), certificate.getSpec().ipAddresses())
                .filter(Objects::nonNull)
                .flatMap(List::stream)
                .collect(Collectors.toSet()))
        .orElse(Set.of());
  }

  private static Optional<String> authority(Planning planning) {
    var names = planning.controlPlane().names();
    return planning
        .objects()
        .get(Secret.class, names.bundle(names.kubernetesCa()))
        .flatMap(secret -> Optional.ofNullable(secret.getData().get(PkiRenderer.BUNDLE_KEY)));
  }

  private static ConditionState state(Planning planning, Part part) {
    var condition = part.condition();
    var outcome =
        planning
            .observed()
            .workload()
            .flatMap(w -> Optional.ofNullable(w.outcomes().get(condition)));
    if (outcome.isEmpty()) {
      return waiting(planning, condition);
    }
    var found = outcome.get();
    if (found.failure().isPresent()) {
      return ConditionState.not(condition, Reason.RECONCILE_FAILED, found.failure().get());
    }
    if (!found.part().equals(part)) {
      return ConditionState.not(
          condition,
          Reason.SYNC_IN_PROGRESS,
          "What is wanted of %s has changed and is being written"
              .formatted(names(part.desired().isEmpty() ? part.absent() : part.desired())));
    }
    return rollouts(condition, found, planning.observed().workload().orElseThrow().nodes());
  }

  private static ConditionState rollouts(
      ConditionType condition, PartOutcome outcome, HostedCluster.Nodes nodes) {
    if (!outcome.rollouts().isEmpty() && nodes.ready() == 0) {
      return ConditionState.not(
          condition,
          Reason.WAITING_FOR_NODES,
          // Without numbers, which would change, and be written, though nothing happens.
          "%s: none of %d nodes is ready to run pods"
              .formatted(
                  outcome.rollouts().stream()
                      .map(HostedRollout::object)
                      .collect(Collectors.joining(", ")),
                  nodes.total()));
    }
    var unfinished = outcome.rollouts().stream().filter(r -> !r.complete()).toList();
    if (unfinished.isEmpty()) {
      return ConditionState.done(condition, done(outcome));
    }
    return ConditionState.not(condition, Reason.PODS_NOT_READY, describe(unfinished));
  }

  private static String done(PartOutcome outcome) {
    var part = outcome.part();
    if (part.desired().isEmpty()) {
      return "Disabled; these are not there: %s".formatted(names(part.absent()));
    }
    return outcome.rollouts().isEmpty()
        ? "These are as wanted: %s".formatted(names(part.desired()))
        : describe(outcome.rollouts());
  }

  private static String describe(List<HostedRollout> rollouts) {
    return rollouts.stream().map(HostedRollout::describe).collect(Collectors.joining("; "));
  }

  private static String names(List<HasMetadata> objects) {
    var first =
        objects.stream()
            .limit(MOST_NAMES)
            .map(o -> "%s %s".formatted(o.getKind(), o.getMetadata().getName()))
            .collect(Collectors.joining(", "));
    return objects.size() <= MOST_NAMES
        ? first
        : "%s and %d more".formatted(first, objects.size() - MOST_NAMES);
  }

  /**
   * What is said before there is an outcome. A controller that has just started repeats what was
   * said before: nothing speaks against it yet, and the first look follows at once.
   */
  private static ConditionState waiting(Planning planning, ConditionType condition) {
    var object = planning.observed().hostedControlPlane();
    return Optional.ofNullable(object.getStatus())
        .flatMap(status -> Optional.ofNullable(status.conditions()))
        .flatMap(
            before -> Conditions.state(before, condition, object.getMetadata().getGeneration()))
        .filter(_ -> isServed(planning))
        .orElseGet(() ->
            ConditionState.not(condition, Reason.WAITING_FOR_HOSTED_CLUSTER, notReached(planning)));
  }

  private static ConditionState summary(Planning planning, List<ConditionState> states) {
    var workload = planning.observed().workload();
    if (!isServed(planning) || workload.isEmpty()) {
      return waiting(planning, ConditionType.WORKLOAD);
    }
    if (workload.get().problem().isPresent()) {
      return ConditionState.not(
          ConditionType.WORKLOAD, Reason.WAITING_FOR_HOSTED_CLUSTER, notReached(planning));
    }
    var unmet = states.stream().filter(ConditionState::isUnmet).toList();
    return unmet.isEmpty()
        ? ConditionState.done(ConditionType.WORKLOAD, "The hosted cluster holds what nodes need")
        : ConditionState.not(
            ConditionType.WORKLOAD,
            Reason.COMPONENTS_NOT_READY,
            unmet.stream().map(s -> s.type().value()).collect(Collectors.joining(", "))
                + ": see there");
  }

  private static String notReached(Planning planning) {
    if (!isServed(planning)) {
      return "The hosted cluster is looked at once an API server is available";
    }
    return planning
        .observed()
        .workload()
        .flatMap(HostedCluster::problem)
        .map("The hosted cluster does not answer; it is tried again: %s"::formatted)
        .orElse("The hosted cluster is being looked at");
  }

  private static boolean isServed(Planning planning) {
    return planning
        .objects()
        .get(Deployment.class, planning.controlPlane().names().apiServer())
        .map(Rollout::of)
        .filter(rollout -> rollout.available() > 0)
        .isPresent();
  }

  private static Optional<String> kubeconfig(Planning planning) {
    return planning
        .objects()
        .get(Secret.class, planning.controlPlane().names().controlPlaneControllerKubeconfig())
        .flatMap(secret -> Optional.ofNullable(secret.getData().get(KubeconfigRenderer.KEY)));
  }
}
