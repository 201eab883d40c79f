package dev.hcp.controller.retry;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Delays before something that failed is tried again. They double up to a limit, and are spread, so
 * that what failed together does not come back together.
 *
 * @param first delay after the first failure
 * @param longest limit of the delays, before they are spread
 * @param random source of the spread
 */
public record Backoff(Duration first, Duration longest, RandomGenerator random) {
  private static final double SPREAD = 0.2;

  /** The delay after a number of earlier failures. */
  public Duration after(int failures) {
    var exponential = first.toMillis() * Math.pow(2, failures);
    var limited = Math.min(exponential, (double) longest.toMillis());
    return spread(Duration.ofMillis((long) limited), random);
  }

  /** A duration, shorter or longer by up to a fifth. */
  public static Duration spread(Duration duration, RandomGenerator random) {
    return Duration.ofMillis(
        (long) ((double) duration.toMillis() * random.nextDouble(1 - SPREAD, 1 + SPREAD)));
  }
}
