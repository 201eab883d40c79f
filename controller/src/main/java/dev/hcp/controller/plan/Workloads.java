package dev.hcp.controller.plan;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.naming.Component;
import dev.hcp.render.verticalautoscaling.VerticalAutoscalerRenderer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Steps of components that are Deployments or StatefulSets. */
public final class Workloads {
  private Workloads() {}

  /**
   * The step of a Deployment, which has no pods while etcd goes over to other data, and until what
   * it needs has started again.
   *
   * @param desired the Deployment
   * @param budget its disruption budget, if it shall have one
   * @param wantedVersion the version that the spec asks for; the Deployment may still be held at an
   *     older one
   * @param heldBack what a newer version waits for
   */
  public static Step deployment(
      Planning planning,
      ConditionType condition,
      Component component,
      Deployment desired,
      Optional<PodDisruptionBudget> budget,
      String wantedVersion,
      Waiting heldBack) {
    var fence = planning.restoring().fence();
    if (fence.isPresent()) {
      return step(
          planning,
          component,
          stopped(desired),
          Optional.empty(),
          ConditionState.not(
              condition,
              Reason.RESTORING,
              "Deployment %s has no pods for now: %s"
                  .formatted(desired.getMetadata().getName(), fence.get())));
    }
    var waits = Waking.waitsFor(planning, component, desired.getMetadata().getName());
    if (waits.isPresent()) {
      return step(
          planning,
          component,
          stopped(desired),
          budget,
          ConditionState.not(
              condition,
              Reason.WAKING_UP,
              "Deployment %s has no pods yet: %s"
                  .formatted(desired.getMetadata().getName(), waits.get())));
    }
    return step(
        planning,
        component,
        desired,
        budget,
        state(planning, condition, component, desired, wantedVersion, heldBack));
  }

  private static Deployment stopped(Deployment desired) {
    return new DeploymentBuilder(desired)
        .editMetadata()
        .withResourceVersion(null)
        .endMetadata()
        .editSpec()
        .withReplicas(0)
        .endSpec()
        .build();
  }

  /**
   * A workload, held back until all that users give to its pods may be given, and its disruption
   * budget, which goes when it is no longer wanted.
   *
   * @param component whose pods these are
   * @param state what is said unless something of that is wrong
   */
  public static Step step(
      Planning planning,
      Component component,
      HasMetadata workload,
      Optional<PodDisruptionBudget> budget,
      ConditionState state) {
    var wanted = new ArrayList<HasMetadata>();
    wanted.add(
        Restart.of(
            planning,
            component,
            VerticalAutoscalerRenderer.target(planning.controlPlane(), component, workload)));
    budget.ifPresent(wanted::add);
    List<PodDisruptionBudget> obsolete =
        budget.isPresent()
            ? List.of()
            : planning
                .objects()
                .get(PodDisruptionBudget.class, workload.getMetadata().getName())
                .map(List::of)
                .orElse(List.of());
    var sources = Sources.of(planning, component, state.type());
    return new Step(sources.state().orElse(state), sources.admit(wanted), obsolete, List.of());
  }

  private static ConditionState state(
      Planning planning,
      ConditionType condition,
      Component component,
      Deployment desired,
      String wantedVersion,
      Waiting heldBack) {
    var objects = planning.objects();
    var name = desired.getMetadata().getName();
    var live = objects.get(Deployment.class, name);
    if (live.isEmpty()) {
      return ConditionState.not(
          condition, Reason.NOT_CREATED, "Deployment %s is being created".formatted(name));
    }
    var rollout = Rollout.of(live.get());
    var progress = "Deployment %s: %s".formatted(name, rollout.describe());
    var desiredVersion = Rollout.of(desired).version();
    if (rollout.version().isPresent() && !rollout.version().equals(desiredVersion)) {
      return ConditionState.not(
          condition,
          Reason.ROLLOUT_IN_PROGRESS,
          "Deployment %s goes from %s to %s"
              .formatted(name, rollout.version().get(), desiredVersion.orElse("another version")));
    }
    if (!rollout.complete() && !isScaledAsItShallBe(planning, component, rollout)) {
      var failure = failure(objects, component, rollout);
      if (failure.isPresent()) {
        return ConditionState.not(
            condition,
            Reason.ROLLOUT_FAILING,
            "%s; those of before go on, for this one does not come up: %s"
                .formatted(progress, failure.get()));
      }
      var trouble = PodTrouble.describe(objects, component).map(t -> "; " + t).orElse("");
      return ConditionState.not(
          condition,
          rollout.updated() < rollout.wanted() || rollout.total() > rollout.wanted()
              ? Reason.ROLLOUT_IN_PROGRESS
              : Reason.PODS_NOT_READY,
          progress + trouble);
    }
    if (rollout.version().filter(v -> !v.equals(wantedVersion)).isPresent()) {
      return ConditionState.not(
          condition,
          heldBack.reason(),
          "Deployment %s runs %s; %s follows once %s"
              .formatted(name, rollout.version().get(), wantedVersion, heldBack.until()));
    }
    return ConditionState.done(condition, progress);
  }

  /** Whether nothing goes on but that load adds or removes pods, and nothing hinders it. */
  private static boolean isScaledAsItShallBe(
      Planning planning, Component component, Rollout rollout) {
    return component == Component.API_SERVER
        && planning.controlPlane().autoscaling().isPresent()
        && rollout.isScaledOnly()
        && rollout.available() >= planning.controlPlane().fewestApiServers()
        && PodTrouble.hindrance(PodTrouble.pods(planning.objects(), component)).isEmpty();
  }

  /** Why a new pod does not come up beside those that it shall replace. */
  private static Optional<String> failure(
      LiveObjects objects, Component component, Rollout rollout) {
    if (rollout.total() <= rollout.updated()) {
      return Optional.empty();
    }
    return PodTrouble.failure(
        PodTrouble.pods(objects, component).stream()
            .filter(pod -> rollout.version().equals(Rollout.version(pod.getMetadata())))
            .toList());
  }
}
