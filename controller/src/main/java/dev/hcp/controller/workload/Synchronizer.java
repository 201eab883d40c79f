package dev.hcp.controller.workload;

import dev.hcp.controller.kube.HostedKubes;
import dev.hcp.controller.plan.Action.SyncWorkload;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.Trigger;
import dev.hcp.controller.retry.PerControlPlane;
import dev.hcp.controller.retry.Recurring;
import dev.hcp.controller.telemetry.ControllerMetrics;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/**
 * Keeps hosted clusters up on threads of its own: one look at a time at each, and a bounded number
 * at all. A hosted cluster that does not answer keeps no other waiting for long, and no pass at
 * all.
 */
public final class Synchronizer implements HostedClusters, AutoCloseable {
  private static final int MOST_AT_ONCE = 32;

  /**
   * When to look again.
   *
   * @param first after the first look at which something was not as wanted; doubled each time
   * @param longest the longest such time
   * @param nodes while there are fewer nodes than the add-ons could use
   * @param drift while all is as wanted
   * @param upgrade the longest such time while only another minor version is held back, for which
   *     metrics are read that are megabytes
   */
  public record Timing(
      Duration first, Duration longest, Duration nodes, Duration drift, Duration upgrade) {
    /** What suits clusters of a day or a year. */
    public static final Timing DEFAULT =
        new Timing(
            Duration.ofSeconds(2),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Duration.ofMinutes(2));
  }

  /**
   * What all hosted clusters share.
   *
   * @param kubes opens them
   * @param trigger is told when what is known of one changes
   * @param looks limits how many looks are under way
   */
  record Shared(
      HostedKubes kubes,
      Trigger trigger,
      ControllerMetrics metrics,
      Timing timing,
      RandomGenerator random,
      Recurring.Pool pool,
      Semaphore looks) {}

  private final Shared shared;
  private final PerControlPlane<KeptCluster> clusters = new PerControlPlane<>();

  /**
   * Keeps nothing up yet.
   *
   * @param kubes opens hosted clusters
   * @param trigger is told when what is known of one changes
   */
  public Synchronizer(
      HostedKubes kubes,
      Trigger trigger,
      ControllerMetrics metrics,
      Timing timing,
      RandomGenerator random) {
    this.shared =
        new Shared(
            kubes,
            trigger,
            metrics,
            timing,
            random,
            Recurring.Pool.named("workload"),
            new Semaphore(MOST_AT_ONCE));
    metrics.gauge(
        "hcp.kubelet.serving.pending",
        "Requests of nodes for serving certificates that are left to people",
        () -> clusters.all().stream().mapToInt(KeptCluster::pendingRequests).sum());
    metrics.gauge(
        "hcp.workload.clusters", "Hosted clusters that are kept up", () -> clusters.all().size());
  }

  @Override
  public Optional<HostedCluster> last(String namespace, String name) {
    return clusters.find(namespace, name).flatMap(KeptCluster::last);
  }

  @Override
  public void keepUp(String namespace, String name, SyncWorkload wanted) {
    clusters.get(namespace, name, () -> new KeptCluster(namespace, name, shared)).want(wanted);
  }

  @Override
  public void forget(String namespace, String name) {
    clusters.remove(namespace, name).ifPresent(KeptCluster::stop);
  }

  @Override
  public void close() {
    clusters.all().forEach(KeptCluster::stop);
    shared.pool().close();
  }
}
