package dev.hcp.controller.backup;

import dev.hcp.controller.plan.DrillOrder;
import dev.hcp.controller.plan.DrillPod;
import dev.hcp.controller.plan.DrillState;
import dev.hcp.controller.plan.DrillTarget;
import dev.hcp.controller.plan.RestoreEnd;
import dev.hcp.controller.retry.Backoff;
import dev.hcp.controller.retry.DueWork;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.telemetry.Spans;
import dev.hcp.render.backup.RestoreDrillRenderer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The restore drills of one control plane: which are wanted, what is known, and when to act. */
final class KeptDrills {
  private static final Logger LOG = LoggerFactory.getLogger(KeptDrills.class);

  private final String namespace;
  private final String name;
  private final DrillScheduler.Shared shared;
  private final Backoff backoff;
  private final ControllerMetrics.Registration meters;
  private final DueWork work;

  /** Until when the drill under way is waited for, by whoever sees its pod. */
  private record Awaited(DrillTarget target, CompletableFuture<RestoreEnd> end) {}

  private @Nullable DrillOrder order;
  private @Nullable DrillTarget adopted;
  private @Nullable Awaited awaited;
  private DrillState state;
  private Optional<String> trouble = Optional.empty();
  private Duration jitter;
  private Instant notBefore;
  private int failures;

  /**
   * Does nothing yet.
   *
   * @param remembered what was known when the process started
   * @param left the pod of a drill that somebody else had begun; empty if there is none
   */
  KeptDrills(
      String namespace,
      String name,
      DrillState remembered,
      Optional<DrillPod> left,
      DrillScheduler.Shared shared) {
    this.namespace = namespace;
    this.name = name;
    this.shared = shared;
    this.adopted = left.map(DrillPod::target).orElse(null);
    this.state = left.map(pod -> remembered.with(pod.target())).orElse(remembered);
    this.jitter = newJitter(shared);
    // Else all drills that came due while nobody was there would be made at once.
    this.notBefore = shared.clock().instant().plus(jitter);
    this.backoff =
        new Backoff(shared.timing().first(), shared.timing().longestRetry(), shared.random());
    this.meters =
        shared.metrics().restoreDrills(namespace, name, this::lastSuccess, this::duration);
    this.work =
        new DueWork(
            this,
            shared.pool(),
            shared.slots(),
            shared.clock(),
            this::due,
            () -> Spans.traceRun("Restore drill", namespace, name, this::act));
  }

  synchronized DrillState last() {
    return state;
  }

  /**
   * From now on makes these drills.
   *
   * @param pod the pod of a drill; empty if there is none
   */
  synchronized void want(DrillOrder now, Optional<DrillPod> pod) {
    if (work.isStopped()) {
      return;
    }
    pod.ifPresent(this::seen);
    if (now.equals(order)) {
      return;
    }
    if (order != null && !order.store().place().equals(now.store().place())) {
      // What is in the one store says nothing of the other.
      state = DrillState.UNKNOWN;
      adopted = null;
      work.interrupt();
    } else if (order != null && state.again().isPresent()) {
      // Perhaps what has changed was what was wrong.
      failures = 0;
      notBefore = Instant.MIN;
      state =
          new DrillState(
              state.attempted(),
              state.running(),
              state.last(),
              state.lastSuccess(),
              Optional.of(now()));
    }
    order = now;
    work.consider();
  }

  private synchronized Optional<DrillOrder> wanted() {
    return Optional.ofNullable(order);
  }

  private Optional<Instant> due() {
    return wanted().flatMap(this::due);
  }

  private void act() throws InterruptedException {
    var wanted = wanted();
    if (wanted.isPresent()) {
      drill(wanted.get());
    }
  }

  /** Begins nothing any more; what is under way is nobody's any more. */
  synchronized void stop() {
    work.stop();
    meters.remove();
  }

  private void seen(DrillPod pod) {
    if (awaited != null && awaited.target().equals(pod.target())) {
      trouble = pod.trouble();
      pod.end().ifPresent(awaited.end()::complete);
    }
  }

  private synchronized double lastSuccess() {
    return state.lastSuccess().map(time -> (double) time.getEpochSecond()).orElse(Double.NaN);
  }

  private synchronized double duration() {
    return state
        .last()
        .map(DrillState.Ended::end)
        .filter(RestoreEnd.Success.class::isInstance)
        .map(end -> (double) ((RestoreEnd.Success) end).duration().toSeconds())
        .orElse(Double.NaN);
  }

  private static Duration newJitter(DrillScheduler.Shared shared) {
    return Duration.ofMillis(
        (long) (shared.random().nextDouble() * (double) shared.timing().spread().toMillis()));
  }

  /** When there is something to do; empty if there never is. */
  private Optional<Instant> due(DrillOrder wanted) {
    if (adopted != null) {
      return Optional.of(Instant.MIN);
    }
    if (wanted.newest().isEmpty()) {
      return Optional.empty();
    }
    if (wanted.request().isPresent() && !wanted.request().equals(lastRequest())) {
      return Optional.of(Instant.MIN);
    }
    return state
        .again()
        .or(() ->
            wanted
                .schedule()
                .next(state.last().map(DrillState.Ended::begun).orElse(wanted.since()))
                .map(time -> time.plus(jitter)))
        .map(time -> time.isBefore(notBefore) ? notBefore : time);
  }

  private Optional<String> lastRequest() {
    return state.last().flatMap(DrillState.Ended::request);
  }

  private void drill(DrillOrder wanted) throws InterruptedException {
    long start = System.nanoTime();
    DrillTarget left;
    synchronized (this) {
      left = adopted;
      adopted = null;
    }
    var begun = left == null ? nextTime() : left.begun();
    var request = left == null ? wanted.request().or(this::lastRequest) : left.request();
    Optional<String> backup = Optional.ofNullable(left).map(DrillTarget::backup);
    RestoreEnd end;
    try {
      var target = left == null ? target(wanted, begun, request) : left;
      backup = Optional.of(target.backup());
      end = await(wanted, target);
    } catch (IOException e) {
      var cause = Cause.of(e);
      end =
          new RestoreEnd.Failure(
              cause.label(), cause.reasonOfRestoration(), String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("namespace", namespace)
          .addKeyValue("name", name)
          .setCause(e)
          .log("A restore drill failed as it should not, it is tried again");
      end =
          new RestoreEnd.Failure(
              Cause.RESTORATION.label(), Cause.RESTORATION.reason(), String.valueOf(e));
    }
    ended(
        wanted,
        new DrillState.Ended(backup, begun, request, end),
        Duration.ofNanos(System.nanoTime() - start));
  }

  /** The newest backup, whatever has become of its data. */
  private DrillTarget target(DrillOrder wanted, Instant begun, Optional<String> request)
      throws IOException, InterruptedException {
    try (var store = shared.stores().open(wanted.store())) {
      var folder = BackupName.folder(wanted.store().prefix(), namespace, wanted.cluster());
      var newest =
          store.list(folder).stream()
              .flatMap(object -> BackupName.ofManifest(folder, object.name()).stream())
              .max(BackupName::compareTo)
              .orElseThrow(() ->
                  new Download.MissingException(
                      "there is no backup in %s any more".formatted(wanted.store().place())));
      var manifest =
          store
              .get(newest.manifest(folder), Manifest.LONGEST)
              .flatMap(Manifest::parse)
              .orElseThrow(() ->
                  new SnapshotException(
                      SnapshotException.Kind.DAMAGED,
                      "the manifest %s cannot be read".formatted(newest.manifest(folder)),
                      null));
      return new DrillTarget(newest.toString(), manifest.snapshot().size(), begun, request);
    }
  }

  /** Has the pod made, and waits until whoever sees it says how it has ended. */
  private RestoreEnd await(DrillOrder wanted, DrillTarget target) throws InterruptedException {
    var end = new CompletableFuture<RestoreEnd>();
    synchronized (this) {
      awaited = new Awaited(target, end);
      trouble = Optional.empty();
      if (!work.isStopped() && isStillWanted(wanted)) {
        state = state.with(target);
      }
    }
    shared.trigger().reconcile(namespace, name);
    var longest = RestoreDrillRenderer.longest(target.size()).plus(shared.timing().scheduling());
    try {
      return end.get(longest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      Optional<String> known;
      synchronized (this) {
        known = trouble;
      }
      return new RestoreEnd.Failure(
          Cause.POD_TOO_LONG.label(),
          Cause.POD_TOO_LONG.reason(),
          "backup %s was not restored within %d minutes%s"
              .formatted(
                  target.backup(), longest.toMinutes(), known.map("; %s"::formatted).orElse("")));
    } catch (ExecutionException e) {
      throw new IllegalStateException("nobody completes it with an exception", e);
    } finally {
      synchronized (this) {
        awaited = null;
      }
    }
  }

  private void ended(DrillOrder wanted, DrillState.Ended ended, Duration duration) {
    var failure = ended.end().failure();
    shared
        .metrics()
        .restoreDrill(
            failure.map(RestoreEnd.Failure::label).orElse(RestoreReport.SUCCESS), duration);
    var record = failure.isPresent() ? LOG.atWarn() : LOG.atInfo();
    record
        .addKeyValue("namespace", namespace)
        .addKeyValue("name", name)
        .addKeyValue("backup", ended.backup().orElse(""))
        .log(
            "Restore drill: {}",
            failure.map(RestoreEnd.Failure::message).orElse("the backup can be restored"));
    synchronized (this) {
      if (work.isStopped() || !isStillWanted(wanted)) {
        return;
      }
      Optional<Instant> again = Optional.empty();
      if (failure.isPresent()) {
        again = Optional.of(now().plus(backoff.after(failures++)).truncatedTo(ChronoUnit.SECONDS));
      } else {
        failures = 0;
      }
      notBefore = Instant.MIN;
      jitter = newJitter(shared);
      state = state.after(ended, again);
    }
    shared.trigger().reconcile(namespace, name);
  }

  private boolean isStillWanted(DrillOrder wanted) {
    return order != null && order.store().place().equals(wanted.store().place());
  }

  private Instant now() {
    return shared.clock().instant().truncatedTo(ChronoUnit.SECONDS);
  }

  /** Now, but later than the last one. */
  private synchronized Instant nextTime() {
    return state
        .last()
        .map(last -> last.begun().plusSeconds(1))
        .filter(now()::isBefore)
        .orElse(now());
  }
}
