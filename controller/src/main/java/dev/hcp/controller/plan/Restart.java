package dev.hcp.controller.plan;

import dev.hcp.api.v1alpha1.HostedControlPlaneSpec;
import dev.hcp.api.v1alpha1.RolloutSettings;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * Pods that are started anew because the time in the spec has passed. The template of the pods
 * remembers for which time that was last done, and keeps it: to take it away would start them once
 * more.
 */
public final class Restart {
  private Restart() {}

  /** When pods are to be started anew, if that is still to come. */
  public static Optional<Instant> due(Planning planning) {
    return after(planning).filter(time -> time.isAfter(planning.observed().at()));
  }

  /** A Deployment or StatefulSet as it is wanted, with what starts its pods anew. */
  static HasMetadata of(Planning planning, Component component, HasMetadata desired) {
    var name = desired.getMetadata().getName();
    return switch (desired) {
      case Deployment deployment ->
          mark(
                  planning,
                  component,
                  planning
                      .objects()
                      .get(Deployment.class, name)
                      .map(live -> live.getSpec().getTemplate()))
              .<HasMetadata>map(mark ->
                  new DeploymentBuilder(deployment)
                      .editSpec()
                      .withTemplate(marked(deployment.getSpec().getTemplate(), mark))
                      .endSpec()
                      .build())
              .orElse(deployment);
      case StatefulSet set ->
          mark(
                  planning,
                  component,
                  planning
                      .objects()
                      .get(StatefulSet.class, name)
                      .map(live -> live.getSpec().getTemplate()))
              .<HasMetadata>map(mark ->
                  new StatefulSetBuilder(set)
                      .editSpec()
                      .withTemplate(marked(set.getSpec().getTemplate(), mark))
                      .endSpec()
                      .build())
              .orElse(set);
      default -> desired;
    };
  }

  private static PodTemplateSpec marked(PodTemplateSpec template, String mark) {
    return new PodTemplateSpecBuilder(template)
        .editMetadata()
        .addToAnnotations(Labels.ROLLOUT_AFTER_ANNOTATION, mark)
        .endMetadata()
        .build();
  }

  private static Optional<String> mark(
      Planning planning, Component component, Optional<PodTemplateSpec> live) {
    var before =
        live.map(PodTemplateSpec::getMetadata)
            .map(ObjectMeta::getAnnotations)
            .flatMap(all -> Optional.ofNullable(all.get(Labels.ROLLOUT_AFTER_ANNOTATION)));
    return after(planning)
        .filter(time -> !time.isAfter(planning.observed().at()))
        // One that does not exist yet begins with new pods.
        .filter(_ -> live.isPresent())
        .filter(
            time -> before.flatMap(Restart::parse).filter(done -> !done.isBefore(time)).isEmpty())
        .filter(time ->
            PodTrouble.pods(planning.objects(), component).stream()
                .anyMatch(pod -> isOlder(pod, time)))
        .map(Instant::toString)
        .or(() -> before);
  }

  private static boolean isOlder(Pod pod, Instant time) {
    return Optional.ofNullable(pod.getMetadata().getCreationTimestamp())
        .flatMap(Restart::parse)
        .filter(created -> !created.isBefore(time))
        .isEmpty();
  }

  private static Optional<Instant> after(Planning planning) {
    return Optional.of(planning.controlPlane().spec())
        .map(HostedControlPlaneSpec::rollout)
        .map(RolloutSettings::after)
        .flatMap(Restart::parse);
  }

  private static Optional<Instant> parse(String time) {
    try {
      return Optional.of(OffsetDateTime.parse(time).toInstant());
    } catch (DateTimeException _) {
      return Optional.empty();
    }
  }
}
