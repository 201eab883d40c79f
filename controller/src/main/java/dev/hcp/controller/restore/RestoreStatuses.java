package dev.hcp.controller.restore;

import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestoreStatus;
import dev.hcp.api.v1alpha1.RestorePhase;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Conditions;
import dev.hcp.controller.plan.RestoreProgress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** The status of a restoration. */
public final class RestoreStatuses {
  private RestoreStatuses() {}

  /**
   * The status to publish.
   *
   * @param restore the restoration as last seen
   * @param now transition time of what changes
   */
  public static HostedControlPlaneRestoreStatus of(
      HostedControlPlaneRestore restore, RestoreProgress progress, Instant now) {
    var before = Optional.ofNullable(restore.getStatus());
    var time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    boolean begun = progress.phase() != RestorePhase.PENDING;
    return new HostedControlPlaneRestoreStatus(
        progress.phase(),
        progress
            .backup()
            .or(() -> before.map(HostedControlPlaneRestoreStatus::backup))
            .orElse(null),
        progress.attempts() == 0 ? null : progress.attempts(),
        before
            .map(HostedControlPlaneRestoreStatus::startTime)
            .orElse(begun && !progress.phase().isOver() ? time : null),
        progress.phase().isOver()
            ? before.map(HostedControlPlaneRestoreStatus::completionTime).orElse(time)
            : null,
        Conditions.next(
            before
                .flatMap(status -> Optional.ofNullable(status.conditions()))
                .orElse(List.<Condition>of()),
            List.of(
                new ConditionState(
                    ConditionType.RESTORED,
                    status(progress.phase()),
                    progress.reason(),
                    progress.message())),
            Optional.ofNullable(restore.getMetadata().getGeneration()).orElse(0L),
            now));
  }

  /** Whether people are to be told: something else happens now than before. */
  public static boolean isNews(HostedControlPlaneRestore restore, RestoreProgress progress) {
    var before = restore.getStatus();
    return before == null
        || before.phase() != progress.phase()
        || before.conditions() == null
        || Conditions.find(before.conditions(), ConditionType.RESTORED)
            .filter(condition -> condition.reason().equals(progress.reason().value()))
            .isEmpty();
  }

  private static ConditionStatus status(RestorePhase phase) {
    return switch (phase) {
      case PENDING, PREPARING, SWITCHING, STARTING -> ConditionStatus.UNKNOWN;
      case SUCCEEDED -> ConditionStatus.TRUE;
      case FAILED -> ConditionStatus.FALSE;
    };
  }
}
