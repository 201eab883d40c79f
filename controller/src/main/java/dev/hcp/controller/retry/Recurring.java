package dev.hcp.controller.retry;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Something that is done again and again: never twice at the same time, after the delay that it
 * asked for itself, or at once when somebody wakes it. Nothing is done before the first time that
 * it is woken.
 */
public final class Recurring {
  /** What is done. */
  @FunctionalInterface
  public interface Task {
    /**
     * Does it once, on a thread of its own.
     *
     * @return after which time to do it again
     * @throws InterruptedException if the process ends
     */
    Duration run() throws InterruptedException;
  }

  /**
   * Where tasks wait and run; several share it.
   *
   * @param timer where they wait
   * @param threads where they run
   */
  public record Pool(ScheduledExecutorService timer, ExecutorService threads)
      implements AutoCloseable {
    /**
     * One whose threads are called that. It does not keep the process alive.
     *
     * @param name as {@code etcd}
     */
    public static Pool named(String name) {
      return new Pool(
          Executors.newSingleThreadScheduledExecutor(
              Thread.ofPlatform().daemon().name(name + "-timer").factory()),
          Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(name + "-", 0).factory()));
    }

    /** Begins nothing more, and interrupts what is under way. */
    @Override
    public void close() {
      timer.shutdownNow();
      threads.shutdownNow();
    }
  }

  private final Pool pool;
  private final Duration afterFailure;
  private final Task task;
  private final Runnable end;

  private @Nullable Future<?> next;
  private long nextAt;
  private boolean underWay;
  private boolean again;
  private boolean stopped;
  private boolean ended;

  /**
   * Does nothing yet.
   *
   * @param pool where it waits and runs
   * @param afterFailure when to do it again if it failed with an exception
   * @param task what is done
   * @param end run once it has been stopped and nothing is under way any more
   */
  public Recurring(Pool pool, Duration afterFailure, Task task, Runnable end) {
    this.pool = pool;
    this.afterFailure = afterFailure;
    this.task = task;
    this.end = end;
  }

  /**
   * Does it after that time, or earlier if that was agreed before. While it is under way, only
   * being woken at once has an effect: it is then done once more right after.
   */
  public synchronized void wake(Duration delay) {
    if (stopped) {
      return;
    }
    if (underWay) {
      again = again || delay.isZero();
      return;
    }
    long at = System.nanoTime() + delay.toNanos();
    if (next != null && !next.isDone()) {
      if (nextAt - at <= 0) {
        return;
      }
      next.cancel(false);
    }
    nextAt = at;
    try {
      next =
          pool.timer()
              .schedule(
                  () -> pool.threads().execute(this::run), delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException _) {
      // The pool was closed meanwhile.
      stopped = true;
    }
  }

  /** Whether it is done no more. */
  public synchronized boolean isStopped() {
    return stopped;
  }

  /** Does it no more; what is under way comes to its end. */
  public void stop() {
    synchronized (this) {
      stopped = true;
      if (next != null) {
        next.cancel(false);
      }
      if (underWay || ended) {
        return;
      }
      ended = true;
    }
    end.run();
  }

  private void run() {
    synchronized (this) {
      if (stopped || underWay) {
        return;
      }
      underWay = true;
      again = false;
      next = null;
    }
    var delay = afterFailure;
    try {
      delay = task.run();
    } catch (InterruptedException _) {
      // Only the end of the process interrupts.
      Thread.currentThread().interrupt();
    } finally {
      boolean last;
      synchronized (this) {
        underWay = false;
        last = stopped && !ended;
        ended = ended || last;
        wake(again ? Duration.ZERO : delay);
      }
      if (last) {
        end.run();
      }
    }
  }
}
