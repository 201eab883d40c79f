package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.etcd.EtcdClients;
import dev.hcp.controller.etcd.KeyCounts;
import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.store.S3Store;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.EtcdProcesses;
import dev.hcp.controller.testing.FaultyS3;
import dev.hcp.controller.testing.FaultyS3.Fault;
import dev.hcp.controller.testing.S3Server;
import dev.hcp.controller.testing.S3StandIn.Operation;
import dev.hcp.controller.testing.SnapshotFiles;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Backups of a real etcd to a real S3 server, with everything in between going wrong: each fault is
 * seen to happen, is said, leaves nothing that looks like a backup, and is over with the next try.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BackupFaultsIT {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final String NAMESPACE = "clusters";
  private static final String NAME = "demo";
  private static final String OTHER = "other";
  private static final int PARTS = 3;
  private static final String REFUSED = "403";

  private static final S3Store.Timing IMPATIENT =
      new S3Store.Timing(
          Duration.ofSeconds(2),
          Duration.ofSeconds(2),
          Duration.ofSeconds(20),
          Duration.ofSeconds(60));

  private final EtcdProcesses etcd = EtcdProcesses.start(1);
  private final S3Server server = S3Server.start();
  private final FaultyS3 store = new FaultyS3(server);
  private final EtcdClients clients = new EtcdClients(EtcdClients.Deadlines.DEFAULT);
  private final BackupScheduler scheduler = scheduler(IMPATIENT);
  private int requests;

  /**
   * What goes wrong.
   *
   * @param reason of the condition
   * @param message part of what the condition says
   */
  private record Trouble(
      Operation operation, int part, Fault fault, Reason reason, String message) {
    @Override
    public String toString() {
      return "%s %d: %s".formatted(operation, part, fault);
    }
  }

  private BackupScheduler scheduler(S3Store.Timing timing) {
    return new BackupScheduler(
        new EtcdSnapshots(clients, new KeyCounts(KeyCounts.DEFAULT_DEADLINE)),
        access -> S3Store.open(access, timing),
        (_, _) -> {},
        new ControllerMetrics(new SimpleMeterRegistry()),
        new BackupScheduler.Timing(
            LONG, Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ZERO),
        RandomGenerator.getDefault(),
        InstantSource.system());
  }

  @BeforeAll
  void makeOne() {
    etcd.put("key", 180, 100_000);
    var _ = request(NAME, store.access());
    awaitMet(NAME);
    assertThat(store.requests())
        .filteredOn(request -> request.operation() == Operation.UPLOAD_PART)
        .as("parts of a backup")
        .hasSize(PARTS);
  }

  @AfterEach
  void recover() {
    store.recover();
    await().atMost(LONG).until(() -> state(NAME).failure().isEmpty());
  }

  @AfterAll
  void stop() {
    scheduler.close();
    clients.close();
    store.close();
    server.close();
    etcd.close();
  }

  static Stream<Trouble> troubles() {
    var cut = "cut the connection";
    var silent = "did not answer in time";
    var full = new Fault.Refuse(507, "InsufficientStorage");
    var refused = new Fault.Refuse(403, "AccessDenied");
    return Stream.of(
        lost(Operation.LIST, 0, new Fault.Cut(), cut),
        lost(Operation.LIST, 0, new Fault.Hang(), silent),
        lost(Operation.LIST, 0, new Fault.Refuse(503, "SlowDown"), "has a problem"),
        lost(Operation.CREATE_UPLOAD, 0, new Fault.Cut(), cut),
        lost(Operation.CREATE_UPLOAD, 0, new Fault.LoseAnswer(), cut),
        lost(Operation.UPLOAD_PART, 1, new Fault.Cut(), cut),
        lost(Operation.UPLOAD_PART, 2, new Fault.Cut(), cut),
        lost(Operation.UPLOAD_PART, PARTS, new Fault.Cut(), cut),
        lost(Operation.UPLOAD_PART, 2, new Fault.LoseAnswer(), cut),
        lost(Operation.UPLOAD_PART, 2, new Fault.Hang(), silent),
        lost(Operation.COMPLETE_UPLOAD, 0, new Fault.Cut(), cut),
        lost(Operation.PUT, 0, new Fault.Cut(), cut),
        denied(Operation.CREATE_UPLOAD, 0, refused),
        denied(Operation.UPLOAD_PART, 2, refused),
        denied(Operation.PUT, 0, refused),
        full(Operation.UPLOAD_PART, 1, full),
        full(Operation.UPLOAD_PART, PARTS, new Fault.Refuse(403, "QuotaExceeded")),
        full(Operation.COMPLETE_UPLOAD, 0, full),
        full(Operation.PUT, 0, full));
  }

  private static Trouble lost(Operation operation, int part, Fault fault, String message) {
    return new Trouble(operation, part, fault, Reason.STORE_UNREACHABLE, message);
  }

  private static Trouble denied(Operation operation, int part, Fault fault) {
    return new Trouble(operation, part, fault, Reason.STORE_ACCESS_DENIED, REFUSED);
  }

  private static Trouble full(Operation operation, int part, Fault fault) {
    return new Trouble(operation, part, fault, Reason.STORE_FULL, "has no room");
  }

  @ParameterizedTest
  @MethodSource("troubles")
  void whatGoesWrongIsSaidLeavesNothingAndIsOverWithTheNextTry(Trouble trouble) {
    var before = server.objects("");
    store.fail(trouble.operation(), trouble.part(), trouble.fault());
    var request = request(NAME, store.access());
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(state(NAME).failure())
                .hasValueSatisfying(failure -> {
                  assertThat(failure.reason()).isEqualTo(trouble.reason());
                  assertThat(failure.message()).contains(trouble.message());
                }));
    assertThat(store.struck()).isPositive();
    var condition = condition();
    assertThat(condition.status()).isEqualTo(ConditionStatus.FALSE);
    assertThat(condition.reason()).isEqualTo(trouble.reason());
    assertThat(condition.message()).contains(trouble.message(), "it is tried again at");
    await()
        .atMost(LONG)
        .ignoreExceptions()
        .untilAsserted(() -> {
          assertThat(server.unfinishedUploads()).isZero();
          assertThat(server.objects("")).isEqualTo(before);
        });
    store.recover();
    awaitMet(NAME, request);
    assertThat(server.objects("")).as("data and manifest").hasSize(before.size() + 2);
    assertThat(newest().snapshot().keys()).isEqualTo(180);
    assertThat(condition().status()).isEqualTo(ConditionStatus.TRUE);
    assertThat(server.unfinishedUploads()).isZero();
  }

  /** The store has done what it was asked for, and nobody has heard of it. */
  @ParameterizedTest
  @ValueSource(strings = {"COMPLETE_UPLOAD", "PUT"})
  void anAnswerThatIsLostIsFoundOutAbout(String operation) {
    var before = server.objects("");
    store.fail(Operation.valueOf(operation), 0, new Fault.LoseAnswer());
    awaitMet(NAME, request(NAME, store.access()));
    assertThat(store.struck()).isPositive();
    assertThat(server.objects("")).hasSize(before.size() + 2);
    assertThat(server.unfinishedUploads()).isZero();
    assertThat(SnapshotFiles.content(server.file(newest().object())).keys()).isEqualTo(180);
  }

  @Test
  void aStoreThatIsDownIsSaidAndTheNextTrySucceeds() {
    var before = server.objects("");
    store.stop();
    var request = request(NAME, store.access());
    await()
        .atMost(LONG)
        .untilAsserted(() ->
            assertThat(state(NAME).failure())
                .hasValueSatisfying(failure -> {
                  assertThat(failure.reason()).isEqualTo(Reason.STORE_UNREACHABLE);
                  assertThat(failure.message()).contains("cannot be connected to");
                }));
    assertThat(server.objects("")).isEqualTo(before);
    store.recover();
    awaitMet(NAME, request);
  }

  @Test
  void aStoreThatIsSlowIsWaitedFor() {
    store.fail(Operation.UPLOAD_PART, 2, new Fault.Slow(Duration.ofMillis(10)));
    awaitMet(NAME, request(NAME, store.access()));
    assertThat(store.struck()).isOne();
  }

  /** Neither passes, which ask what is known and say what is wanted, nor other control planes. */
  @Test
  void aStoreThatHangsKeepsNobodyElseWaiting() {
    try (var patient = scheduler(S3Store.Timing.DEFAULT)) {
      store.fail(Operation.UPLOAD_PART, 1, new Fault.Hang());
      var hanging = order(NAME, store.access(), "hanging");
      patient.keepUp(NAMESPACE, NAME, hanging, BackupState.UNKNOWN);
      await().atMost(LONG).until(() -> store.struck() > 0);
      assertThat(server.unfinishedUploads()).as("it hangs in the midst of it").isOne();
      patient.keepUp(NAMESPACE, OTHER, order(OTHER, server.access(), "other"), BackupState.UNKNOWN);
      await()
          .atMost(LONG)
          .until(() -> {
            patient.keepUp(NAMESPACE, NAME, hanging, BackupState.UNKNOWN);
            return patient.last(NAMESPACE, OTHER).orElseThrow().request().isPresent();
          });
      assertThat(patient.last(NAMESPACE, NAME).orElseThrow())
          .as("it hangs still")
          .satisfies(state -> assertThat(state.request()).isNotEqualTo(hanging.request()))
          .satisfies(state -> assertThat(state.failure()).isEmpty());
      assertThat(store.struck()).isOne();
      store.recover();
      await()
          .atMost(LONG)
          .until(() ->
              patient.last(NAMESPACE, NAME).orElseThrow().request().equals(hanging.request()));
    }
  }

  private String request(String name, StoreAccess access) {
    var request = "request %d".formatted(++requests);
    scheduler.keepUp(NAMESPACE, name, order(name, access, request), BackupState.UNKNOWN);
    return request;
  }

  private BackupOrder order(String name, StoreAccess access, String request) {
    return Orders.rarely(NAMESPACE, name, access, etcd.access()).request(request).order();
  }

  private void awaitMet(String name) {
    awaitMet(name, "request %d".formatted(requests));
  }

  private void awaitMet(String name, String request) {
    await().atMost(LONG).untilAsserted(() -> assertThat(state(name).request()).contains(request));
    assertThat(state(name).failure()).isEmpty();
  }

  private BackupState state(String name) {
    return scheduler.last(NAMESPACE, name).orElseThrow();
  }

  /** What users read. */
  private ConditionState condition() {
    var scenario = Scenario.named("restore-drill").backedUp(state(NAME));
    for (var secret : List.of("demo-etcd-ca-bundle", "demo-etcd-controller-client")) {
      scenario.with(
          """
          apiVersion: v1
          kind: Secret
          metadata:
            name: %s
            namespace: clusters
            labels: {cluster.x-k8s.io/cluster-name: demo}
          data: {ca.crt: Y2E=, tls.crt: Y2VydA==, tls.key: a2V5}
          """
              .formatted(secret));
    }
    return Plan.of(scenario.observation()).steps().stream()
        .map(step -> step.state())
        .filter(state -> state.type() == ConditionType.BACKUP)
        .findFirst()
        .orElseThrow();
  }

  private Manifest newest() {
    try {
      return Manifest.parse(
              Files.readAllBytes(
                  server.file(
                      server.objects(".json").stream()
                          .filter(name -> name.contains("/%s/".formatted(NAME)))
                          .toList()
                          .getLast())))
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
