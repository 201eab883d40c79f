package dev.hcp.controller.backup;

import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.DrillState;
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
 * Says when drills are due: one at a time of each control plane, and a bounded number at all,
 * whatever their schedules say.
 */
public final class DrillScheduler implements Drills, AutoCloseable {
  /** Each is a pod with a database, and reads that from the store. */
  private static final int MOST_AT_ONCE = 2;

  /** What is broken off ends within that time. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  /**
   * When to do what.
   *
   * @param scheduling how much longer than its containers may run a pod may take, until it is given
   *     up: nobody else gives up one that finds no node
   * @param first after the first failure; doubled with each further one
   * @param longestRetry the longest such time
   * @param spread drills that are due are begun within this time, so that not all come at once
   */
  public record Timing(
      Duration scheduling, Duration first, Duration longestRetry, Duration spread) {
    /** What suits something that is done once a week and takes much. */
    public static final Timing DEFAULT =
        new Timing(
            Duration.ofMinutes(15),
            Duration.ofMinutes(10),
            Duration.ofHours(12),
            Duration.ofMinutes(10));
  }

  /**
   * What all control planes share.
   *
   * @param slots limits how many drills are under way
   */
  record Shared(
      Stores stores,
      Trigger trigger,
      ControllerMetrics metrics,
      Timing timing,
      RandomGenerator random,
      InstantSource clock,
      Recurring.Pool pool,
      Semaphore slots) {}

  private final Shared shared;
  private final PerControlPlane<KeptDrills> controlPlanes = new PerControlPlane<>();

  /**
   * Has no drills made yet.
   *
   * @param trigger is told when what is known of drills changes
   */
  public DrillScheduler(
      Stores stores,
      Trigger trigger,
      ControllerMetrics metrics,
      Timing timing,
      RandomGenerator random,
      InstantSource clock) {
    this.shared =
        new Shared(
            stores,
            trigger,
            metrics,
            timing,
            random,
            clock,
            Recurring.Pool.named("restore-drill"),
            new Semaphore(MOST_AT_ONCE, true));
    metrics.gauge(
        "hcp.backup.restore.drill.running",
        "Restore drills that are under way",
        () -> MOST_AT_ONCE - shared.slots().availablePermits());
  }

  @Override
  public Optional<DrillState> last(String namespace, String name) {
    return controlPlanes.find(namespace, name).map(KeptDrills::last);
  }

  @Override
  public void keepUp(String namespace, String name, Action.KeepDrills wanted) {
    controlPlanes
        .get(
            namespace,
            name,
            () -> new KeptDrills(namespace, name, wanted.remembered(), wanted.pod(), shared))
        .want(wanted.order(), wanted.pod());
  }

  @Override
  public void forget(String namespace, String name) {
    controlPlanes.remove(namespace, name).ifPresent(KeptDrills::stop);
  }

  @Override
  public void close() {
    controlPlanes.all().forEach(KeptDrills::stop);
    shared.pool().close();
    try {
      var _ =
          shared.pool().threads().awaitTermination(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
