package dev.hcp.controller.apiserver;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.Step;
import dev.hcp.naming.Labels;
import dev.hcp.render.apiserver.AutoscalerRenderer;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerCondition;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Plans what adds and removes API servers by load, and leaves their number to it.
 *
 * <p>The autoscaler writes the number into the Deployment, by which it becomes the owner of that
 * field. Until then the field is ours, and to leave it out would have the API server put in its
 * default, one pod. So it is applied with the value that it has, for as long as it is ours; and
 * lest that takes back what the autoscaler writes at the same time, only if nobody has changed the
 * Deployment since it was seen.
 */
final class Autoscaling {
  private static final String ACTIVE = "ScalingActive";
  private static final String ABLE = "AbleToScale";
  private static final String LIMITED = "ScalingLimited";
  private static final String DISABLED = "ScalingDisabled";
  private static final String TOO_MANY = "TooManyReplicas";

  private Autoscaling() {}

  /** The step; none if the number of API servers is fixed. */
  static Optional<Step> plan(Planning planning) {
    var controlPlane = planning.controlPlane();
    return controlPlane
        .autoscaling()
        .map(settings -> {
          var paused = paused(planning);
          return new Step(
              state(planning, paused),
              List.of(AutoscalerRenderer.render(controlPlane, settings, paused.isPresent())));
        });
  }

  /** The autoscaler that is left though the number of API servers is fixed again. */
  static List<HorizontalPodAutoscaler> obsolete(Planning planning) {
    return planning.controlPlane().autoscaling().isPresent()
        ? List.of()
        : autoscaler(planning).stream().toList();
  }

  /** The Deployment as it is to be applied: with the number of pods only as far as it is ours. */
  static Deployment shared(Planning planning, Deployment desired) {
    var live = live(planning);
    if (planning.controlPlane().autoscaling().isEmpty()
        || live.isEmpty()
        || Rollout.of(live.get()).wanted() == 0) {
      return desired;
    }
    if (!ownsReplicas(live.get())) {
      return new DeploymentBuilder(desired).editSpec().withReplicas(null).endSpec().build();
    }
    return new DeploymentBuilder(desired)
        .editMetadata()
        .withResourceVersion(live.get().getMetadata().getResourceVersion())
        .endMetadata()
        .editSpec()
        .withReplicas(live.get().getSpec().getReplicas())
        .endSpec()
        .build();
  }

  /** Whether nobody else has written the number of pods since we applied it. */
  private static boolean ownsReplicas(HasMetadata deployment) {
    return deployment.getMetadata().getManagedFields() != null
        && deployment.getMetadata().getManagedFields().stream()
            .filter(entry -> Labels.MANAGER.equals(entry.getManager()))
            .filter(entry -> "Apply".equals(entry.getOperation()))
            .filter(entry -> entry.getSubresource() == null || entry.getSubresource().isEmpty())
            .map(ManagedFieldsEntry::getFieldsV1)
            .map(FieldsV1::getAdditionalProperties)
            .anyMatch(fields ->
                fields.get("f:spec") instanceof Map<?, ?> spec && spec.containsKey("f:replicas"));
  }

  /** Why the number stays as it is; empty if it follows the load. */
  private static Optional<String> paused(Planning planning) {
    var fence = planning.restoring().fence();
    if (fence.isPresent()) {
      return fence;
    }
    return replaced(planning);
  }

  /** How far API servers are that are being replaced; empty if they are not. */
  static Optional<String> replaced(Planning planning) {
    return live(planning)
        .map(Rollout::of)
        .filter(rollout ->
            rollout.isReplacing()
                || rollout
                    .version()
                    .filter(has -> !has.equals(planning.controlPlane().version().toString()))
                    .isPresent())
        .map(rollout -> "API servers are being replaced: " + rollout.describe());
  }

  private static ConditionState state(Planning planning, Optional<String> paused) {
    var name = planning.controlPlane().names().apiServer();
    var live = autoscaler(planning);
    if (live.isEmpty()) {
      return ConditionState.not(
          ConditionType.AUTOSCALING,
          Reason.NOT_CREATED,
          "HorizontalPodAutoscaler %s is being created".formatted(name));
    }
    if (paused.isPresent()) {
      return new ConditionState(
          ConditionType.AUTOSCALING,
          ConditionStatus.TRUE,
          Reason.AUTOSCALING_PAUSED,
          "The number of API servers stays for now: " + paused.get());
    }
    int number = live(planning).map(Rollout::of).map(Rollout::wanted).orElse(0);
    var hindrance =
        condition(live.get(), ABLE, "False")
            .or(() ->
                condition(live.get(), ACTIVE, "False")
                    // What it says of no pods, and for a moment after there are some again.
                    .filter(inactive -> !DISABLED.equals(inactive.getReason())));
    if (hindrance.isPresent() && number > 0 && planning.observed().initialized()) {
      return ConditionState.not(
          ConditionType.AUTOSCALING,
          Reason.AUTOSCALING_INACTIVE,
          "The number of API servers stays at %d, since HorizontalPodAutoscaler %s does not know the load or cannot act: %s: %s. It measures by the metrics API (metrics.k8s.io) of the management cluster, which metrics-server serves"
              .formatted(number, name, hindrance.get().getReason(), hindrance.get().getMessage()));
    }
    if (hindrance.isPresent() || condition(live.get(), ACTIVE, "True").isEmpty()) {
      return new ConditionState(
          ConditionType.AUTOSCALING,
          ConditionStatus.UNKNOWN,
          Reason.WAITING_FOR_AUTOSCALER,
          "HorizontalPodAutoscaler %s has not measured API servers yet".formatted(name));
    }
    var limits =
        "%d to %d"
            .formatted(
                planning.controlPlane().fewestApiServers(),
                planning.controlPlane().mostApiServers());
    return condition(live.get(), LIMITED, "True")
        .filter(limited -> TOO_MANY.equals(limited.getReason()))
        .map(_ ->
            new ConditionState(
                ConditionType.AUTOSCALING,
                ConditionStatus.TRUE,
                Reason.AUTOSCALING_LIMITED,
                "The load asks for more API servers than there may be; they are %d, of %s"
                    .formatted(number, limits)))
        .orElse(
            ConditionState.done(
                ConditionType.AUTOSCALING,
                "API servers are added and removed by load, %s".formatted(limits)));
  }

  private static Optional<HorizontalPodAutoscalerCondition> condition(
      HorizontalPodAutoscaler autoscaler, String type, String status) {
    return Optional.ofNullable(autoscaler.getStatus())
        .map(HorizontalPodAutoscalerStatus::getConditions)
        .orElse(List.of())
        .stream()
        .filter(c -> type.equals(c.getType()) && status.equals(c.getStatus()))
        .findFirst();
  }

  private static Optional<HorizontalPodAutoscaler> autoscaler(Planning planning) {
    return planning
        .objects()
        .get(HorizontalPodAutoscaler.class, planning.controlPlane().names().apiServer());
  }

  private static Optional<Deployment> live(Planning planning) {
    return planning.objects().get(Deployment.class, planning.controlPlane().names().apiServer());
  }
}
