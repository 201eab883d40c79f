package dev.hcp.controller.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One at a time, again after a delay or when woken, and no more once it is stopped. */
final class RecurringTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration LONG = Duration.ofHours(1);

  private final Recurring.Pool pool = Recurring.Pool.named("test");
  private final Semaphore proceed = new Semaphore(0);
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger atOnce = new AtomicInteger();
  private final AtomicInteger mostAtOnce = new AtomicInteger();
  private final AtomicInteger ends = new AtomicInteger();
  private final Recurring recurring = new Recurring(pool, LONG, this::task, ends::incrementAndGet);

  @AfterEach
  void close() {
    pool.close();
  }

  private Duration task() throws InterruptedException {
    mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
    begun.incrementAndGet();
    try {
      proceed.acquire();
    } finally {
      atOnce.decrementAndGet();
    }
    return LONG;
  }

  private void awaitBegun(int times) {
    await().atMost(SOON).until(() -> begun.get() == times);
  }

  @Test
  void whoIsWokenMeanwhileGoesOnceMoreRightAfter() {
    recurring.wake(Duration.ZERO);
    awaitBegun(1);
    recurring.wake(Duration.ZERO);
    recurring.wake(Duration.ZERO);
    proceed.release();
    awaitBegun(2);
    proceed.release();
    await().during(Duration.ofMillis(300)).atMost(SOON).until(() -> begun.get() == 2);
    assertThat(mostAtOnce).hasValue(1);
  }

  @Test
  void theEarlierTimeCounts() {
    recurring.wake(LONG);
    recurring.wake(Duration.ofMillis(10));
    recurring.wake(LONG);
    awaitBegun(1);
  }

  @Test
  void whatFailsIsDoneAgain() {
    var failing =
        new Recurring(
            pool,
            Duration.ofMillis(10),
            () -> {
              begun.incrementAndGet();
              throw new InterruptedException("as at the end of the process");
            },
            ends::incrementAndGet);
    failing.wake(Duration.ZERO);
    await().atMost(SOON).until(() -> begun.get() > 2);
    failing.stop();
  }

  @Test
  void theEndComesOnceAndAfterWhatIsUnderWay() {
    recurring.wake(Duration.ZERO);
    awaitBegun(1);
    recurring.stop();
    assertThat(recurring.isStopped()).isTrue();
    assertThat(ends).hasValue(0);
    proceed.release();
    await().atMost(SOON).until(() -> ends.get() == 1);
    recurring.stop();
    recurring.wake(Duration.ZERO);
    await().during(Duration.ofMillis(300)).atMost(SOON).until(() -> begun.get() == 1);
    assertThat(ends).hasValue(1);
  }

  @Test
  void theEndComesAtOnceIfNothingIsUnderWay() {
    recurring.wake(LONG);
    recurring.stop();
    assertThat(ends).hasValue(1);
  }
}
