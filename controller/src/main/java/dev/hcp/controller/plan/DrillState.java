package dev.hcp.controller.plan;

import java.time.Instant;
import java.util.Optional;

/**
 * What is known of the restore drills of a control plane.
 *
 * @param attempted whether one has ended since the process started
 * @param running the one that is under way; empty if none is
 * @param last the last one that has ended; empty if none is known
 * @param lastSuccess when the last one was begun that succeeded; empty if none is known
 * @param again when one that failed is tried again; empty if the last one did not fail
 */
public record DrillState(
    boolean attempted,
    Optional<DrillTarget> running,
    Optional<Ended> last,
    Optional<Instant> lastSuccess,
    Optional<Instant> again) {

  /** Nothing is known. */
  public static final DrillState UNKNOWN =
      new DrillState(false, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * A drill that has ended.
   *
   * @param backup name of the backup; empty if it did not get that far
   * @param begun when it was begun
   * @param request the last request that was answered; empty if there was none
   * @param end how it has ended
   */
  public record Ended(
      Optional<String> backup, Instant begun, Optional<String> request, RestoreEnd end) {}

  /** The same, with a drill under way. */
  public DrillState with(DrillTarget target) {
    return new DrillState(attempted, Optional.of(target), last, lastSuccess, again);
  }

  /**
   * The same, after a drill has ended.
   *
   * @param retry when it is tried again; empty if it did not fail
   */
  public DrillState after(Ended ended, Optional<Instant> retry) {
    return new DrillState(
        true,
        Optional.empty(),
        Optional.of(ended),
        ended.end().failure().isPresent() ? lastSuccess : Optional.of(ended.begun()),
        retry);
  }
}
