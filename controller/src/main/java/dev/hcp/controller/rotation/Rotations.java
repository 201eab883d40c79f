package dev.hcp.controller.rotation;

import dev.hcp.api.v1alpha1.RotationStatus;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.encryption.AtRest;
import dev.hcp.controller.pki.Authorities;
import dev.hcp.controller.pki.Signing;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Progress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * All rotations of a control plane that were ever requested.
 *
 * @param all how far each is
 * @param due when one goes on though nothing changes; empty if none does
 */
public record Rotations(List<Progress> all, Optional<Instant> due) {
  /** Copies the list. */
  public Rotations {
    all = List.copyOf(all);
  }

  /** Those of a control plane. */
  public static Rotations of(
      Planning planning, AtRest atRest, Signing signing, Authorities authorities) {
    return new Rotations(
        Stream.concat(
                Stream.of(atRest.progress(), signing.progress()).flatMap(Optional::stream),
                authorities.progress().stream())
            .toList(),
        Stream.of(signing.due(), authorities.due())
            .flatMap(Optional::stream)
            .filter(time -> time.isAfter(planning.observed().at()))
            .min(Instant::compareTo));
  }

  /** What the status says. */
  public List<RotationStatus> status() {
    return all.stream()
        .map(progress ->
            new RotationStatus(
                progress.credential().value(),
                progress.phase().value(),
                progress.request().orElse(null),
                progress.waitingFor().orElse(null),
                progress
                    .started()
                    .map(time -> time.truncatedTo(ChronoUnit.SECONDS).toString())
                    .orElse(null)))
        .toList();
  }

  /** What the condition says; empty if no rotation was ever requested. */
  public Optional<ConditionState> state() {
    if (all.isEmpty()) {
      return Optional.empty();
    }
    var underWay = all.stream().filter(Progress::isUnderWay).toList();
    if (underWay.isEmpty()) {
      return Optional.of(
          ConditionState.not(
              ConditionType.ROTATING,
              Reason.NOT_ROTATING,
              "All keys and CAs are those that were requested"));
    }
    return Optional.of(
        new ConditionState(
            ConditionType.ROTATING,
            ConditionStatus.TRUE,
            underWay.getFirst().phase().reason(),
            underWay.stream()
                .map(progress ->
                    "%s, %s: waiting for %s"
                        .formatted(
                            progress.credential().value(),
                            progress.phase().value(),
                            progress.waitingFor().orElse("the next pass")))
                .collect(Collectors.joining("; "))));
  }
}
