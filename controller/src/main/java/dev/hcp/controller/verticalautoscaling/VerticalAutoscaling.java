package dev.hcp.controller.verticalautoscaling;

import dev.hcp.api.autoscaling.UpdateMode;
import dev.hcp.api.autoscaling.VerticalPodAutoscaler;
import dev.hcp.api.autoscaling.VerticalPodAutoscalerCondition;
import dev.hcp.api.autoscaling.VerticalPodAutoscalerStatus;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.apiserver.ApiServer;
import dev.hcp.controller.etcd.Etcd;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.Step;
import dev.hcp.model.Lists;
import dev.hcp.render.verticalautoscaling.VerticalAutoscalerRenderer;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Plans what gives pods the size that they need.
 *
 * <p>The autoscaler changes pods, never the templates that are applied here: when they are created,
 * through a webhook, and while they run. So neither takes anything back from the other. It is kept
 * from touching pods that run while others are being replaced: two disturbances at a time are one
 * too many. Those that are created meanwhile still get what is recommended, since a smaller one
 * might not bear what its forerunner did.
 */
public final class VerticalAutoscaling {
  private static final String UNSUPPORTED = "ConfigUnsupported";
  private static final String PROVIDED = "RecommendationProvided";

  private VerticalAutoscaling() {}

  /** The step; none where no pods are sized, and nothing is left of that. */
  public static Optional<Step> plan(Planning planning) {
    var controlPlane = planning.controlPlane();
    var frozen = frozen(planning);
    var wanted = VerticalAutoscalerRenderer.render(controlPlane, frozen.isPresent());
    boolean touches =
        VerticalAutoscalerRenderer.render(controlPlane, false).stream()
            .anyMatch(one -> mode(one).equals(UpdateMode.IN_PLACE_OR_RECREATE.value()));
    var left =
        planning.objects().all(VerticalPodAutoscaler.class).stream()
            .filter(live -> wanted.stream().noneMatch(one -> name(one).equals(name(live))))
            .toList();
    if (wanted.isEmpty() && left.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Step(
            state(planning, wanted, frozen.filter(_ -> touches)),
            planning.observed().servesVerticalPodAutoscalers() ? wanted : List.of(),
            left,
            List.of()));
  }

  /** Why pods that run keep their size; empty if they may be touched. */
  private static Optional<String> frozen(Planning planning) {
    var names = planning.controlPlane().names();
    var objects = planning.objects();
    return planning
        .restoring()
        .fence()
        .or(() ->
            Etcd.membership(objects, planning.controlPlane())
                .survivor()
                .map(_ -> "etcd is being recovered with the data of one member"))
        .or(() -> ApiServer.replaced(planning))
        .or(() ->
            Stream.of(names.controllerManager(), names.scheduler())
                .flatMap(name -> objects.get(Deployment.class, name).stream())
                .filter(deployment -> Rollout.of(deployment).isReplacing())
                .findFirst()
                .map(deployment ->
                    "pods of Deployment %s are being replaced: %s"
                        .formatted(
                            deployment.getMetadata().getName(), Rollout.of(deployment).describe())))
        .or(() ->
            objects
                .get(StatefulSet.class, names.etcd())
                .map(Rollout::of)
                .filter(Rollout::isReplacing)
                .map(rollout -> "members of etcd are being replaced: " + rollout.describe()));
  }

  private static ConditionState state(
      Planning planning, List<VerticalPodAutoscaler> wanted, Optional<String> frozen) {
    if (wanted.isEmpty()) {
      return ConditionState.done(ConditionType.VERTICAL_AUTOSCALING, "Pods are no longer resized");
    }
    if (!planning.observed().servesVerticalPodAutoscalers()) {
      return ConditionState.not(
          ConditionType.VERTICAL_AUTOSCALING,
          Reason.VERTICAL_POD_AUTOSCALER_NOT_SERVED,
          "Pods have the size that the spec gives them, since the management cluster does not serve verticalpodautoscalers.autoscaling.k8s.io in version v1; install the Vertical Pod Autoscaler, release 1.5 or newer");
    }
    var missing = wanted.stream().filter(one -> live(planning, one).isEmpty()).toList();
    if (!missing.isEmpty()) {
      return ConditionState.not(
          ConditionType.VERTICAL_AUTOSCALING,
          Reason.NOT_CREATED,
          "Being created: " + describe(missing));
    }
    for (var one : wanted) {
      var unsupported = condition(planning, one, UNSUPPORTED);
      if (unsupported.isPresent()) {
        return ConditionState.not(
            ConditionType.VERTICAL_AUTOSCALING,
            Reason.AUTOSCALING_INACTIVE,
            "Pods have the size that the spec gives them, since %s cannot act: %s"
                .formatted(
                    describe(List.of(one)),
                    Optional.ofNullable(unsupported.get().message()).orElse(UNSUPPORTED)));
      }
    }
    var silent =
        wanted.stream().filter(one -> condition(planning, one, PROVIDED).isEmpty()).toList();
    if (!silent.isEmpty()) {
      return new ConditionState(
          ConditionType.VERTICAL_AUTOSCALING,
          ConditionStatus.UNKNOWN,
          Reason.WAITING_FOR_AUTOSCALER,
          "Nothing is recommended yet, for which the recommender and the metrics API (metrics.k8s.io) of the management cluster are needed: "
              + describe(silent));
    }
    return frozen
        .map(why ->
            new ConditionState(
                ConditionType.VERTICAL_AUTOSCALING,
                ConditionStatus.TRUE,
                Reason.AUTOSCALING_PAUSED,
                "Pods that run keep their size for now: " + why))
        .orElse(
            ConditionState.done(
                ConditionType.VERTICAL_AUTOSCALING, "Sizes are recommended: " + describe(wanted)));
  }

  private static Optional<VerticalPodAutoscalerCondition> condition(
      Planning planning, VerticalPodAutoscaler wanted, String type) {
    return live(planning, wanted)
        .map(VerticalPodAutoscaler::getStatus)
        .map(VerticalPodAutoscalerStatus::conditions)
        .map(Lists::orEmpty)
        .orElse(List.of())
        .stream()
        .filter(said -> said.type().equals(type) && said.status().equals("True"))
        .findFirst();
  }

  private static Optional<VerticalPodAutoscaler> live(
      Planning planning, VerticalPodAutoscaler wanted) {
    return planning.objects().get(VerticalPodAutoscaler.class, name(wanted));
  }

  private static String describe(List<VerticalPodAutoscaler> autoscalers) {
    return autoscalers.stream()
        .map(one -> "VerticalPodAutoscaler %s with mode %s".formatted(name(one), mode(one)))
        .collect(Collectors.joining(", "));
  }

  private static String mode(VerticalPodAutoscaler autoscaler) {
    return autoscaler.getSpec().updatePolicy().updateMode();
  }

  private static String name(VerticalPodAutoscaler autoscaler) {
    return autoscaler.getMetadata().getName();
  }
}
