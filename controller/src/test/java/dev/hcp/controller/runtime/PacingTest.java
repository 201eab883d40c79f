package dev.hcp.controller.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** When passes are made, and made again. */
class PacingTest {
  private static final Duration FIRST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofMinutes(2);

  private final JitteredBackoff backoff = new JitteredBackoff(FIRST, LONGEST, new Random(1));

  @Test
  void delaysDoubleUpToTheLimit() {
    assertThat(backoff.delay(0)).isBetween(Duration.ofMillis(375), Duration.ofMillis(625));
    assertThat(backoff.delay(3)).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(5));
    assertThat(backoff.delay(10_000)).isBetween(Duration.ofSeconds(90), Duration.ofSeconds(150));
  }

  @Test
  void thoseThatFailTogetherDoNotComeBackTogether() {
    assertThat(IntStream.range(0, 20).mapToObj(_ -> backoff.delay(5)).distinct().count())
        .isGreaterThan(15);
  }

  @Test
  void thereIsNoLastAttempt() {
    var execution = backoff.initExecution();
    for (int i = 0; i < 1000; i++) {
      assertThat(execution.nextDelay()).isPresent();
      assertThat(execution.isLastAttempt()).isFalse();
    }
    assertThat(execution.getAttemptCount()).isEqualTo(1000);
  }

  @Test
  void passesAreKeptApart() {
    var spacing = new Spacing(Duration.ofHours(1));
    var one = spacing.initState();
    assertThat(spacing.isLimited(one)).as("the first").isEmpty();
    assertThat(spacing.isLimited(one))
        .as("the second")
        .hasValueSatisfying(left -> assertThat(left).isPositive().isLessThan(Duration.ofHours(1)));
    assertThat(spacing.isLimited(spacing.initState())).as("another control plane").isEmpty();
    var none = new Spacing(Duration.ZERO);
    var free = none.initState();
    assertThat(none.isLimited(free)).isEmpty();
    assertThat(none.isLimited(free)).isEmpty();
  }
}
