package dev.hcp.controller.plan;

import dev.hcp.conditions.Reason;
import java.time.Duration;
import java.util.Optional;

/** How the pod of a restore drill has ended. */
public sealed interface DrillEnd {
  /**
   * The backup was restored, and holds what it should.
   *
   * @param duration from the first byte that was asked for until etcd had been looked at
   * @param content what it holds, for people
   */
  record Success(Duration duration, String content) implements DrillEnd {}

  /**
   * It was not.
   *
   * @param label for metrics; one of a closed set
   * @param reason for the condition
   * @param message what happened, in a sentence without a full stop
   */
  record Failure(String label, Reason reason, String message) implements DrillEnd {}

  /** Why it failed; empty if it did not. */
  default Optional<Failure> failure() {
    return this instanceof Failure failure ? Optional.of(failure) : Optional.empty();
  }
}
