package dev.hcp.controller.runtime;

import dev.hcp.controller.retry.Backoff;
import io.javaoperatorsdk.operator.processing.retry.Retry;
import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Tries a failed pass again without end, as {@link Backoff} says.
 *
 * @param first delay after the first failure
 * @param longest limit of the delays
 * @param random source of the spread
 */
record JitteredBackoff(Duration first, Duration longest, RandomGenerator random) implements Retry {
  @Override
  public RetryExecution initExecution() {
    return new RetryExecution() {
      private int attempts;

      @Override
      public Optional<Long> nextDelay() {
        return Optional.of(delay(attempts++).toMillis());
      }

      @Override
      public int getAttemptCount() {
        return attempts;
      }

      @Override
      public boolean isLastAttempt() {
        return false;
      }
    };
  }

  /** The delay after a number of earlier failures. */
  Duration delay(int failures) {
    return new Backoff(first, longest, random).after(failures);
  }
}
