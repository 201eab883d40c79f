package dev.hcp.controller.plan;

import dev.hcp.api.v1alpha1.RolloutSettings;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/**
 * The time after which the pods of a Deployment are to be younger than they are. It only goes
 * forward: a time that is taken out of the spec must not cause another rollout.
 *
 * @param reached the last one that has passed; empty if none was ever asked for
 */
record RolloutTime(Optional<Instant> reached) {
  /**
   * The time for a Deployment.
   *
   * @throws IllegalArgumentException if the spec holds no time
   */
  static RolloutTime of(Planning planning, Deployment wanted) {
    var before =
        planning
            .objects()
            .get(Deployment.class, wanted.getMetadata().getName())
            .flatMap(live -> Optional.ofNullable(live.getSpec().getTemplate().getMetadata()))
            .map(ObjectMeta::getAnnotations)
            .flatMap(notes -> Optional.ofNullable(notes.get(Labels.ROLLOUT_ANNOTATION)))
            .map(RolloutTime::parse);
    var now = planning.observed().at();
    var asked = asked(planning).filter(time -> !time.isAfter(now));
    return new RolloutTime(
        before.filter(time -> asked.filter(time::isBefore).isEmpty()).or(() -> asked));
  }

  /** The time that the spec asks for. */
  static Optional<Instant> asked(Planning planning) {
    return Optional.ofNullable(planning.controlPlane().spec().rollout())
        .map(RolloutSettings::after)
        .map(RolloutTime::parse);
  }

  /** The Deployment, whose pods are replaced when the time changes. */
  Deployment mark(Deployment wanted) {
    return reached
        .map(time ->
            wanted
                .edit()
                .editSpec()
                .editTemplate()
                .editOrNewMetadata()
                .addToAnnotations(Labels.ROLLOUT_ANNOTATION, time.toString())
                .endMetadata()
                .endTemplate()
                .endSpec()
                .build())
        .orElse(wanted);
  }

  private static Instant parse(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "spec.rollout.after: %s is no time such as 2026-12-01T02:30:00Z".formatted(text), e);
    }
  }
}
