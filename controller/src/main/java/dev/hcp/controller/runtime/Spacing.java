package dev.hcp.controller.runtime;

import io.javaoperatorsdk.operator.processing.event.rate.RateLimiter;
import io.javaoperatorsdk.operator.processing.event.rate.RateLimiter.RateLimitState;
import java.time.Duration;
import java.util.Optional;

/**
 * Keeps the passes over one control plane a little apart. What happens in between is served by one
 * pass, and a control plane that wakes itself cannot take a worker for its own.
 *
 * @param least shortest time between the starts of two passes
 */
record Spacing(Duration least) implements RateLimiter<Spacing.LastPass> {

  /** When the last pass was let through. */
  static final class LastPass implements RateLimitState {
    private Optional<Long> at = Optional.empty();
  }

  @Override
  public Optional<Duration> isLimited(RateLimitState state) {
    var last = (LastPass) state;
    var now = System.nanoTime();
    var left = last.at.map(before -> least.minusNanos(now - before)).filter(Duration::isPositive);
    if (left.isEmpty()) {
      last.at = Optional.of(now);
    }
    return left;
  }

  @Override
  public LastPass initState() {
    return new LastPass();
  }
}
