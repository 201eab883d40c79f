package dev.hcp.e2e.contract;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * How long a provider is waited for.
 *
 * @param deadline until when it has to have done something
 * @param window how long it is watched doing nothing
 * @param pause between two looks
 */
public record Patience(Duration deadline, Duration window, Duration pause) {
  /** What clusters on busy machines need. */
  public static final Patience USUAL =
      new Patience(Duration.ofMinutes(3), Duration.ofSeconds(20), Duration.ofMillis(500));

  /** Whether something becomes true in time. */
  boolean until(BooleanSupplier condition) {
    return within(deadline, condition);
  }

  /** Whether something stays true as long as it is watched. */
  boolean throughout(BooleanSupplier condition) {
    return !within(window, () -> !condition.getAsBoolean());
  }

  private boolean within(Duration time, BooleanSupplier condition) {
    long end = System.nanoTime() + time.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() >= end) {
        return false;
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while a rule was tried", e);
      }
    }
    return true;
  }
}
