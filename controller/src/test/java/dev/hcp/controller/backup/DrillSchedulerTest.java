package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.DrillOrder;
import dev.hcp.controller.plan.DrillPod;
import dev.hcp.controller.plan.DrillState;
import dev.hcp.controller.plan.DrillTarget;
import dev.hcp.controller.plan.RestoreEnd;
import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.store.S3Store;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.S3StandIn;
import dev.hcp.controller.testing.S3StandIn.Fault;
import dev.hcp.controller.testing.S3StandIn.Operation;
import dev.hcp.schedule.BackupSchedule;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When drills are due, and what is known of them, with pods that end when the test says so. */
class DrillSchedulerTest {
  private static final String NAMESPACE = "clusters";
  private static final String NEWEST = "20260821T023011Z-3f9a2c1b";
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Instant LONG_AGO = Instant.parse("2020-01-01T00:00:00Z");

  /** Not due: the next leap day after now is far away, or else tomorrow is a better day. */
  private static final String RARELY = "0 0 29 2 *";

  private static final RestoreEnd SUCCESS =
      new RestoreEnd.Success(Duration.ofSeconds(12), "120 keys");
  private static final RestoreEnd FAILURE =
      new RestoreEnd.Failure("damaged", Reason.BACKUP_DAMAGED, "other bytes");

  private final S3StandIn server = S3StandIn.plain();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicInteger wakeUps = new AtomicInteger();
  private final List<DrillScheduler> schedulers = new ArrayList<>();
  private final DrillScheduler scheduler = scheduler(Duration.ofMinutes(10), Duration.ofHours(1));

  @BeforeEach
  void backUp() {
    put("demo", "20260820T023011Z-00000000", 1);
    put("demo", NEWEST, 4_711);
  }

  @AfterEach
  void stop() {
    schedulers.forEach(DrillScheduler::close);
    server.close();
  }

  @Test
  void theNewestBackupIsRestoredOnRequestAndAtOnce() {
    want("demo", order("now"), DrillState.UNKNOWN, Optional.empty());
    var target = awaitRunning("demo");
    assertThat(target.backup()).isEqualTo(NEWEST);
    assertThat(target.size()).isEqualTo(4_711);
    assertThat(target.request()).contains("now");
    assertThat(wakeUps.get()).isPositive();
    assertThat(registry.get("hcp.backup.restore.drill.running").gauge().value()).isOne();

    end("demo", order("now"), target, SUCCESS);
    await().atMost(LONG).untilAsserted(() -> assertThat(state("demo").running()).isEmpty());
    var last = state("demo").last().orElseThrow();
    assertThat(last.backup()).contains(NEWEST);
    assertThat(last.request()).contains("now");
    assertThat(last.end()).isEqualTo(SUCCESS);
    assertThat(state("demo").lastSuccess()).contains(target.begun());
    assertThat(state("demo").again()).isEmpty();
    assertThat(registry.get("hcp.backup.restore.drill").tag("result", "success").timer().count())
        .isOne();
    assertThat(registry.get("hcp.backup.restore.drill.last.success.timestamp").gauge().value())
        .isEqualTo((double) target.begun().getEpochSecond());
    assertThat(registry.get("hcp.backup.restore.drill.duration").gauge().value()).isEqualTo(12.0);

    // The same request again is none.
    want("demo", order("now"), DrillState.UNKNOWN, Optional.empty());
    put("other", NEWEST, 1);
    want("other", order("other", "now"), DrillState.UNKNOWN, Optional.empty());
    awaitRunning("other");
    assertThat(state("demo").last()).contains(last);
    scheduler.forget(NAMESPACE, "demo");
    assertThat(scheduler.last(NAMESPACE, "demo")).isEmpty();
    assertThat(registry.find("hcp.backup.restore.drill.duration").tag("name", "demo").gauge())
        .isNull();
  }

  @Test
  void withoutABackupThereIsNothingToDo() {
    want(
        "demo",
        new DrillOrder(
            "demo",
            schedule("* * * * *"),
            LONG_AGO,
            Optional.of("now"),
            server.access(),
            Optional.empty()),
        DrillState.UNKNOWN,
        Optional.empty());
    want("other", order("other", "now"), DrillState.UNKNOWN, Optional.empty());
    await().atMost(LONG).untilAsserted(() -> assertThat(state("other").last()).isPresent());
    assertThat(state("demo")).isEqualTo(DrillState.UNKNOWN);
    // It has one now.
    want("demo", order("now"), DrillState.UNKNOWN, Optional.empty());
    awaitRunning("demo");
  }

  @Test
  void oneThatIsOverdueIsMadeUpForOnce() {
    var patient = scheduler(Duration.ofMinutes(10), Duration.ofHours(1));
    patient.keepUp(
        NAMESPACE,
        "demo",
        new Action.KeepDrills(
            overdue(),
            DrillState.UNKNOWN.after(
                new DrillState.Ended(Optional.empty(), LONG_AGO, Optional.empty(), SUCCESS),
                Optional.empty()),
            Optional.empty()));
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(patient.last(NAMESPACE, "demo").orElseThrow().running()).isPresent());
  }

  @Test
  void aFailureIsKnownAndTriedAgainAtOnceWhenSomethingChanges() {
    want("demo", order("now"), DrillState.UNKNOWN, Optional.empty());
    var target = awaitRunning("demo");
    end("demo", order("now"), target, FAILURE);
    await().atMost(LONG).untilAsserted(() -> assertThat(state("demo").again()).isPresent());
    assertThat(state("demo").last().orElseThrow().end()).isEqualTo(FAILURE);
    assertThat(state("demo").lastSuccess()).isEmpty();
    assertThat(registry.get("hcp.backup.restore.drill").tag("result", "damaged").timer().count())
        .isOne();
    // A newer backup, for example.
    want(
        "demo",
        new DrillOrder(
            "demo",
            schedule(RARELY),
            Instant.now(),
            Optional.of("now"),
            server.access(),
            Optional.of(Instant.now())),
        DrillState.UNKNOWN,
        Optional.empty());
    assertThat(awaitRunning("demo").begun()).isAfter(target.begun());
  }

  @Test
  void aStoreThatFailsIsAFailureWithoutAPod() {
    server.fail(Fault.error(Operation.LIST, 403, "AccessDenied"));
    want("demo", order("now"), DrillState.UNKNOWN, Optional.empty());
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(state("demo").last().flatMap(last -> last.end().failure()))
                .hasValueSatisfying(failure -> {
                  assertThat(failure.label()).isEqualTo("access_denied");
                  assertThat(failure.reason()).isEqualTo(Reason.STORE_ACCESS_DENIED);
                }));
    assertThat(state("demo").running()).isEmpty();
    assertThat(state("demo").last().orElseThrow().request()).contains("now");
  }

  @Test
  void aNewestBackupWhoseManifestIsNoneIsAFailure() {
    server.put(
        "prefix/clusters/demo/20260822T023011Z-00000000.json",
        "{".getBytes(StandardCharsets.UTF_8));
    want("demo", order("now"), DrillState.UNKNOWN, Optional.empty());
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(state("demo").last().flatMap(last -> last.end().failure()))
                .hasValueSatisfying(
                    failure -> assertThat(failure.reason()).isEqualTo(Reason.BACKUP_DAMAGED)));
  }

  @Test
  void aPodThatWasLeftIsTheDrillThatIsUnderWay() {
    var left = new DrillTarget(NEWEST, 1, Instant.parse("2026-08-23T03:00:00Z"), Optional.empty());
    want(
        "demo",
        order(""),
        DrillState.UNKNOWN,
        Optional.of(new DrillPod(left, Optional.empty(), Optional.empty())));
    assertThat(state("demo").running()).contains(left);
    await()
        .atMost(LONG)
        .untilAsserted(() -> {
          end("demo", order(""), left, SUCCESS);
          assertThat(state("demo").last()).isPresent();
        });
    assertThat(state("demo").lastSuccess()).contains(left.begun());
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aPodThatNeverEndsIsGivenUp() {
    var hasty = scheduler(Duration.ofMinutes(-16), Duration.ofHours(1));
    var left = new DrillTarget(NEWEST, 1, Instant.parse("2026-08-23T03:00:00Z"), Optional.empty());
    hasty.keepUp(
        NAMESPACE,
        "demo",
        new Action.KeepDrills(
            order(""),
            DrillState.UNKNOWN,
            Optional.of(new DrillPod(left, Optional.empty(), Optional.of("no node")))));
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(
                    hasty
                        .last(NAMESPACE, "demo")
                        .orElseThrow()
                        .last()
                        .flatMap(last -> last.end().failure()))
                .hasValueSatisfying(failure -> assertThat(failure.label()).isEqualTo("deadline")));
  }

  @Test
  void anotherStoreIsAnotherMatter() {
    want("demo", order("now"), DrillState.UNKNOWN, Optional.empty());
    var target = awaitRunning("demo");
    try (var elsewhere = S3StandIn.plain()) {
      want(
          "demo",
          new DrillOrder(
              "demo",
              schedule(RARELY),
              Instant.now(),
              Optional.empty(),
              elsewhere.access(),
              Optional.of(LONG_AGO)),
          DrillState.UNKNOWN,
          Optional.of(new DrillPod(target, Optional.of(SUCCESS), Optional.empty())));
      assertThat(state("demo").running()).isEmpty();
      await()
          .atMost(LONG)
          .untilAsserted(() ->
              assertThat(registry.get("hcp.backup.restore.drill.running").gauge().value())
                  .isZero());
      assertThat(state("demo").lastSuccess()).isEmpty();
    }
  }

  @Test
  void onlySomeAreUnderWayAtTheSameTime() {
    var names = IntStream.range(0, 5).mapToObj(i -> "demo-" + i).toList();
    names.forEach(name -> put(name, NEWEST, 1));
    names.forEach(name -> want(name, order(name, "now"), DrillState.UNKNOWN, Optional.empty()));
    for (int done = 0; done < names.size(); done++) {
      await().atMost(LONG).until(() -> running(names).size() == 2 || ended(names) >= 4);
      assertThat(running(names)).hasSizeLessThanOrEqualTo(2);
      var name = running(names).getFirst();
      end(name, order(name, "now"), state(name).running().orElseThrow(), SUCCESS);
      int expected = done + 1;
      await().atMost(LONG).until(() -> ended(names) == expected);
    }
  }

  private List<String> running(List<String> names) {
    return names.stream().filter(name -> state(name).running().isPresent()).toList();
  }

  private long ended(List<String> names) {
    return names.stream().filter(name -> state(name).last().isPresent()).count();
  }

  private DrillTarget awaitRunning(String name) {
    await().atMost(LONG).untilAsserted(() -> assertThat(state(name).running()).isPresent());
    return state(name).running().orElseThrow();
  }

  private void end(String name, DrillOrder order, DrillTarget target, RestoreEnd end) {
    want(
        name,
        order,
        DrillState.UNKNOWN,
        Optional.of(new DrillPod(target, Optional.of(end), Optional.empty())));
  }

  private void want(String name, DrillOrder order, DrillState remembered, Optional<DrillPod> pod) {
    scheduler.keepUp(NAMESPACE, name, new Action.KeepDrills(order, remembered, pod));
  }

  private DrillState state(String name) {
    return scheduler.last(NAMESPACE, name).orElseThrow();
  }

  private DrillOrder order(String request) {
    return order("demo", request);
  }

  private DrillOrder order(String cluster, String request) {
    return order(cluster, request, server.access());
  }

  /** The same for the same arguments, as in one pass and the next. */
  private static DrillOrder order(String cluster, String request, StoreAccess store) {
    return new DrillOrder(
        cluster,
        schedule(RARELY),
        Instant.parse("2100-01-01T00:00:00Z"),
        Optional.of(request).filter(text -> !text.isEmpty()),
        store,
        Optional.of(LONG_AGO));
  }

  private DrillOrder overdue() {
    return new DrillOrder(
        "demo",
        schedule("* * * * *"),
        LONG_AGO,
        Optional.empty(),
        server.access(),
        Optional.of(LONG_AGO));
  }

  private static BackupSchedule schedule(String text) {
    return BackupSchedule.parse(text, ZoneOffset.UTC, NAMESPACE, "demo");
  }

  private void put(String cluster, String name, long size) {
    server.put(
        "prefix/clusters/%s/%s.json".formatted(cluster, name),
        new Manifest(
                Manifest.FORMAT,
                NAMESPACE,
                cluster,
                "2026-08-21T02:30:11Z",
                "prefix/clusters/%s/%s.etcd".formatted(cluster, name),
                size,
                "ab",
                new Manifest.Snapshot(size, "ab", "3.6.8", 42, "c1", "demo-etcd-0", null),
                null,
                42,
                null,
                null,
                null)
            .toJson());
  }

  private DrillScheduler scheduler(Duration scheduling, Duration retry) {
    var made =
        new DrillScheduler(
            access -> S3Store.open(access, S3Store.Timing.DEFAULT),
            (_, _) -> wakeUps.incrementAndGet(),
            new ControllerMetrics(registry),
            new DrillScheduler.Timing(scheduling, retry, retry, Duration.ZERO),
            RandomGenerator.getDefault(),
            InstantSource.system());
    schedulers.add(made);
    return made;
  }
}
