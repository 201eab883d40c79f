package dev.hcp.controller.plan;

import dev.hcp.conditions.Reason;
import java.time.Duration;
import java.util.Optional;

/** How a pod has ended in which a backup was restored. */
public sealed interface RestoreEnd {
  /**
   * The backup was restored, and holds what it should.
   *
   * @param duration from the first byte that was asked for until etcd had been looked at
   * @param content what it holds, for people
   */
  record Success(Duration duration, String content) implements RestoreEnd {}

  /**
   * It was not.
   *
   * @param label for metrics; one of a closed set
   * @param reason for the condition
   * @param message what happened, in a sentence without a full stop
   */
  record Failure(String label, Reason reason, String message) implements RestoreEnd {}

  /** Why it failed; empty if it did not. */
  default Optional<Failure> failure() {
    return this instanceof Failure failure ? Optional.of(failure) : Optional.empty();
  }
}
