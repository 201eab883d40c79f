package dev.hcp.process;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the parts of a process in the reverse order of their start, within one deadline for all:
 * when it has passed, the rest is still closed but no longer waited for.
 */
public final class Shutdown {
  private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);

  private record Part(String name, AutoCloseable closer) {}

  private final Duration deadline;
  private final Deque<Part> parts = new ArrayDeque<>();
  private final AtomicBoolean begun = new AtomicBoolean();
  private final CountDownLatch done = new CountDownLatch(1);

  /**
   * A shutdown that nothing triggers yet.
   *
   * @param deadline for all parts together; keep it below the Pod's grace period
   */
  public Shutdown(Duration deadline) {
    this.deadline = deadline;
  }

  /** Runs when the process is told to end, by SIGTERM, SIGINT or {@link System#exit}. */
  public void onSignal() {
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(this::run));
  }

  /** Adds a part; it will be closed before those that were added earlier. */
  public void add(String name, AutoCloseable closer) {
    synchronized (parts) {
      parts.push(new Part(name, closer));
    }
  }

  /** Whether the process is ending. */
  public boolean hasBegun() {
    return begun.get();
  }

  /** Closes everything once; a second caller waits for the first. */
  public void run() {
    if (begun.compareAndSet(false, true)) {
      long end = System.nanoTime() + deadline.toNanos();
      LOG.info("Shutting down");
      for (var part = next(); part != null; part = next()) {
        close(part, end);
      }
      LOG.info("Shut down");
      done.countDown();
    } else {
      await();
    }
  }

  private void await() {
    try {
      if (!done.await(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
        LOG.warn("Shutdown takes longer than {}", deadline);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private @Nullable Part next() {
    synchronized (parts) {
      return parts.poll();
    }
  }

  private static void close(Part part, long end) {
    var closing =
        Thread.ofPlatform()
            .daemon()
            .name("close-" + part.name())
            .start(() -> {
              try {
                part.closer().close();
              } catch (Exception e) {
                LOG.error("Closing {} failed", part.name(), e);
              }
            });
    try {
      var left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
      if (!closing.join(left)) {
        LOG.warn("Closing {} takes too long, going on without it", part.name());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
