package dev.hcp.controller.migration;

import dev.hcp.controller.kube.HostedKubes;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Rewriting;
import dev.hcp.controller.plan.Trigger;
import dev.hcp.controller.retry.PerControlPlane;
import dev.hcp.controller.retry.Recurring;
import dev.hcp.controller.telemetry.ControllerMetrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/**
 * Writes objects again on threads of its own: one after the other in each hosted cluster, and in a
 * bounded number of hosted clusters at a time.
 */
public final class Rewriter implements Rewrites, AutoCloseable {
  private static final int MOST_AT_ONCE = 8;

  /**
   * When to do what.
   *
   * @param settle how long to wait before the first object. API servers that write by another key
   *     than they were started with would follow their file within this time
   * @param longest how long one attempt may take
   * @param first after the first failure; doubled with each further one
   * @param longestRetry the longest such time
   * @param report how often numbers are told while it is under way
   */
  public record Timing(
      Duration settle, Duration longest, Duration first, Duration longestRetry, Duration report) {
    /** What suits some hundred thousand objects; kubelets and API servers look once a minute. */
    public static final Timing DEFAULT =
        new Timing(
            Duration.ofMinutes(4),
            Duration.ofHours(2),
            Duration.ofSeconds(5),
            Duration.ofHours(1),
            Duration.ofSeconds(30));
  }

  /**
   * What all hosted clusters share.
   *
   * @param kubes opens them
   * @param trigger is told when what is known of one changes
   * @param slots limits in how many objects are written
   */
  record Shared(
      HostedKubes kubes,
      Trigger trigger,
      ControllerMetrics metrics,
      Timing timing,
      RandomGenerator random,
      InstantSource clock,
      Recurring.Pool pool,
      Semaphore slots) {}

  private final Shared shared;
  private final PerControlPlane<KeptRewrite> clusters = new PerControlPlane<>();

  /**
   * Writes nothing yet.
   *
   * @param kubes opens hosted clusters
   * @param trigger is told when what is known of one changes
   */
  public Rewriter(
      HostedKubes kubes,
      Trigger trigger,
      ControllerMetrics metrics,
      Timing timing,
      RandomGenerator random,
      InstantSource clock) {
    this.shared =
        new Shared(
            kubes,
            trigger,
            metrics,
            timing,
            random,
            clock,
            Recurring.Pool.named("rewrite"),
            new Semaphore(MOST_AT_ONCE));
  }

  @Override
  public Optional<Rewriting> last(String namespace, String name) {
    return clusters.find(namespace, name).map(KeptRewrite::last);
  }

  @Override
  public void keepUp(String namespace, String name, Action.Rewrite wanted) {
    var kept =
        clusters.get(namespace, name, () -> new KeptRewrite(namespace, name, wanted, shared));
    if (!kept.last().run().equals(wanted.run())) {
      forget(namespace, name);
      keepUp(namespace, name, wanted);
      return;
    }
    kept.want(wanted);
  }

  @Override
  public void forget(String namespace, String name) {
    clusters.remove(namespace, name).ifPresent(KeptRewrite::stop);
  }

  @Override
  public void close() {
    clusters.all().forEach(KeptRewrite::stop);
    shared.pool().close();
  }
}
