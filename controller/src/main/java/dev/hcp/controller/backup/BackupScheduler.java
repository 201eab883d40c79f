package dev.hcp.controller.backup;

import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.plan.Trigger;
import dev.hcp.controller.retry.PerControlPlane;
import dev.hcp.controller.retry.Recurring;
import dev.hcp.controller.store.Stores;
import dev.hcp.controller.telemetry.ControllerMetrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Makes backups on threads of its own: one at a time of each control plane, and a bounded number at
 * all, whatever their schedules say.
 */
public final class BackupScheduler implements Backups, AutoCloseable {
  /** Each takes the memory of one part of an upload. */
  private static final int MOST_AT_ONCE = 4;

  /** What is broken off has that long to drop its upload. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  /**
   * When to do what.
   *
   * @param longest how long one backup may take
   * @param first after the first failure; doubled with each further one
   * @param longestRetry the longest such time
   * @param spread backups that are due are begun within this time, so that not all come at once
   */
  public record Timing(Duration longest, Duration first, Duration longestRetry, Duration spread) {
    /** What suits databases of some GiB and stores far away. */
    public static final Timing DEFAULT =
        new Timing(
            Duration.ofHours(2),
            Duration.ofMinutes(1),
            Duration.ofMinutes(30),
            Duration.ofMinutes(1));
  }

  /**
   * What all control planes share.
   *
   * @param slots limits how many backups are under way
   */
  record Shared(
      SnapshotSource source,
      Stores stores,
      Trigger trigger,
      ControllerMetrics metrics,
      Timing timing,
      RandomGenerator random,
      InstantSource clock,
      Recurring.Pool pool,
      Semaphore slots) {}

  private final Shared shared;
  private final PerControlPlane<KeptBackups> controlPlanes = new PerControlPlane<>();

  /**
   * Makes no backups yet.
   *
   * @param trigger is told when what is known of backups changes
   */
  public BackupScheduler(
      SnapshotSource source,
      Stores stores,
      Trigger trigger,
      ControllerMetrics metrics,
      Timing timing,
      RandomGenerator random,
      InstantSource clock) {
    this.shared =
        new Shared(
            source,
            stores,
            trigger,
            metrics,
            timing,
            random,
            clock,
            Recurring.Pool.named("backup"),
            new Semaphore(MOST_AT_ONCE, true));
    metrics.gauge(
        "hcp.backup.running",
        "Backups, and looks at stores, that are under way",
        () -> MOST_AT_ONCE - shared.slots().availablePermits());
  }

  @Override
  public Optional<BackupState> last(String namespace, String name) {
    return controlPlanes.find(namespace, name).map(KeptBackups::last);
  }

  @Override
  public void keepUp(String namespace, String name, BackupOrder order, BackupState remembered) {
    controlPlanes
        .get(namespace, name, () -> new KeptBackups(namespace, name, remembered, shared))
        .want(order);
  }

  @Override
  public void forget(String namespace, String name) {
    controlPlanes.remove(namespace, name).ifPresent(KeptBackups::stop);
  }

  @Override
  public void close() {
    controlPlanes.all().forEach(KeptBackups::stop);
    shared.pool().close();
    try {
      var _ =
          shared.pool().threads().awaitTermination(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
