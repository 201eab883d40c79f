package dev.hcp.e2e.bench;

import dev.hcp.e2e.BedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks at a fixed rate, whether answers come or not, and counts the time from when a question was
 * due: questions that wait because of a slow answer make the figures worse, as they do for users.
 */
final class SteadyLoad {
  private static final int MOST_UNDER_WAY = 1_000;
  private static final Duration LAST_ANSWERS = Duration.ofMinutes(1);

  /**
   * What came out.
   *
   * @param latencies of all questions that were answered, ascending
   * @param failures what was said instead of an answer, with the time since the beginning
   */
  record Result(List<Duration> latencies, List<String> failures) {
    /** The latency that the given part of all answers, between 0 and 1, does not exceed. */
    Duration quantile(double part) {
      if (latencies.isEmpty()) {
        throw new BedException("not one question was answered; first: " + failures.getFirst());
      }
      return latencies.get(Math.max(0, (int) Math.ceil(part * latencies.size()) - 1));
    }
  }

  private final int perSecond;

  SteadyLoad(int perSecond) {
    this.perSecond = perSecond;
  }

  /** Asks for {@code length} and waits for the last answers. */
  Result run(Duration length, Callable<?> question) {
    var latencies = Collections.synchronizedList(new ArrayList<Duration>());
    var failures = Collections.synchronizedList(new ArrayList<String>());
    var places = new Semaphore(MOST_UNDER_WAY);
    long interval = TimeUnit.SECONDS.toNanos(1) / perSecond;
    long start = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (long due = start; due - start < length.toNanos(); due += interval) {
        waitUntil(due);
        if (!places.tryAcquire()) {
          failures.add("%d questions are under way".formatted(MOST_UNDER_WAY));
          continue;
        }
        long asked = due;
        var _ =
            threads.submit(() -> {
              try {
                question.call();
                latencies.add(Duration.ofNanos(System.nanoTime() - asked));
              } catch (Exception e) {
                failures.add(
                    "after %.1f s: %s"
                        .formatted(
                            (asked - start) / 1e9, Objects.requireNonNullElse(e.getCause(), e)));
              } finally {
                places.release();
              }
            });
      }
      awaitAll(places);
    }
    return new Result(latencies.stream().sorted().toList(), List.copyOf(failures));
  }

  private static void waitUntil(long due) {
    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.currentThread().isInterrupted()) {
        throw new BedException("interrupted while asking");
      }
    }
  }

  private static void awaitAll(Semaphore places) {
    try {
      if (!places.tryAcquire(MOST_UNDER_WAY, LAST_ANSWERS.toSeconds(), TimeUnit.SECONDS)) {
        throw new BedException(
            "some questions have no answer after %d s".formatted(LAST_ANSWERS.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BedException("interrupted while waiting for the last answers", e);
    }
  }
}
