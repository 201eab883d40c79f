package dev.hcp.e2e.process;

import dev.hcp.e2e.BedException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waiting for something that cannot tell us when it happens. */
public final class Wait {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private Wait() {}

  /** Returns when {@code condition} holds; fails with {@code what} after {@code deadline}. */
  public static void until(String what, Duration deadline, BooleanSupplier condition) {
    until(what, deadline, condition, () -> "");
  }

  /**
   * Returns when {@code condition} holds; after {@code deadline} fails with {@code what} and what
   * {@code details} says about the state of things at that time.
   */
  public static void until(
      String what, Duration deadline, BooleanSupplier condition, Supplier<String> details) {
    var end = Instant.now().plus(deadline);
    var pause = FIRST_PAUSE;
    while (!condition.getAsBoolean()) {
      if (Instant.now().isAfter(end)) {
        var more = details.get();
        throw new BedException(
            "still not true after %d s: %s%s"
                .formatted(deadline.toSeconds(), what, more.isBlank() ? "" : "\n" + more));
      }
      sleep(pause);
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
              ? pause.multipliedBy(2)
              : LONGEST_PAUSE;
    }
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BedException("interrupted while waiting", e);
    }
  }
}
