package dev.hcp.controller.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.plan.Action.KeepEtcd;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.plan.EtcdIdentity;
import dev.hcp.controller.plan.MemberChanges;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.ReadyPods;
import dev.hcp.controller.telemetry.EtcdMeters;
import dev.hcp.controller.testing.EtcdProcesses;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real etcd, looked at and maintained. */
class EtcdKeeperIT {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final Duration QUIET = Duration.ofSeconds(3);
  private static final String NAMESPACE = "clusters";
  private static final String NAME = "demo";
  private static final long MEBIBYTE = 1024L * 1024;

  private static final int SHORT_LIVED = 100;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicInteger woken = new AtomicInteger();
  private final EtcdClients clients =
      new EtcdClients(
          new EtcdClients.Deadlines(
              Duration.ofSeconds(10),
              Duration.ofMinutes(1),
              Duration.ofMinutes(1),
              Duration.ofSeconds(10)));
  private final EtcdKeeper keeper =
      new EtcdKeeper(
          clients,
          (_, _) -> woken.incrementAndGet(),
          new EtcdMeters(registry),
          new EtcdKeeper.Timing(
              Duration.ofMillis(100), Duration.ofMillis(400), Duration.ofMillis(200)),
          RandomGenerator.getDefault(),
          InstantSource.system());
  private EtcdProcesses etcd;

  @AfterEach
  void stop() {
    keeper.close();
    clients.close();
    if (etcd != null) {
      etcd.close();
    }
  }

  private KeepEtcd wanted(Optional<EtcdIdentity> recorded) {
    return wanted(recorded, Optional.empty());
  }

  private KeepEtcd wanted(Optional<EtcdIdentity> recorded, Optional<String> retiring) {
    return wanted(recorded, retiring, true);
  }

  private KeepEtcd wanted(
      Optional<EtcdIdentity> recorded, Optional<String> retiring, boolean maintained) {
    var access = etcd.access();
    return new KeepEtcd(
        access,
        new ReadyPods(Map.of("demo-etcd-0", "uid")),
        recorded,
        "mark of demo",
        maintained,
        400 * MEBIBYTE,
        OptionalLong.of(20_000 * MEBIBYTE),
        Optional.empty(),
        Optional.empty(),
        new MemberChanges(Set.of(), Set.of(), retiring, Optional.empty()));
  }

  private void keepUp(Optional<EtcdIdentity> recorded) {
    keeper.keepUp(NAMESPACE, NAME, wanted(recorded));
  }

  private ObservedEtcd observed() {
    return keeper.last(NAMESPACE, NAME).orElseThrow();
  }

  private void eventually(Callable<Boolean> condition) {
    await().atMost(SOON).ignoreExceptions().until(condition);
  }

  private EtcdIdentity identify() {
    keepUp(Optional.empty());
    eventually(() -> observed().healthy() && observed().identity().isPresent());
    var identity = observed().identity().orElseThrow();
    keepUp(Optional.of(identity));
    return identity;
  }

  private EtcdClient client() {
    return clients.of(NAMESPACE, NAME, etcd.access());
  }

  private double gauge(String meter, String member) {
    return registry.get(meter).tag("member", member).gauge().value();
  }

  @Test
  void membersAreSeenAndWhatDoesNotMatterWakesNobody() {
    etcd = EtcdProcesses.start(3);
    var identity = identify();
    assertThat(identity.mark()).isEqualTo("mark of demo");
    assertThat(identity.cluster()).isEqualTo(client().list("demo-etcd-0").cluster().toString());
    assertThat(observed().members())
        .extracting(ObservedEtcd.Member::name)
        .containsExactly("demo-etcd-0", "demo-etcd-1", "demo-etcd-2");
    assertThat(observed().leader()).isPresent();
    assertThat(registry.get("hcp.etcd.has.leader").gauge().value()).isEqualTo(1);
    assertThat(registry.get("hcp.etcd.members.healthy").gauge().value()).isEqualTo(3);
    assertThat(gauge("hcp.etcd.db.size", "demo-etcd-2")).isPositive();
    assertThat(gauge("hcp.etcd.db.quota", "demo-etcd-2")).isPositive();

    int before = woken.get();
    long looks = registry.get("hcp.etcd.looks").tag("result", "success").timer().count();
    etcd.put("busy", 200, 100);
    await()
        .atMost(SOON)
        .until(() ->
            registry.get("hcp.etcd.looks").tag("result", "success").timer().count() > looks + 5);
    assertThat(woken.get()).isEqualTo(before);
  }

  @Test
  void aMemberThatIsGoneIsNoticedAndSoIsItsReturn() {
    etcd = EtcdProcesses.start(3);
    var _ = identify();
    etcd.kill("demo-etcd-2");
    eventually(() -> observed().members().get(2).problem().isPresent());
    assertThat(observed().serves()).isTrue();
    assertThat(observed().members().get(2).problem().orElseThrow()).contains("demo-etcd-2");
    assertThat(observed().members().get(2).listed()).isTrue();
    etcd.kill("demo-etcd-1");
    eventually(() -> !observed().serves());
    assertThat(observed().trouble()).isPresent();
    assertThat(observed().reached()).isTrue();
    etcd.kill("demo-etcd-0");
    eventually(() -> !observed().reached());
    for (int i = 0; i < 3; i++) {
      etcd.restart("demo-etcd-" + i);
    }
    eventually(() -> observed().healthy());
    assertThat(observed().mark()).contains("mark of demo");
  }

  /** Members with the same names found a cluster of the same identity: only the mark is missing. */
  @Test
  void membersThatLostAllTheirDataAreNotTakenForTheOld() {
    etcd = EtcdProcesses.start(3);
    var identity = identify();
    for (int i = 0; i < 3; i++) {
      etcd.kill("demo-etcd-" + i);
      etcd.wipe("demo-etcd-" + i);
    }
    for (int i = 0; i < 3; i++) {
      etcd.restart("demo-etcd-" + i);
    }
    etcd.awaitReady();
    eventually(() -> observed().healthy() && observed().mark().isEmpty());
    assertThat(observed().cluster()).contains(identity.cluster());
    await()
        .during(QUIET)
        .atMost(SOON)
        .until(() -> client().read("demo-etcd-0", EtcdQuestions.MARK).value().isEmpty());
    keepUp(Optional.empty());
    eventually(() -> observed().mark().isPresent());
  }

  @Test
  void databasesThatAreMostlyFreeSpaceAreDefragmentedLeaderLast() {
    etcd = EtcdProcesses.start(3, "--quota-backend-bytes=" + 400 * MEBIBYTE);
    var identity = identify();
    keeper.keepUp(NAMESPACE, NAME, wanted(Optional.of(identity), Optional.empty(), false));
    etcd.put("bulk", 160, 1_000_000);
    etcd.delete("bulk", 160);
    var leader = observed().leader().orElseThrow();
    client().compact(leader, client().status(leader).revision());
    eventually(() -> {
      // Members count what is free when something is written.
      etcd.put("tick", 1, 10);
      return client().members().stream()
          .allMatch(m -> client().status(m).dbSizeInUse() < 10 * MEBIBYTE);
    });
    assertThat(client().members())
        .allMatch(m -> client().status(m).dbSize() > EtcdMaintenance.FLOOR);

    keepUp(Optional.of(identity));
    eventually(() ->
        client().members().stream().allMatch(m -> client().status(m).dbSize() < 10 * MEBIBYTE));
    eventually(() -> observed().healthy() && observed().defragmented().isPresent());
    assertThat(observed().leader()).isNotEqualTo(Optional.of(leader));
    assertThat(observed().identity()).contains(identity);
    assertThat(maintained("move_leader")).isEqualTo(1);
    eventually(() -> maintained("defragment") == 3);
  }

  private long maintained(String task) {
    return registry
        .get("hcp.etcd.maintenance")
        .tag("task", task)
        .tag("result", "success")
        .timer()
        .count();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aFullDatabaseIsEmptiedAndWritesGoOn(int members) {
    long quota = 32 * MEBIBYTE;
    etcd = EtcdProcesses.start(members, "--quota-backend-bytes=" + quota);
    var _ = identify();
    keeper.forget(NAMESPACE, NAME);
    for (int i = 0; i < SHORT_LIVED; i++) {
      etcd.put("short-lived-%d-".formatted(i), 1, 10);
    }
    for (int i = 0; i < 200 && client().alarms("demo-etcd-0").isEmpty(); i++) {
      try {
        etcd.put("full", 1, 1_000_000);
      } catch (IllegalStateException e) {
        assertThat(e).hasStackTraceContaining("database space exceeded");
      }
    }
    assertThat(client().alarms("demo-etcd-0")).isNotEmpty();
    keepUp(Optional.empty());
    eventually(() -> observed().members().stream().anyMatch(m -> m.alarms().contains("NOSPACE")));
    assertThat(client().alarms("demo-etcd-0"))
        .as("nothing is done to an unknown etcd")
        .isNotEmpty();
    keepUp(observed().identity());
    // etcd counts what compaction has freed when something is written after it. In a cluster events
    // and leases expire all the time.
    var expired = new AtomicInteger();
    eventually(() -> {
      etcd.delete("short-lived-%d-".formatted(expired.getAndIncrement() % SHORT_LIVED), 1);
      return observed().healthy();
    });
    assertThat(client().alarms("demo-etcd-0")).isEmpty();
    etcd.put("more", 1, 1_000);
    assertThat(registry.get("hcp.etcd.alarms").gauge().value()).isZero();
    assertThat(maintained("compact")).isEqualTo(1);
  }

  @Test
  void aMemberThatIsToBeReplacedHandsOverLeadership() {
    etcd = EtcdProcesses.start(3);
    var identity = identify();
    var leader = observed().leader().orElseThrow();
    keeper.keepUp(NAMESPACE, NAME, wanted(Optional.of(identity), Optional.of(leader)));
    eventually(() -> observed().leader().filter(now -> !now.equals(leader)).isPresent());
    assertThat(observed().healthy()).isTrue();
    assertThat(observed().pods()).isEqualTo(new ReadyPods(Map.of("demo-etcd-0", "uid")));
  }

  @Test
  void whatIsForgottenIsAskedNoMore() {
    etcd = EtcdProcesses.start(1);
    var _ = identify();
    keeper.forget(NAMESPACE, NAME);
    assertThat(keeper.last(NAMESPACE, NAME)).isEmpty();
    assertThat(registry.find("hcp.etcd.db.size").gauges()).isEmpty();
    int before = woken.get();
    etcd.kill("demo-etcd-0");
    await().during(QUIET).atMost(SOON).until(() -> woken.get() == before);
    assertThat(registry.find("hcp.etcd.has.leader").gauges()).isEmpty();
  }

  @Test
  void membersWithoutUsableCertificatesAreSaidToBeOutOfReach() {
    etcd = EtcdProcesses.start(1);
    var good = wanted(Optional.empty());
    keeper.keepUp(
        NAMESPACE,
        NAME,
        new KeepEtcd(
            new EtcdAccess(good.access().members(), "", "", ""),
            good.pods(),
            good.recorded(),
            good.mark(),
            good.maintained(),
            good.quota(),
            good.capacity(),
            Optional.of(Instant.EPOCH),
            Optional.of(Instant.EPOCH),
            MemberChanges.NONE));
    eventually(() -> !observed().reached());
    assertThat(observed().trouble().orElseThrow()).contains("certificates for etcd");
    keeper.keepUp(NAMESPACE, NAME, good);
    eventually(() -> observed().healthy());
  }
}
