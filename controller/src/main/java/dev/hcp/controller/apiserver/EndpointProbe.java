package dev.hcp.controller.apiserver;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.controller.plan.Answer;
import dev.hcp.controller.plan.Trigger;
import dev.hcp.controller.retry.Backoff;
import dev.hcp.controller.telemetry.ControllerMetrics;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks API servers whether they are ready, each by one question at a time and with a growing delay
 * between the questions. A pass over the control plane means that something changed, so it brings
 * the next question forward.
 */
public final class EndpointProbe implements Probing, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EndpointProbe.class);
  private static final int MOST_QUESTIONS = 64;

  /**
   * How long to wait for what.
   *
   * @param deadline for an answer
   * @param first shortest time between two questions
   * @param longest longest time between two questions
   */
  public record Timing(Duration deadline, Duration first, Duration longest) {
    /** What suits an API server that is starting. */
    public static final Timing DEFAULT =
        new Timing(Duration.ofSeconds(5), Duration.ofMillis(500), Duration.ofSeconds(15));
  }

  private record Key(String namespace, String name) {}

  private record Question(ControlPlaneEndpoint endpoint, String authority) {}

  private final Trigger trigger;
  private final ControllerMetrics metrics;
  private final Timing timing;
  private final Backoff backoff;
  private final Map<Key, Target> targets = new ConcurrentHashMap<>();
  private final Semaphore questions = new Semaphore(MOST_QUESTIONS);
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("endpoint-timer").factory());
  private final ExecutorService asking =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("endpoint-", 0).factory());

  /**
   * Asks nothing yet.
   *
   * @param trigger is told when an answer differs from the one before
   */
  public EndpointProbe(
      Trigger trigger, ControllerMetrics metrics, Timing timing, RandomGenerator random) {
    this.trigger = trigger;
    this.metrics = metrics;
    this.timing = timing;
    this.backoff = new Backoff(timing.first(), timing.longest(), random);
  }

  @Override
  public Optional<Answer> last(String namespace, String name) {
    return Optional.ofNullable(targets.get(new Key(namespace, name))).flatMap(Target::answer);
  }

  @Override
  public void await(
      String namespace, String name, ControlPlaneEndpoint endpoint, String authority) {
    var question = new Question(endpoint, authority);
    targets
        .compute(
            new Key(namespace, name),
            (key, target) -> {
              if (target != null && target.question.equals(question)) {
                return target;
              }
              if (target != null) {
                target.stop();
              }
              return new Target(key, question);
            })
        .hasten();
  }

  @Override
  public void forget(String namespace, String name) {
    var target = targets.remove(new Key(namespace, name));
    if (target != null) {
      target.stop();
    }
  }

  @Override
  public void close() {
    targets.values().forEach(Target::stop);
    timer.shutdownNow();
    asking.shutdownNow();
  }

  /** One API server and what it answered. */
  private final class Target {
    private final Key key;
    private final Question question;
    private @Nullable Answer answer;
    private @Nullable Future<?> next;
    private int failures;
    private long lastAsked;
    private boolean asked;
    private boolean underWay;
    private boolean stopped;

    Target(Key key, Question question) {
      this.key = key;
      this.question = question;
    }

    synchronized Optional<Answer> answer() {
      return Optional.ofNullable(answer);
    }

    synchronized void stop() {
      stopped = true;
      if (next != null) {
        next.cancel(false);
      }
    }

    /** Has the next question asked as soon as may be. */
    synchronized void hasten() {
      if (underWay || isDone()) {
        return;
      }
      failures = 0;
      var since = Duration.ofNanos(System.nanoTime() - lastAsked);
      schedule(asked ? timing.first().minus(since) : Duration.ZERO);
    }

    private boolean isDone() {
      return stopped || (answer != null && answer.ready());
    }

    private void schedule(Duration delay) {
      if (next != null) {
        next.cancel(false);
      }
      next =
          timer.schedule(
              () -> asking.execute(this::ask),
              Math.max(0, delay.toMillis()),
              TimeUnit.MILLISECONDS);
    }

    private void ask() {
      synchronized (this) {
        if (underWay || isDone()) {
          return;
        }
        underWay = true;
        asked = true;
        lastAsked = System.nanoTime();
      }
      var thread = Thread.currentThread();
      try {
        questions.acquire();
        // Connecting, handshake and reading have timeouts each; this one is for all of them.
        var deadline =
            timer.schedule(thread::interrupt, timing.deadline().toMillis(), TimeUnit.MILLISECONDS);
        try {
          answered(
              new ReadyzRequest(question.endpoint(), question.authority(), timing.deadline())
                  .send());
        } finally {
          deadline.cancel(false);
          questions.release();
        }
      } catch (InterruptedException _) {
        // Only close() interrupts here.
        thread.interrupt();
      }
    }

    private void answered(Answer current) {
      metrics.probe(current.ready());
      boolean changed;
      synchronized (this) {
        underWay = false;
        changed = !stopped && !current.equals(answer);
        if (!stopped) {
          answer = current;
        }
        if (!isDone()) {
          schedule(backoff.after(failures++));
        }
      }
      if (changed) {
        LOG.atInfo()
            .addKeyValue("namespace", key.namespace())
            .addKeyValue("name", key.name())
            .addKeyValue("endpoint", question.endpoint().host())
            .log("API server: {}", current.detail());
        trigger.reconcile(key.namespace(), key.name());
      }
    }
  }
}
