package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.v1alpha1.ObjectLockMode;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.store.S3Store;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.S3StandIn;
import dev.hcp.controller.testing.S3StandIn.Fault;
import dev.hcp.controller.testing.S3StandIn.Operation;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When backups are made, and what becomes of them, with snapshots that are made up. */
class BackupSchedulerTest {
  private static final String NAMESPACE = "clusters";
  private static final String FOLDER = "prefix/clusters/demo/";
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

  private static final byte[] SNAPSHOT = Snapshots.of(100_000, 1);

  private final S3StandIn server = S3StandIn.plain();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<BackupScheduler> schedulers = new ArrayList<>();
  private final AtomicInteger wakeUps = new AtomicInteger();
  private final AtomicInteger snapshots = new AtomicInteger();

  @AfterEach
  void stop() {
    schedulers.forEach(BackupScheduler::close);
    server.close();
  }

  @Test
  void aBackupIsASnapshotAndThenItsManifest() {
    var scheduler = scheduler(this::snapshot);
    scheduler.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
    awaitBackups(1);
    await().atMost(LONG).untilAsserted(() -> assertThat(state(scheduler).last()).isPresent());
    assertThat(server.objects()).hasSize(2);
    var manifest = manifests().getFirst();
    assertThat(server.objects().get(manifest.object())).isEqualTo(SNAPSHOT);
    assertThat(manifest.object()).startsWith(FOLDER).endsWith(".etcd");
    assertThat(manifest.namespace()).isEqualTo(NAMESPACE);
    assertThat(manifest.cluster()).isEqualTo("demo");
    assertThat(Instant.parse(manifest.time())).isEqualTo(state(scheduler).last().orElseThrow());
    assertThat(manifest.size()).isEqualTo(SNAPSHOT.length);
    assertThat(manifest.sha256()).isEqualTo(manifest.snapshot().sha256()).hasSize(64);
    assertThat(manifest.snapshot().size()).isEqualTo(SNAPSHOT.length);
    assertThat(manifest.snapshot().etcdVersion()).isEqualTo("3.6.8");
    assertThat(manifest.snapshot().revision()).isEqualTo(42);
    assertThat(manifest.snapshot().clusterId()).isEqualTo("c1");
    assertThat(manifest.encryption()).isNull();
    var written =
        server.requests().stream().filter(request -> request.operation() == Operation.PUT).toList();
    assertThat(written).hasSize(1);
    assertThat(wakeUps.get()).isPositive();
    assertThat(registry.get("hcp.backup").tag("result", "success").timer().count()).isOne();
    assertThat(registry.get("hcp.backup.size").tag("name", "demo").gauge().value())
        .isEqualTo(SNAPSHOT.length);
    assertThat(registry.get("hcp.backup.age").tag("name", "demo").gauge().value())
        .isBetween(0.0, 600.0);
    scheduler.forget(NAMESPACE, "demo");
    assertThat(registry.find("hcp.backup.age").gauge()).isNull();
  }

  /** A restored management cluster knows nothing of earlier backups. The store does. */
  @Test
  void whatTheStoreHasNeedsNotBeMadeAgain() {
    var first = scheduler(this::snapshot);
    first.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
    awaitBackups(1);
    var time = Instant.parse(manifests().getFirst().time());
    first.close();

    var second = scheduler(this::snapshot);
    second.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
    await().atMost(LONG).untilAsserted(() -> assertThat(state(second).looked()).isTrue());
    assertThat(state(second).last()).contains(time);
    askAgainAndSeeThatNothingElseWasMade(second, 1);
  }

  @Test
  void whatTheStatusKnowsNeedsNotBeLookedAt() {
    var known =
        new BackupState(
            true,
            false,
            Optional.of(Instant.now()),
            Optional.of("request"),
            Optional.empty(),
            Optional.empty());
    var scheduler = scheduler(this::snapshot);
    scheduler.keepUp(NAMESPACE, "demo", requested("request"), known);
    scheduler.keepUp(NAMESPACE, "other", overdue("other"), BackupState.UNKNOWN);
    awaitBackups(1);
    assertThat(server.requests())
        .isNotEmpty()
        .allSatisfy(request -> assertThat(request.key()).doesNotContain("/demo/"));
  }

  @Test
  void aBackupThatIsOverdueIsMadeUpFor() {
    var known =
        new BackupState(
            true,
            false,
            Optional.of(LONG_AGO),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    scheduler(this::snapshot).keepUp(NAMESPACE, "demo", overdue(), known);
    awaitBackups(1);
  }

  @Test
  void aBackupIsMadeOnceForEachRequest() {
    var scheduler = scheduler(this::snapshot);
    scheduler.keepUp(NAMESPACE, "demo", requested("a"), BackupState.UNKNOWN);
    awaitBackups(1);
    awaitRequest(scheduler, "a");
    scheduler.keepUp(NAMESPACE, "demo", requested("a"), BackupState.UNKNOWN);
    scheduler.keepUp(NAMESPACE, "demo", requested("b"), BackupState.UNKNOWN);
    awaitBackups(2);
    assertThat(manifests()).extracting(Manifest::request).containsExactlyInAnyOrder("a", "b");

    // Neither the status nor memory is needed to know that it was made.
    scheduler.close();
    var restarted = scheduler(this::snapshot);
    restarted.keepUp(NAMESPACE, "demo", requested("b"), BackupState.UNKNOWN);
    awaitRequest(restarted, "b");
    askAgainAndSeeThatNothingElseWasMade(restarted, 2);
  }

  @Test
  void laterBackupsRememberTheRequest() {
    var known =
        new BackupState(
            true,
            false,
            Optional.of(LONG_AGO),
            Optional.of("before"),
            Optional.empty(),
            Optional.empty());
    scheduler(this::snapshot).keepUp(NAMESPACE, "demo", overdue(), known);
    awaitBackups(1);
    assertThat(manifests()).extracting(Manifest::request).containsExactly("before");
  }

  @Test
  void whatFailsIsSaidAndTriedAgain() {
    server.fail(Fault.error(Operation.UPLOAD_PART, 403, "AccessDenied"));
    var scheduler = scheduler(this::snapshot);
    scheduler.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
    awaitFailure(scheduler, Reason.STORE_ACCESS_DENIED, "does not let access key");
    await().atMost(LONG).until(() -> snapshots.get() > 2);
    assertThat(server.objects()).isEmpty();
    assertThat(registry.get("hcp.backup").tag("result", "access_denied").timer().count())
        .isPositive();
    server.recover();
    awaitBackups(1);
    await().atMost(LONG).untilAsserted(() -> assertThat(state(scheduler).failure()).isEmpty());
  }

  @Test
  void aStoreThatCannotBeListedIsNoticedLongBeforeABackupIsDue() {
    server.fail(Fault.error(Operation.LIST, 403, "InvalidAccessKeyId"));
    var scheduler = scheduler(this::snapshot);
    scheduler.keepUp(NAMESPACE, "demo", rarely(), BackupState.UNKNOWN);
    awaitFailure(scheduler, Reason.STORE_ACCESS_DENIED, "");
    server.recover();
    await().atMost(LONG).untilAsserted(() -> assertThat(state(scheduler).looked()).isTrue());
    assertThat(state(scheduler).failure()).isEmpty();
    assertThat(snapshots.get()).isZero();
  }

  @Test
  void aDamagedSnapshotIsNoBackup() {
    var damaged = SNAPSHOT.clone();
    damaged[5] ^= 1;
    var scheduler = scheduler((_, _, _, _, sink) -> send(damaged, sink));
    scheduler.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
    awaitFailure(scheduler, Reason.BACKUP_DAMAGED, "");
    assertThat(server.objects()).isEmpty();
    await().atMost(LONG).untilAsserted(() -> assertThat(server.unfinishedUploads()).isZero());
  }

  @Test
  void dataWithoutManifestAreNoBackup() {
    server.fail((request, exchange) ->
        Fault.error(Operation.PUT, 507, "InsufficientStorage").strike(request, exchange)
            || Fault.error(Operation.DELETE, 403, "AccessDenied").strike(request, exchange));
    var scheduler = scheduler(this::snapshot);
    scheduler.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
    awaitFailure(scheduler, Reason.STORE_FULL, "");
    scheduler.close();
    assertThat(server.objects()).as("what may not be deleted").isNotEmpty();
    server.recover();
    var restarted = scheduler(this::snapshot);
    restarted.keepUp(NAMESPACE, "demo", rarely(), BackupState.UNKNOWN);
    await().atMost(LONG).untilAsserted(() -> assertThat(state(restarted).looked()).isTrue());
    assertThat(state(restarted).last()).isEmpty();
  }

  /** With every try a copy of all data would be left until it counts as abandoned. */
  @Test
  void dataWhoseManifestCannotBeWrittenAreDeletedBeforeTheNextTry() {
    server.fail(Fault.error(Operation.PUT, 507, "InsufficientStorage"));
    var left = new ConcurrentLinkedQueue<Set<String>>();
    var scheduler =
        scheduler((namespace, name, access, longest, sink) -> {
          left.add(Set.copyOf(server.objects().keySet()));
          return snapshot(namespace, name, access, longest, sink);
        });
    scheduler.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
    await().atMost(LONG).until(() -> left.size() > 2);
    assertThat(left).allSatisfy(objects -> assertThat(objects).isEmpty());
    assertThat(server.requests())
        .extracting(S3StandIn.Request::operation)
        .contains(Operation.PUT, Operation.DELETE);
  }

  @Test
  void aManifestWithoutItsDataIsNoBackup() {
    var scheduler = scheduler(this::snapshot);
    scheduler.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
    awaitBackups(1);
    scheduler.close();
    var object = manifests().getFirst().object();
    server.put(object, new byte[3]);
    var restarted = scheduler(this::snapshot);
    restarted.keepUp(NAMESPACE, "demo", rarely(), BackupState.UNKNOWN);
    await().atMost(LONG).untilAsserted(() -> assertThat(state(restarted).looked()).isTrue());
    assertThat(state(restarted).last()).isEmpty();
  }

  @Test
  void onlySoManyBackupsAreMadeAtOnce() {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    var release = new CountDownLatch(1);
    var scheduler =
        scheduler((_, _, _, _, sink) -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          release.await();
          running.decrementAndGet();
          return send(SNAPSHOT, sink);
        });
    var all = IntStream.range(0, 12).mapToObj(i -> "demo-" + i).toList();
    all.forEach(name -> scheduler.keepUp(NAMESPACE, name, overdue(), BackupState.UNKNOWN));
    await().atMost(LONG).until(() -> running.get() == 4);
    assertThat(registry.get("hcp.backup.running").gauge().value()).isEqualTo(4);
    release.countDown();
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(all)
                .allSatisfy(name ->
                    assertThat(scheduler.last(NAMESPACE, name).orElseThrow().last()).isPresent()));
    assertThat(most.get()).isEqualTo(4);
  }

  @Test
  void whoIsForgottenStopsAtOnceAndLeavesNothing() throws InterruptedException {
    var reached = new CountDownLatch(1);
    var scheduler =
        scheduler((_, _, _, _, sink) -> {
          sink.accept(ByteBuffer.wrap(SNAPSHOT));
          reached.countDown();
          new CountDownLatch(1).await();
          throw new IllegalStateException();
        });
    scheduler.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
    assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(server.unfinishedUploads()).isOne();
    scheduler.forget(NAMESPACE, "demo");
    await().atMost(LONG).until(() -> server.unfinishedUploads() == 0);
    assertThat(server.objects()).isEmpty();
    assertThat(scheduler.last(NAMESPACE, "demo")).isEmpty();
  }

  @Test
  void aBackupThatTakesTooLongIsBrokenOff() {
    var scheduler =
        scheduler(
            (_, _, _, _, _) -> {
              new CountDownLatch(1).await();
              throw new IllegalStateException();
            },
            new BackupScheduler.Timing(
                Duration.ofSeconds(2),
                Duration.ofMillis(50),
                Duration.ofMillis(50),
                Duration.ZERO));
    scheduler.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
    awaitFailure(scheduler, Reason.BACKUP_FAILED, "took longer than");
  }

  @Test
  void whatHasServedItsTimeIsDeletedAfterTheNextBackup() {
    var old = BackupName.of(LONG_AGO, 1);
    server.put(old.data(FOLDER), new byte[1]);
    server.put(old.manifest(FOLDER), new byte[1]);
    server.put(FOLDER + "something-else", new byte[1]);
    scheduler(this::snapshot).keepUp(NAMESPACE, "demo", keeping(1, overdue()), BackupState.UNKNOWN);
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(server.objects())
                .hasSize(3)
                .containsKey(FOLDER + "something-else")
                .doesNotContainKeys(old.data(FOLDER), old.manifest(FOLDER)));
  }

  /** Whoever has lost all data and is backed up again must not lose the backups as well. */
  @Test
  void aBackupWithLessInItReplacesNone() {
    var revision = new AtomicLong(1000);
    SnapshotSource source =
        (_, _, _, _, sink) -> {
          var _ = send(SNAPSHOT, sink);
          return new SnapshotSource.Origin(
              "demo-etcd-0", "3.6.8", "c1", revision.get(), OptionalLong.empty());
        };
    var scheduler = scheduler(source);
    scheduler.keepUp(NAMESPACE, "demo", keeping(1, "full"), BackupState.UNKNOWN);
    awaitRequest(scheduler, "full");
    revision.set(10);
    for (var request : List.of("empty", "empty too")) {
      scheduler.keepUp(NAMESPACE, "demo", keeping(1, request), BackupState.UNKNOWN);
      await()
          .atMost(LONG)
          .untilAsserted(() -> {
            assertThat(state(scheduler).request()).contains(request);
            assertThat(state(scheduler).untidied())
                .contains(
                    "the last backup has revision 10, and an earlier one had 1000: has etcd lost"
                        + " data?");
          });
    }
    assertThat(manifests()).hasSize(3);
    revision.set(1001);
    scheduler.keepUp(NAMESPACE, "demo", keeping(1, "more than ever"), BackupState.UNKNOWN);
    await().atMost(LONG).untilAsserted(() -> assertThat(manifests()).hasSize(1));
    assertThat(manifests().getFirst().snapshot().revision()).isEqualTo(1001);
  }

  private BackupOrder keeping(int count, String request) {
    return keeping(count, requested(request));
  }

  private static BackupOrder keeping(int count, BackupOrder order) {
    return Orders.like(order)
        .retention(new BackupOrder.Retention(OptionalInt.of(count), Optional.empty()))
        .order();
  }

  /** However often its controller starts again. */
  @Test
  void theLastBackupIsMadeOnceReadBackAndKept() {
    var old = BackupName.of(LONG_AGO, 1);
    server.put(old.data(FOLDER), new byte[1]);
    server.put(old.manifest(FOLDER), new byte[1]);
    var scheduler = scheduler(this::snapshot);
    scheduler.keepUp(NAMESPACE, "demo", finalOf("uid"), BackupState.UNKNOWN);
    await().atMost(LONG).untilAsserted(() -> assertThat(state(scheduler).finished()).isPresent());
    var manifest = manifests().getFirst();
    assertThat(manifest.finalOf()).isEqualTo("uid");
    assertThat(manifest.object()).startsWith(FOLDER).endsWith("-final.etcd");
    assertThat(state(scheduler).finished())
        .contains(new BackupState.FinalBackup("uid", manifest.object()));
    assertThat(server.requests())
        .as("read back before it counts")
        .containsSubsequence(
            new S3StandIn.Request(Operation.GET, manifest.object(), 0),
            new S3StandIn.Request(Operation.PUT, manifest.object().replace(".etcd", ".json"), 0));
    assertThat(server.objects()).containsKeys(old.data(FOLDER), old.manifest(FOLDER));
    scheduler.close();

    var restarted = scheduler(this::snapshot);
    restarted.keepUp(NAMESPACE, "demo", finalOf("uid"), BackupState.UNKNOWN);
    await().atMost(LONG).untilAsserted(() -> assertThat(state(restarted).finished()).isPresent());
    askAgainAndSeeThatNothingElseWasMade(restarted, 1);
    restarted.close();

    // A successor of the same name has one of its own.
    var successor = scheduler(this::snapshot);
    successor.keepUp(NAMESPACE, "demo", finalOf("another"), BackupState.UNKNOWN);
    await().atMost(LONG).untilAsserted(() -> assertThat(manifests()).hasSize(2));
    assertThat(manifests()).extracting(Manifest::finalOf).containsExactly("uid", "another");
  }

  @Test
  void aLastBackupThatIsNotReadBackAsItWasWrittenIsNone() {
    server.fail((request, exchange) -> {
      if (request.operation() != Operation.GET || !request.key().endsWith(".etcd")) {
        return false;
      }
      var damaged = SNAPSHOT.clone();
      damaged[50_000] ^= 1;
      exchange.sendResponseHeaders(200, damaged.length);
      exchange.getResponseBody().write(damaged);
      return true;
    });
    var scheduler = scheduler(this::snapshot);
    scheduler.keepUp(NAMESPACE, "demo", finalOf("uid"), BackupState.UNKNOWN);
    awaitFailure(scheduler, Reason.BACKUP_DAMAGED, "when it is read back");
    assertThat(manifests()).isEmpty();
    assertThat(state(scheduler).finished()).isEmpty();
    server.recover();
    await().atMost(LONG).untilAsserted(() -> assertThat(state(scheduler).finished()).isPresent());
    assertThat(server.objects().keySet())
        .as("what was damaged does not stay")
        .hasSize(2)
        .allMatch(name -> name.contains("-final."));
  }

  private BackupOrder finalOf(String uid) {
    return Orders.like(rarely()).finalOf(uid).order();
  }

  @Test
  void bothObjectsOfABackupAreLockedForAsLongAsIsWanted() {
    server.allowLocks();
    var scheduler = scheduler(this::snapshot);
    scheduler.keepUp(NAMESPACE, "demo", locking(overdue()), BackupState.UNKNOWN);
    awaitBackups(1);
    var manifest = manifests().getFirst();
    var until = Instant.parse(manifest.time()).plus(Duration.ofDays(14));
    assertThat(manifest.lockedUntil()).isEqualTo(until.toString());
    assertThat(server.locks())
        .containsOnlyKeys(manifest.object(), manifest.object().replace(".etcd", ".json"))
        .allSatisfy(
            (_, lock) -> assertThat(lock).isEqualTo(new S3StandIn.Lock("GOVERNANCE", until)));
  }

  @Test
  void aBucketThatCannotLockIsSaidBeforeAnythingIsSent() {
    var scheduler = scheduler(this::snapshot);
    // Long before one is due, and also if it is wanted of a control plane that is known.
    var rarely = rarely();
    scheduler.keepUp(NAMESPACE, "demo", rarely, BackupState.UNKNOWN);
    await().atMost(LONG).untilAsserted(() -> assertThat(state(scheduler).looked()).isTrue());
    scheduler.keepUp(NAMESPACE, "demo", locking(rarely), BackupState.UNKNOWN);
    awaitFailure(
        scheduler,
        Reason.OBJECT_LOCK_NOT_ENABLED,
        message -> assertThat(message).startsWith("bucket backups has no object lock"));
    assertThat(snapshots.get()).isZero();
    assertThat(registry.get("hcp.backup").tag("result", "no_object_lock").timer().count())
        .isPositive();
    server.allowLocks();
    await().atMost(LONG).untilAsserted(() -> assertThat(state(scheduler).failure()).isEmpty());
  }

  /** A backup that is made meanwhile says nothing of locks. */
  @Test
  void aLockThatIsWantedDuringABackupIsLookedAtAfterwards() throws InterruptedException {
    var reached = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    var scheduler =
        scheduler((_, _, _, _, sink) -> {
          reached.countDown();
          release.await();
          return send(SNAPSHOT, sink);
        });
    scheduler.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
    assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
    scheduler.keepUp(NAMESPACE, "demo", locking(overdue()), BackupState.UNKNOWN);
    release.countDown();
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(state(scheduler).failure())
                .hasValueSatisfying(failure ->
                    assertThat(failure.reason()).isEqualTo(Reason.OBJECT_LOCK_NOT_ENABLED)));
    assertThat(manifests()).hasSize(1);
  }

  @Test
  void whatIsWantedNowDoesNotWaitBecauseOfWhatWasWantedBefore() throws InterruptedException {
    var attempts = new AtomicInteger();
    var reached = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    var scheduler =
        scheduler(
            (_, _, _, _, sink) -> {
              if (attempts.getAndIncrement() > 0) {
                return send(SNAPSHOT, sink);
              }
              reached.countDown();
              release.await();
              throw new SnapshotException(
                  SnapshotException.Kind.NOT_GIVEN, "there is none with the old key", null);
            },
            new BackupScheduler.Timing(
                LONG, Duration.ofHours(1), Duration.ofHours(1), Duration.ZERO));
    scheduler.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
    assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
    scheduler.keepUp(NAMESPACE, "demo", keeping(1, overdue()), BackupState.UNKNOWN);
    int before = wakeUps.get();
    release.countDown();
    awaitBackups(1);
    await().atMost(LONG).untilAsserted(() -> assertThat(state(scheduler).last()).isPresent());
    assertThat(attempts.get()).isEqualTo(2);
    assertThat(state(scheduler).failure()).isEmpty();
    assertThat(registry.get("hcp.backup").tag("result", "no_snapshot").timer().count()).isOne();
    await().atMost(LONG).untilAsserted(() -> assertThat(wakeUps.get()).isEqualTo(before + 1));
  }

  /** As one does that has never heard of locks behind a proxy that has. */
  @Test
  void aStoreThatTakesNoNoticeOfLocksIsFound() {
    server.allowLocks();
    server.fail(Fault.error(Operation.RETENTION, 404, "NoSuchObjectLockConfiguration"));
    var scheduler = scheduler(this::snapshot);
    scheduler.keepUp(NAMESPACE, "demo", locking(overdue()), BackupState.UNKNOWN);
    awaitFailure(
        scheduler,
        Reason.OBJECT_LOCK_NOT_ENABLED,
        message -> assertThat(message).endsWith("the store says that it is not locked"));
    assertThat(manifests()).isEmpty();
    // Who may not look has to rely on the bucket.
    server.fail(Fault.error(Operation.RETENTION, 403, "AccessDenied"));
    awaitBackups(1);
  }

  @Test
  void whatIsLockedIsKeptWithoutAnyFuss() {
    server.allowLocks();
    var scheduler = scheduler(this::snapshot);
    scheduler.keepUp(NAMESPACE, "demo", keeping(1, locking(requested("a"))), BackupState.UNKNOWN);
    awaitRequest(scheduler, "a");
    var first = manifests().getFirst();
    // Somebody else locks what we do not lock any more: that is only known when it is refused.
    scheduler.keepUp(NAMESPACE, "demo", keeping(1, requested("b")), BackupState.UNKNOWN);
    awaitRequest(scheduler, "b");
    var second = newest();
    server.lock(second.object(), Instant.now().plus(Duration.ofDays(1)));
    server.lock(second.object().replace(".etcd", ".json"), Instant.now().plus(Duration.ofDays(1)));
    scheduler.keepUp(NAMESPACE, "demo", keeping(1, requested("c")), BackupState.UNKNOWN);
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(state(scheduler).untidied())
                .contains("2 of them have served their time, and are locked"));
    assertThat(state(scheduler).failure()).isEmpty();
    assertThat(manifests()).hasSize(3);
    assertThat(server.requests())
        .as("what is known to be locked, a store with versions would hide")
        .noneMatch(request ->
            request.operation() == Operation.DELETE
                && request.key().startsWith(first.object().replace(".etcd", "")));

    server.lock(second.object(), Instant.now().minusSeconds(1));
    server.lock(second.object().replace(".etcd", ".json"), Instant.now().minusSeconds(1));
    scheduler.keepUp(NAMESPACE, "demo", keeping(1, requested("d")), BackupState.UNKNOWN);
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(state(scheduler).untidied())
                .contains("1 of them have served their time, and are locked"));
    assertThat(manifests()).extracting(Manifest::request).containsExactlyInAnyOrder("a", "d");
  }

  private Manifest newest() {
    return manifests().stream().max(Comparator.comparing(Manifest::time)).orElseThrow();
  }

  private void awaitFailure(BackupScheduler scheduler, Reason reason, String part) {
    awaitFailure(scheduler, reason, message -> assertThat(message).contains(part));
  }

  private void awaitFailure(BackupScheduler scheduler, Reason reason, Consumer<String> message) {
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(state(scheduler).failure())
                .hasValueSatisfying(failure -> {
                  assertThat(failure.reason()).isEqualTo(reason);
                  message.accept(failure.message());
                }));
  }

  private void awaitRequest(BackupScheduler scheduler, String request) {
    await()
        .atMost(LONG)
        .untilAsserted(() -> assertThat(state(scheduler).request()).contains(request));
  }

  private static BackupOrder locking(BackupOrder order) {
    return Orders.like(order).lock(new BackupOrder.Lock(ObjectLockMode.GOVERNANCE, 14)).order();
  }

  @Test
  void whatCannotBeDeletedIsSaid() {
    server.fail(Fault.error(Operation.LIST_UPLOADS, 403, "AccessDenied"));
    var scheduler = scheduler(this::snapshot);
    scheduler.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
    await().atMost(LONG).untilAsserted(() -> assertThat(state(scheduler).untidied()).isPresent());
    assertThat(state(scheduler).failure()).isEmpty();
    assertThat(state(scheduler).last()).isPresent();
  }

  @Test
  void anEncryptedBackupCanBeDecrypted() throws IOException {
    var key = new byte[32];
    key[3] = 9;
    var order =
        Orders.like(overdue())
            .encryptionKey(Optional.of(Base64.getEncoder().encodeToString(key)))
            .order();
    scheduler(this::snapshot).keepUp(NAMESPACE, "demo", order, BackupState.UNKNOWN);
    awaitBackups(1);
    var manifest = manifests().getFirst();
    assertThat(manifest.encryption().algorithm()).isEqualTo(ChunkCipher.ALGORITHM);
    assertThat(manifest.encryption().keyId()).isEqualTo(ChunkCipher.keyId(key));
    var stored = server.objects().get(manifest.object());
    assertThat(stored).hasSize(Math.toIntExact(manifest.size())).isNotEqualTo(SNAPSHOT);
    var out = new ByteArrayOutputStream();
    assertThat(Decryptor.decrypt(key, new ByteArrayInputStream(stored), out))
        .isEqualTo(manifest.snapshot().sha256());
    assertThat(out.toByteArray()).isEqualTo(SNAPSHOT);
  }

  @Test
  void anotherStoreIsLookedAtAnew() {
    try (var other = S3StandIn.plain()) {
      var scheduler = scheduler(this::snapshot);
      scheduler.keepUp(NAMESPACE, "demo", overdue(), BackupState.UNKNOWN);
      awaitBackups(1);
      scheduler.keepUp(
          NAMESPACE,
          "demo",
          Orders.like(overdue()).store(other.access()).order(),
          BackupState.UNKNOWN);
      await().atMost(LONG).untilAsserted(() -> assertThat(other.objects()).hasSize(2));
      scheduler.close();
    }
  }

  /** Something else that is requested of the same scheduler is made, and nothing but that. */
  private void askAgainAndSeeThatNothingElseWasMade(BackupScheduler scheduler, int before) {
    scheduler.keepUp(NAMESPACE, "other", overdue("other"), BackupState.UNKNOWN);
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(server.objects().keySet())
                .anyMatch(name -> name.startsWith("prefix/clusters/other/")));
    assertThat(manifests()).hasSize(before);
  }

  private BackupState state(BackupScheduler scheduler) {
    return scheduler.last(NAMESPACE, "demo").orElseThrow();
  }

  private void awaitBackups(int number) {
    await().atMost(LONG).untilAsserted(() -> assertThat(allManifests()).hasSize(number));
  }

  private List<Manifest> manifests() {
    return allManifests().stream().filter(m -> m.cluster().equals("demo")).toList();
  }

  private List<Manifest> allManifests() {
    return server.objects().entrySet().stream()
        .filter(object -> object.getKey().endsWith(".json"))
        .flatMap(object -> Manifest.parse(object.getValue()).stream())
        .toList();
  }

  private BackupOrder overdue() {
    return overdue("demo");
  }

  private BackupOrder overdue(String cluster) {
    return Orders.like(rarely(cluster)).since(LONG_AGO).order();
  }

  private BackupOrder requested(String request) {
    return Orders.like(rarely()).request(request).order();
  }

  private BackupOrder rarely() {
    return rarely("demo");
  }

  private BackupOrder rarely(String cluster) {
    return Orders.rarely(NAMESPACE, cluster, server.access(), new EtcdAccess(List.of(), "", "", ""))
        .order();
  }

  private BackupScheduler scheduler(SnapshotSource source) {
    return scheduler(
        source,
        new BackupScheduler.Timing(
            LONG, Duration.ofMillis(50), Duration.ofMillis(200), Duration.ZERO));
  }

  private BackupScheduler scheduler(SnapshotSource source, BackupScheduler.Timing timing) {
    var scheduler =
        new BackupScheduler(
            source,
            access -> S3Store.open(access, S3Store.Timing.DEFAULT),
            (_, _) -> wakeUps.incrementAndGet(),
            new ControllerMetrics(registry),
            timing,
            RandomGenerator.getDefault(),
            InstantSource.system());
    schedulers.add(scheduler);
    return scheduler;
  }

  private SnapshotSource.Origin snapshot(
      String namespace, String name, EtcdAccess access, Duration longest, SnapshotSource.Sink sink)
      throws IOException, InterruptedException {
    snapshots.incrementAndGet();
    return send(SNAPSHOT, sink);
  }

  private static SnapshotSource.Origin send(byte[] snapshot, SnapshotSource.Sink sink)
      throws IOException, InterruptedException {
    for (int from = 0; from < snapshot.length; from += 32_768) {
      sink.accept(
          ByteBuffer.wrap(snapshot, from, Math.min(32_768, snapshot.length - from))
              .asReadOnlyBuffer());
    }
    return new SnapshotSource.Origin("demo-etcd-0", "3.6.8", "c1", 42, OptionalLong.of(7));
  }
}
