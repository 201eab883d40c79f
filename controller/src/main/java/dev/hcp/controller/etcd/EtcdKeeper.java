package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.Action.KeepEtcd;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.Trigger;
import dev.hcp.controller.retry.PerControlPlane;
import dev.hcp.controller.retry.Recurring;
import dev.hcp.controller.telemetry.EtcdMeters;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;

/**
 * Looks at the etcd of hosted clusters, and maintains it, on threads of its own: one look or one
 * piece of maintenance at a time for each, and a bounded number of both for all. Members that do
 * not answer keep no other cluster waiting for long, and no pass at all.
 */
public final class EtcdKeeper implements EtcdMembers, AutoCloseable {
  private static final int MOST_LOOKS = 32;

  /** Writing databases anew is heavy for disks, which clusters may share. */
  private static final int MOST_MAINTAINED = 4;

  /**
   * When to look again.
   *
   * @param first after the first look at which something was wrong; doubled each time
   * @param longest the longest such time
   * @param settled while all is in order
   */
  public record Timing(Duration first, Duration longest, Duration settled) {
    /** What suits clusters of a day or a year. */
    public static final Timing DEFAULT =
        new Timing(Duration.ofSeconds(2), Duration.ofSeconds(15), Duration.ofSeconds(30));
  }

  /**
   * What all clusters share.
   *
   * @param clients how members are asked
   * @param trigger is told when what is known of a cluster changes
   * @param looks limits how many looks are under way
   * @param maintenance limits how many clusters are being maintained
   */
  record Shared(
      EtcdClients clients,
      Trigger trigger,
      EtcdMeters meters,
      Timing timing,
      RandomGenerator random,
      InstantSource clock,
      Recurring.Pool pool,
      Semaphore looks,
      Semaphore maintenance) {}

  private final Shared shared;
  private final PerControlPlane<KeptEtcd> clusters = new PerControlPlane<>();

  /**
   * Looks at nothing yet.
   *
   * @param clients how members are asked; closed by whoever made it
   * @param trigger is told when what is known of a cluster changes
   */
  public EtcdKeeper(
      EtcdClients clients,
      Trigger trigger,
      EtcdMeters meters,
      Timing timing,
      RandomGenerator random,
      InstantSource clock) {
    this.shared =
        new Shared(
            clients,
            trigger,
            meters,
            timing,
            random,
            clock,
            Recurring.Pool.named("etcd"),
            new Semaphore(MOST_LOOKS),
            new Semaphore(MOST_MAINTAINED));
  }

  @Override
  public Optional<ObservedEtcd> last(String namespace, String name) {
    return clusters.find(namespace, name).flatMap(KeptEtcd::last);
  }

  @Override
  public void keepUp(String namespace, String name, KeepEtcd wanted) {
    clusters.get(namespace, name, () -> new KeptEtcd(namespace, name, wanted, shared)).want(wanted);
  }

  @Override
  public void forget(String namespace, String name) {
    clusters.remove(namespace, name).ifPresent(KeptEtcd::stop);
  }

  @Override
  public void close() {
    clusters.all().forEach(KeptEtcd::stop);
    shared.pool().close();
  }
}
