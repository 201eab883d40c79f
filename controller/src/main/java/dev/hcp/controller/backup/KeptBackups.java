package dev.hcp.controller.backup;

import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.retry.Backoff;
import dev.hcp.controller.retry.DueWork;
import dev.hcp.controller.store.StoreException;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.telemetry.Spans;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** The backups of one control plane: which are wanted, what is known, and when to act again. */
final class KeptBackups {
  private static final Logger LOG = LoggerFactory.getLogger(KeptBackups.class);

  private final String namespace;
  private final String name;
  private final BackupScheduler.Shared shared;
  private final Backoff backoff;
  private final ControllerMetrics.Registration meters;
  private final DueWork work;

  private @Nullable BackupOrder order;
  private BackupState state;
  private Duration jitter;
  private Instant notBefore;
  private int failures;
  private double lastSize = Double.NaN;

  /**
   * Does nothing yet.
   *
   * @param remembered what was known when the process started
   */
  KeptBackups(
      String namespace, String name, BackupState remembered, BackupScheduler.Shared shared) {
    this.namespace = namespace;
    this.name = name;
    this.shared = shared;
    this.state = remembered;
    this.jitter = newJitter(shared);
    // Else all backups that came due while nobody was there would be made at once.
    this.notBefore = shared.clock().instant().plus(jitter);
    this.backoff =
        new Backoff(shared.timing().first(), shared.timing().longestRetry(), shared.random());
    this.meters = shared.metrics().backups(namespace, name, this::age, this::lastSize);
    this.work =
        new DueWork(
            this,
            shared.pool(),
            shared.slots(),
            shared.clock(),
            this::due,
            () -> Spans.traceRun("Back up", namespace, name, this::act));
  }

  synchronized BackupState last() {
    return state;
  }

  /** From now on makes these backups. */
  synchronized void want(BackupOrder now) {
    if (work.isStopped() || now.equals(order)) {
      return;
    }
    if (order != null && !order.store().place().equals(now.store().place())) {
      // What is in the one store is not in the other.
      state = BackupState.UNKNOWN;
    }
    if (order != null && !order.lock().equals(now.lock())) {
      // Whether the bucket can do that is said now, and not when the next backup is due.
      state = state.toBeLookedAt();
    }
    if (order != null || now.finalOf().isPresent()) {
      // Perhaps what has changed was what was wrong. And whoever deletes something waits for it.
      failures = 0;
      notBefore = Instant.MIN;
    }
    order = now;
    work.consider();
  }

  private synchronized Optional<BackupOrder> wanted() {
    return Optional.ofNullable(order);
  }

  private Optional<Instant> due() {
    return wanted().flatMap(this::due);
  }

  private void act() throws InterruptedException {
    var wanted = wanted();
    if (wanted.isPresent()) {
      attempt(wanted.get());
    }
  }

  /** Begins nothing any more, and breaks off what is under way. */
  synchronized void stop() {
    work.stop();
    meters.remove();
  }

  private synchronized double lastSize() {
    return lastSize;
  }

  /** Seconds since the last backup; without any, since there should have been one. */
  private synchronized double age() {
    return order == null
        ? Double.NaN
        : (double)
            Duration.between(state.last().orElse(order.since()), shared.clock().instant())
                .toSeconds();
  }

  private static Duration newJitter(BackupScheduler.Shared shared) {
    return Duration.ofMillis(
        (long) (shared.random().nextDouble() * (double) shared.timing().spread().toMillis()));
  }

  /** When there is something to do; empty if there never is. */
  private Optional<Instant> due(BackupOrder wanted) {
    if (!state.looked() || isRequested(wanted)) {
      return Optional.of(notBefore);
    }
    if (wanted.finalOf().isPresent()) {
      return isFinished(wanted) ? Optional.empty() : Optional.of(notBefore);
    }
    return wanted
        .schedule()
        .next(state.last().orElse(wanted.since()))
        .map(time -> later(time.plus(jitter)));
  }

  private Instant later(Instant time) {
    return time.isBefore(notBefore) ? notBefore : time;
  }

  private boolean isRequested(BackupOrder wanted) {
    return wanted.request().isPresent() && !wanted.request().equals(state.request());
  }

  private boolean isFinished(BackupOrder wanted) {
    return state.finished().map(BackupState.FinalBackup::of).equals(wanted.finalOf());
  }

  private void attempt(BackupOrder wanted) throws InterruptedException {
    var thread = Thread.currentThread();
    var late = new AtomicBoolean();
    var longest = shared.timing().longest();
    var deadline =
        shared
            .pool()
            .timer()
            .schedule(
                () -> {
                  late.set(true);
                  thread.interrupt();
                },
                longest.toMillis(),
                TimeUnit.MILLISECONDS);
    var run = new BackupRun(namespace, name, wanted);
    var start = System.nanoTime();
    try {
      if (last().looked()) {
        backUp(run, start);
      } else {
        look(run);
      }
    } catch (IOException e) {
      failed(wanted, Cause.of(e), String.valueOf(e.getMessage()), start);
    } catch (InterruptedException e) {
      if (!late.get()) {
        throw e;
      }
      failed(
          wanted,
          Cause.TOO_LONG,
          "the backup was broken off because it took longer than %d minutes"
              .formatted(longest.toMinutes()),
          start);
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("namespace", namespace)
          .addKeyValue("name", name)
          .setCause(e)
          .log("A backup failed as it should not, it is tried again");
      failed(wanted, Cause.UNEXPECTED, String.valueOf(e), start);
    } finally {
      deadline.cancel(false);
    }
  }

  private void look(BackupRun run) throws IOException, InterruptedException {
    var found = run.look(shared.stores());
    publish(run.order(), found);
  }

  private void backUp(BackupRun run, long start) throws IOException, InterruptedException {
    var time = nextTime();
    var request = run.order().request().or(() -> last().request());
    var manifest =
        run.make(
            shared.stores(),
            shared.source(),
            shared.random(),
            time,
            shared.timing().longest(),
            request);
    var duration = Duration.ofNanos(System.nanoTime() - start);
    shared.metrics().backup("success", duration);
    LOG.atInfo()
        .addKeyValue("namespace", namespace)
        .addKeyValue("name", name)
        .addKeyValue("object", manifest.object())
        .addKeyValue("size", manifest.size())
        .addKeyValue("revision", manifest.snapshot().revision())
        .addKeyValue("milliseconds", duration.toMillis())
        .log("Backup made");
    synchronized (this) {
      lastSize = (double) manifest.size();
    }
    // What matters is known to all before anything else may fail.
    publish(run.order(), made(time, request, last().untidied(), manifest));
    if (run.order().finalOf().isEmpty()) {
      publish(run.order(), made(time, request, tidy(run, manifest), manifest));
    }
  }

  /**
   * Now, in whole seconds, but later than the last one: the newest is the one with the last time.
   */
  private Instant nextTime() {
    var now = shared.clock().instant().truncatedTo(ChronoUnit.SECONDS);
    return last().last().map(before -> before.plusSeconds(1)).filter(now::isBefore).orElse(now);
  }

  private static BackupState made(
      Instant time, Optional<String> request, Optional<String> untidied, Manifest manifest) {
    return new BackupState(
        true,
        true,
        Optional.of(time),
        request,
        Optional.empty(),
        untidied,
        BackupRun.finished(manifest));
  }

  /** Why old backups are kept though they have served their time; no failure of the new one. */
  private Optional<String> tidy(BackupRun run, Manifest made) throws InterruptedException {
    var tidied = attemptToTidy(run, made);
    var kept = tidied.kept();
    kept.ifPresent(why ->
        LOG.atLevel(tidied.asWanted() ? Level.INFO : Level.WARN)
            .addKeyValue("namespace", namespace)
            .addKeyValue("name", name)
            .log("Old backups are kept, the next backup tries again to delete them: {}", why));
    return kept;
  }

  private BackupRun.Tidied attemptToTidy(BackupRun run, Manifest made) throws InterruptedException {
    try {
      return run.tidy(shared.stores(), made, shared.clock().instant());
    } catch (StoreException e) {
      return BackupRun.Tidied.not(String.valueOf(e.getMessage()));
    }
  }

  private void failed(BackupOrder wanted, Cause cause, String message, long start) {
    shared.metrics().backup(cause.label(), Duration.ofNanos(System.nanoTime() - start));
    LOG.atWarn()
        .addKeyValue("namespace", namespace)
        .addKeyValue("name", name)
        .log("Backup failed, it is tried again: {}", message);
    boolean changed;
    synchronized (this) {
      if (!wanted.equals(order)) {
        // Perhaps what has changed was what was wrong: what is wanted now does not wait for that.
        return;
      }
      notBefore = shared.clock().instant().plus(backoff.after(failures++));
      changed =
          learn(
              wanted,
              state.failed(
                  new BackupState.Failure(
                      cause.reason(), message, notBefore.truncatedTo(ChronoUnit.SECONDS))));
    }
    if (changed) {
      shared.trigger().reconcile(namespace, name);
    }
  }

  /** What is known after an attempt that has not failed. */
  private void publish(BackupOrder wanted, BackupState now) {
    if (learn(wanted, now)) {
      shared.trigger().reconcile(namespace, name);
    }
  }

  /**
   * Remembers what is known after an attempt, unless another store is wanted meanwhile.
   *
   * @param wanted what was attempted
   * @return whether anything is known that was not
   */
  private synchronized boolean learn(BackupOrder wanted, BackupState now) {
    if (work.isStopped()
        || order == null
        || !order.store().place().equals(wanted.store().place())) {
      return false;
    }
    if (now.failure().isEmpty()) {
      failures = 0;
      notBefore = Instant.MIN;
      jitter = newJitter(shared);
    }
    // Whether the bucket can do what is wanted now, this attempt has not looked at.
    var known = order.lock().equals(wanted.lock()) ? now : now.toBeLookedAt();
    boolean changed = !known.equals(state);
    state = known;
    return changed;
  }
}
