package dev.hcp.controller.runtime;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElectionConfigBuilder;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderElector;
import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaseLock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes part in the election of the one replica that works.
 *
 * <p>A leader that cannot renew its lease gives up before another can take it: it stops trying
 * after {@link #RENEW}, and a single request takes no more than {@link #REQUEST_DEADLINE}. Its
 * client should therefore be one of its own, opened with that deadline. A leader that ends in order
 * releases the lease, so that another replica works within {@link #RETRY} and its jitter.
 */
public final class Leadership implements AutoCloseable {
  /** Name of the Lease. */
  public static final String LEASE = "controlplane.cluster.x-k8s.io";

  /** Deadline of a request of the client that is used here. */
  public static final Duration REQUEST_DEADLINE = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
  private static final Duration DURATION = Duration.ofSeconds(15);
  private static final Duration RENEW = Duration.ofSeconds(8);
  private static final Duration RETRY = Duration.ofMillis(1500);

  private final ExecutorService executor =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("leadership").factory());
  private final AtomicBoolean leading = new AtomicBoolean();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CompletableFuture<?> election;

  private Leadership(
      KubernetesClient client,
      String namespace,
      String identity,
      Runnable onElected,
      Runnable onLost) {
    var callbacks =
        new LeaderCallbacks(
            () -> {
              leading.set(true);
              LOG.atInfo().addKeyValue("identity", identity).log("Elected as leader");
              // The election goes on in this thread.
              var _ = Thread.ofPlatform().name("leader").start(onElected);
            },
            () -> {
              leading.set(false);
              if (!closing.get()) {
                LOG.atError().addKeyValue("identity", identity).log("Lost leadership");
                onLost.run();
              }
            },
            leader -> LOG.atInfo().addKeyValue("leader", leader).log("Leader"));
    this.election =
        new LeaderElector(
                client,
                new LeaderElectionConfigBuilder()
                    .withName(LEASE)
                    .withLock(new LeaseLock(namespace, LEASE, identity))
                    .withLeaseDuration(DURATION)
                    .withRenewDeadline(RENEW)
                    .withRetryPeriod(RETRY)
                    .withReleaseOnCancel(true)
                    .withLeaderCallbacks(callbacks)
                    .build(),
                executor)
            .start();
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
    election.cancel(true);
    executor.shutdown();
  }
}
