package dev.hcp.controller.retry;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Work that is done at a time that may change: never twice at once, and together with that of
 * others only so much at a time. When it is due follows from what its owner knows, so both use the
 * owner's lock.
 */
public final class DueWork {
  /** Clocks are set, and machines sleep: longer than this nobody relies on a timer. */
  private static final Duration LONGEST_SLEEP = Duration.ofMinutes(10);

  /** What is done. */
  @FunctionalInterface
  public interface Work {
    /**
     * Does it, without the lock, on a thread of its own.
     *
     * @throws InterruptedException if it is broken off
     */
    void run() throws InterruptedException;
  }

  private final Object lock;
  private final Recurring.Pool pool;
  private final Semaphore slots;
  private final InstantSource clock;
  private final Supplier<Optional<Instant>> due;
  private final Work work;
  private @Nullable Future<?> next;
  private @Nullable Thread running;
  private boolean stopped;

  /**
   * Does nothing before it is asked to {@link #consider}.
   *
   * @param lock the owner's
   * @param slots limits how much is done at a time
   * @param due tells when it is due, if ever; asked with the lock held
   * @param work what is done
   */
  public DueWork(
      Object lock,
      Recurring.Pool pool,
      Semaphore slots,
      InstantSource clock,
      Supplier<Optional<Instant>> due,
      Work work) {
    this.lock = lock;
    this.pool = pool;
    this.slots = slots;
    this.clock = clock;
    this.due = due;
    this.work = work;
  }

  /** Looks anew when it is due. What is under way goes on, and is followed by another look. */
  public void consider() {
    synchronized (lock) {
      if (stopped || running != null) {
        return;
      }
      if (next != null) {
        next.cancel(false);
      }
      due.get().ifPresent(this::wait);
    }
  }

  private void wait(Instant time) {
    var now = clock.instant();
    var delay = time.isBefore(now) ? Duration.ZERO : Duration.between(now, time);
    try {
      next =
          pool.timer()
              .schedule(
                  () -> pool.threads().execute(this::act),
                  Math.min(delay.toMillis(), LONGEST_SLEEP.toMillis()),
                  TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException _) {
      // Closed meanwhile.
      stopped = true;
    }
  }

  /** Breaks off what is under way; afterwards it is looked anew when it is due. */
  public void interrupt() {
    synchronized (lock) {
      if (running != null) {
        running.interrupt();
      }
    }
  }

  /** Begins nothing any more, and breaks off what is under way. */
  public void stop() {
    synchronized (lock) {
      stopped = true;
      if (next != null) {
        next.cancel(false);
      }
      interrupt();
    }
  }

  /** Whether it was stopped. */
  public boolean isStopped() {
    synchronized (lock) {
      return stopped;
    }
  }

  private void act() {
    synchronized (lock) {
      if (stopped || running != null) {
        return;
      }
      if (due.get().filter(time -> !time.isAfter(clock.instant())).isEmpty()) {
        consider();
        return;
      }
      running = Thread.currentThread();
    }
    try {
      slots.acquire();
      try {
        work.run();
      } finally {
        slots.release();
      }
    } catch (InterruptedException _) {
      // Stopped, or something else is wanted: this thread ends here.
      Thread.currentThread().interrupt();
    } finally {
      synchronized (lock) {
        running = null;
        consider();
      }
    }
  }
}
