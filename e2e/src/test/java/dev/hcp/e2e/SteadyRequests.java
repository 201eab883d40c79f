package dev.hcp.e2e;

import dev.hcp.e2e.hosted.PublicEndpoint;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks a hosted API server every 200 ms from now on, and counts what goes wrong. Whether it is
 * ready is not the question: one that is about to end says no to that, and serves everything else.
 */
final class SteadyRequests implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofMillis(200);

  private final PublicEndpoint endpoint;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger requests = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

  SteadyRequests(PublicEndpoint endpoint) {
    this.endpoint = endpoint;
    var _ = timer.scheduleAtFixedRate(this::ask, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void ask() {
    requests.incrementAndGet();
    try {
      var answer = endpoint.get("/livez");
      if (answer.status() != 200) {
        failures.add("%s: %d %s".formatted(Instant.now(), answer.status(), answer.body()));
      }
    } catch (IOException e) {
      failures.add("%s: %s".formatted(Instant.now(), e));
    }
  }

  /** How many requests were made. */
  int requests() {
    return requests.get();
  }

  /** Those that got no answer, or a bad one: when, and what. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  @Override
  public void close() {
    timer.close();
  }
}
