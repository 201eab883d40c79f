package dev.hcp.controller.runtime;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes part in the election of the one replica that works.
 *
 * <p>A leader that cannot renew its lease counts as lost {@link #RENEW} after the last time that it
 * did, which is well before another can take over, and whatever a request is waiting for. A leader
 * that ends in order releases the lease, so that another replica works within {@link #RETRY} and
 * its jitter.
 */
public final class Leadership implements AutoCloseable {
  /** Name of the Lease. */
  public static final String LEASE = "controlplane.cluster.x-k8s.io";

  /** Deadline of a request of the client that is used here: several fit before a lease is lost. */
  public static final Duration REQUEST_DEADLINE = Duration.ofSeconds(4);

  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
  private static final Duration DURATION = Duration.ofSeconds(15);
  private static final Duration RENEW = Duration.ofSeconds(10);
  private static final Duration RETRY = Duration.ofMillis(1500);
  private static final Duration WATCHDOG = Duration.ofMillis(500);

  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("leadership").factory());
  private final ScheduledExecutorService watchdog =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("leadership-watchdog").factory());
  private final AtomicBoolean leading = new AtomicBoolean();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final String identity;
  private final Runnable onElected;
  private final Runnable onLost;
  private final RenewedLock lock;
  private final CompletableFuture<?> election;

  private Leadership(
      KubernetesClient client,
      String namespace,
      String identity,
      Runnable onElected,
      Runnable onLost) {
    this.identity = identity;
    this.onElected = onElected;
    this.onLost = onLost;
    this.lock = new RenewedLock(namespace, identity);
    var callbacks =
        new LeaderCallbacks(
            this::elected,
            this::lost,
            leader -> LOG.atInfo().addKeyValue("leader", leader).log("Leader"));
    this.election =
        new LeaderElector(
                client,
                new LeaderElectionConfigBuilder()
                    .withName(LEASE)
                    .withLock(lock)
                    .withLeaseDuration(DURATION)
                    .withRenewDeadline(RENEW)
                    .withRetryPeriod(RETRY)
                    .withReleaseOnCancel(true)
                    .withLeaderCallbacks(callbacks)
                    .build(),
                executor)
            .start();
    var _ =
        watchdog.scheduleAtFixedRate(
            this::checkRenewal, WATCHDOG.toMillis(), WATCHDOG.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Takes part from now on.
   *
   * @param namespace namespace of the Lease
   * @param identity name of this replica; no two may have the same
   * @param onElected runs in a thread of its own once this replica leads
   * @param onLost runs when it does not lead any more and must stop working at once
   */
  public static Leadership join(
      KubernetesClient client,
      String namespace,
      String identity,
      Runnable onElected,
      Runnable onLost) {
    return new Leadership(client, namespace, identity, onElected, onLost);
  }

  /** Whether this replica leads. */
  public boolean isLeading() {
    return leading.get();
  }

  /** Leaves the election; a leader gives its lease to whoever wants it. */
  @Override
  public void close() {
    closing.set(true);
    watchdog.shutdownNow();
    election.cancel(true);
    executor.shutdown();
  }

  private void elected() {
    leading.set(true);
    LOG.atInfo().addKeyValue("identity", identity).log("Elected as leader");
    // The election goes on in this thread.
    var _ = Thread.ofPlatform().name("leader").start(onElected);
  }

  private void lost() {
    if (leading.getAndSet(false) && !closing.get()) {
      LOG.atError().addKeyValue("identity", identity).log("Lost leadership");
      onLost.run();
    }
  }

  private void checkRenewal() {
    if (leading.get() && lock.renewed().plus(RENEW).isBefore(Instant.now())) {
      lost();
    }
  }

  /** Remembers the time that others see as that of the last renewal. */
  private static final class RenewedLock extends LeaseLock {
    private volatile Instant renewed = Instant.EPOCH;

    RenewedLock(String namespace, String identity) {
      super(namespace, LEASE, identity);
    }

    Instant renewed() {
      return renewed;
    }

    @Override
    public synchronized void create(KubernetesClient client, LeaderElectionRecord record) {
      super.create(client, record);
      renewed = record.getRenewTime().toInstant();
    }

    @Override
    public synchronized void update(KubernetesClient client, LeaderElectionRecord record) {
      super.update(client, record);
      renewed = record.getRenewTime().toInstant();
    }
  }
}
