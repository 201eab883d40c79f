package dev.hcp.controller.runtime;

import dev.hcp.controller.kube.ClusterCache;
import dev.hcp.controller.kube.ServedRoutes;
import dev.hcp.controller.plan.Trigger;
import dev.hcp.controller.reconcile.Reconciler;
import dev.hcp.controller.telemetry.ControlPlaneFigures;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.process.ReconcileFilter;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import io.opentelemetry.api.trace.Tracer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the management cluster and makes passes over control planes: one at a time for each, and
 * a bounded number for all. A failed pass is tried again with a growing delay; changes are served
 * at once.
 */
public final class HostedControlPlaneController implements AutoCloseable {
  /** How long a pass that is under way may take to end when the controller is told to. */
  public static final Duration GRACE = Duration.ofSeconds(25);

  private static final Logger LOG = LoggerFactory.getLogger(HostedControlPlaneController.class);
  private static final Duration FIRST_RETRY = Duration.ofMillis(500);
  private static final Duration LONGEST_RETRY = Duration.ofMinutes(2);
  private static final Duration SPACING = Duration.ofMillis(50);

  /**
   * What is watched and how it is worked on.
   *
   * @param namespace the only namespace to watch; empty: all
   * @param watchFilter value that the label {@code cluster.x-k8s.io/watch-filter} must have; empty:
   *     no restriction
   * @param reconcileFilter the only control planes to handle
   * @param maxConcurrentReconciles number of workers
   */
  public record Scope(
      Optional<String> namespace,
      Optional<String> watchFilter,
      ReconcileFilter reconcileFilter,
      int maxConcurrentReconciles) {}

  private final HostedControlPlanes hostedControlPlanes;
  private final Watches watches;
  private final Census census;
  private final Operator operator;
  private volatile boolean started;

  /**
   * Wires a controller; nothing is started.
   *
   * @param routes learns in which versions routes are served
   * @param reconcilers makes the reconciler, given the cache that it reads and the way to wake it
   */
  public HostedControlPlaneController(
      KubernetesClient client,
      Scope scope,
      ServedRoutes routes,
      ControllerMetrics metrics,
      Tracer tracer,
      RandomGenerator random,
      Wiring reconcilers) {
    this.hostedControlPlanes = new HostedControlPlanes();
    var inbox = new Inbox();
    this.watches =
        new Watches(client, scope.namespace(), hostedControlPlanes, routes, inbox, metrics);
    this.census = new Census(watches);
    var passes =
        new Passes(
            reconcilers.reconciler(watches, inbox),
            inbox,
            hostedControlPlanes,
            scope.reconcileFilter(),
            metrics,
            tracer,
            random);
    var workers = workers(scope.maxConcurrentReconciles());
    metrics.gauge("hcp.reconcile.active", "Passes that are being made", workers::getActiveCount);
    metrics.gauge(
        "hcp.reconcile.waiting",
        "Control planes that wait for a worker",
        () -> workers.getQueue().size());
    this.operator =
        new Operator(framework ->
            framework
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withExecutorService(workers)
                .withReconciliationTerminationTimeout(GRACE)
                // A kind that was defined a moment ago is refused for some seconds.
                .withStopOnInformerErrorDuringStartup(false)
                // What comes out of the cache is only read.
                .withCloneSecondaryResourcesWhenGettingFromCache(false));
    var _ =
        operator.register(
            passes,
            configuration -> {
              configuration
                  .withName("hostedcontrolplane")
                  // Labels, annotations and deletion do not change the generation.
                  .withGenerationAware(false)
                  // Else an object that is being deleted would not be handed to us at all, since
                  // its finalizer is ours and not the framework's.
                  .withTriggerReconcilerOnAllEvents(true)
                  .withRetry(new JitteredBackoff(FIRST_RETRY, LONGEST_RETRY, random))
                  .withRateLimiter(new Spacing(SPACING))
                  .withReconciliationMaxInterval(null);
              scope.namespace().ifPresent(configuration::settingNamespace);
              scope
                  .watchFilter()
                  .ifPresent(value ->
                      configuration.withLabelSelector("cluster.x-k8s.io/watch-filter=" + value));
            });
  }

  /** Makes a reconciler, once what it needs from here exists. */
  @FunctionalInterface
  public interface Wiring {
    /** The reconciler that reads this cache; {@code trigger} wakes it. */
    Reconciler reconciler(ClusterCache cache, Trigger trigger);
  }

  /** Starts to watch, waits until everything needed is there, and starts to make passes. */
  public void run() throws InterruptedException {
    watches.start();
    watches.awaitReady();
    operator.start();
    hostedControlPlanes.filled();
    started = true;
    // What changed before that could not be told whom it concerns.
    watches.wakeAll();
    LOG.info("Started");
  }

  /** Wakes a pass for every control plane. */
  public void wakeAll() {
    if (started) {
      watches.wakeAll();
    }
  }

  /** What there is to tell of all control planes; nothing before passes are made. */
  public List<ControlPlaneFigures> figures() {
    return hostedControlPlanes.all().stream()
        .flatMap(
            id -> hostedControlPlanes.get(id.getNamespace().orElseThrow(), id.getName()).stream())
        .map(census::figures)
        .toList();
  }

  /** What keeps passes from being made; empty if they are. */
  public Optional<String> notReady() {
    return watches
        .problem()
        .or(() -> started ? Optional.empty() : Optional.of("the queue is not started yet"));
  }

  /** What only a restart of the process helps against; empty if there is nothing. */
  public Optional<String> broken() {
    return watches.broken();
  }

  /** Begins no new pass and waits for those under way, at most {@link #GRACE}. */
  @Override
  public void close() {
    operator.stop();
    watches.close();
  }

  private static ThreadPoolExecutor workers(int count) {
    return new ThreadPoolExecutor(
        count,
        count,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        Thread.ofPlatform().name("worker-", 1).daemon().factory());
  }
}
