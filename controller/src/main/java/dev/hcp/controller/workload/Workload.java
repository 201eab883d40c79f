package dev.hcp.controller.workload;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.HostedRollout;
import dev.hcp.controller.plan.Part;
import dev.hcp.controller.plan.PartOutcome;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.Step;
import dev.hcp.render.kubeconfig.KubeconfigRenderer;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Plans what the hosted cluster shall hold. */
public final class Workload {
  private Workload() {}

  /**
   * The steps: one for each part, and their sum. The sum has the action that keeps all parts up.
   *
   * @param others parts that other components want
   */
  public static List<Step> plan(Planning planning, List<Part> others) {
    var parts = new ArrayList<Part>();
    parts.addAll(others);
    if (parts.isEmpty()) {
      return List.of();
    }
    var states = parts.stream().map(part -> state(planning, part)).toList();
    var steps = new ArrayList<Step>();
    states.forEach(state -> steps.add(new Step(state, List.of())));
    List<Action> actions =
        isServed(planning)
            ? kubeconfig(planning)
                .<List<Action>>map(k -> List.of(new Action.SyncWorkload(k, parts)))
                .orElse(List.of())
            : List.of();
    steps.add(new Step(summary(planning, states), List.of(), List.of(), actions));
    return List.copyOf(steps);
  }

  private static ConditionState state(Planning planning, Part part) {
    var condition = part.condition();
    var outcome =
        planning
            .observed()
            .workload()
            .flatMap(w -> Optional.ofNullable(w.outcomes().get(condition)));
    if (outcome.isEmpty()) {
      return ConditionState.not(condition, Reason.WAITING_FOR_HOSTED_CLUSTER, notReached(planning));
    }
    var found = outcome.get();
    if (found.failure().isPresent()) {
      return ConditionState.not(condition, Reason.RECONCILE_FAILED, found.failure().get());
    }
    if (!found.part().equals(part)) {
      return ConditionState.not(
          condition,
          Reason.SYNC_IN_PROGRESS,
          "%s in the hosted cluster: what is wanted has changed and is being written"
              .formatted(names(part)));
    }
    return rollouts(condition, found, planning.observed().workload().orElseThrow().nodes());
  }

  private static ConditionState rollouts(
      ConditionType condition, PartOutcome outcome, HostedCluster.Nodes nodes) {
    var unfinished = outcome.rollouts().stream().filter(r -> !r.complete()).toList();
    if (unfinished.isEmpty()) {
      return ConditionState.done(condition, done(outcome));
    }
    var progress =
        unfinished.stream().map(HostedRollout::describe).collect(Collectors.joining("; "));
    if (nodes.ready() == 0) {
      return ConditionState.not(
          condition,
          Reason.WAITING_FOR_NODES,
          "%s; none of %d nodes is ready to run them".formatted(progress, nodes.total()));
    }
    return ConditionState.not(condition, Reason.PODS_NOT_READY, progress);
  }

  private static String done(PartOutcome outcome) {
    if (outcome.part().desired().isEmpty()) {
      return "Disabled: %s in the hosted cluster are removed".formatted(removed(outcome.part()));
    }
    var rollouts =
        outcome.rollouts().stream().map(HostedRollout::describe).collect(Collectors.joining("; "));
    return rollouts.isEmpty()
        ? "%s in the hosted cluster are as wanted".formatted(names(outcome.part()))
        : rollouts;
  }

  private static String names(Part part) {
    return "%d objects".formatted(part.desired().size());
  }

  private static String removed(Part part) {
    return "%d objects".formatted(part.absent().size());
  }

  private static ConditionState summary(Planning planning, List<ConditionState> states) {
    var workload = planning.observed().workload();
    if (!isServed(planning) || workload.isEmpty() || workload.get().problem().isPresent()) {
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
