package dev.hcp.controller.runtime;

import io.javaoperatorsdk.operator.processing.retry.Retry;
import io.javaoperatorsdk.operator.processing.retry.RetryExecution;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Tries a failed pass again without end, after delays that double up to a limit. Each is longer or
 * shorter by up to a quarter, so that control planes that failed together do not come back
 * together.
 *
 * @param first delay after the first failure
 * @param longest limit of the delays
 * @param random source of the spread
 */
record JitteredBackoff(Duration first, Duration longest, RandomGenerator random) implements Retry {
  private static final double SPREAD = 0.25;

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
    var exponential = first.toMillis() * Math.pow(2, failures);
    var limited = Math.min(exponential, (double) longest.toMillis());
    return Duration.ofMillis((long) (limited * random.nextDouble(1 - SPREAD, 1 + SPREAD)));
  }
}
