package dev.hcp.controller.etcd;

import static dev.hcp.controller.etcd.WatchedEtcd.NAME;
import static dev.hcp.controller.etcd.WatchedEtcd.NAMESPACE;
import static dev.hcp.controller.etcd.WatchedEtcd.SOON;
import static dev.hcp.controller.etcd.WatchedEtcd.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.plan.Action.KeepEtcd;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.plan.EtcdIdentity;
import dev.hcp.controller.plan.MemberChanges;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.ReadyPods;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real etcd, looked at and maintained. */
class EtcdKeeperIT {
  private static final Duration QUIET = Duration.ofSeconds(3);
  private static final long MEBIBYTE = 1024L * 1024;

  private static final int SHORT_LIVED = 100;

  private final AtomicInteger woken = new AtomicInteger();
  private WatchedEtcd demo;

  private void start(int members, String... flags) {
    demo =
        WatchedEtcd.start(
            Duration.ofSeconds(10), (_, _) -> woken.incrementAndGet(), members, flags);
  }

  @AfterEach
  void stop() {
    if (demo != null) {
      demo.close();
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
    var access = demo.etcd.access();
    return new KeepEtcd(
        access,
        new ReadyPods(Map.of("demo-etcd-0", "uid")),
        recorded,
        WatchedEtcd.MARK,
        maintained,
        400 * MEBIBYTE,
        OptionalLong.of(20_000 * MEBIBYTE),
        Optional.empty(),
        Optional.empty(),
        new MemberChanges(Set.of(), Set.of(), retiring, Optional.empty()));
  }

  private void keepUp(Optional<EtcdIdentity> recorded) {
    demo.keepUp(wanted(recorded));
  }

  private EtcdIdentity identify() {
    var identity = demo.identify(wanted(Optional.empty()));
    keepUp(Optional.of(identity));
    return identity;
  }

  private double gauge(String meter, String member) {
    return demo.registry.get(meter).tag("member", member).gauge().value();
  }

  @Test
  void membersAreSeenAndWhatDoesNotMatterWakesNobody() {
    start(3);
    var identity = identify();
    assertThat(identity.mark()).isEqualTo("mark of demo");
    assertThat(identity.cluster())
        .isEqualTo(demo.client().list("demo-etcd-0").cluster().toString());
    assertThat(demo.observed().members())
        .extracting(ObservedEtcd.Member::name)
        .containsExactly("demo-etcd-0", "demo-etcd-1", "demo-etcd-2");
    assertThat(demo.observed().leader()).isPresent();
    assertThat(demo.registry.get("hcp.etcd.has.leader").gauge().value()).isEqualTo(1);
    assertThat(demo.registry.get("hcp.etcd.members.healthy").gauge().value()).isEqualTo(3);
    assertThat(gauge("hcp.etcd.db.size", "demo-etcd-2")).isPositive();
    assertThat(gauge("hcp.etcd.db.quota", "demo-etcd-2")).isPositive();

    int before = woken.get();
    long looks = demo.registry.get("hcp.etcd.looks").tag("result", "success").timer().count();
    demo.etcd.put("busy", 200, 100);
    await()
        .atMost(SOON)
        .until(() ->
            demo.registry.get("hcp.etcd.looks").tag("result", "success").timer().count()
                > looks + 5);
    assertThat(woken.get()).isEqualTo(before);
  }

  @Test
  void aMemberThatIsGoneIsNoticedAndSoIsItsReturn() {
    start(3);
    var _ = identify();
    demo.etcd.kill("demo-etcd-2");
    eventually(() -> demo.observed().members().get(2).problem().isPresent());
    assertThat(demo.observed().serves()).isTrue();
    assertThat(demo.observed().members().get(2).problem().orElseThrow()).contains("demo-etcd-2");
    assertThat(demo.observed().members().get(2).listed()).isTrue();
    demo.etcd.kill("demo-etcd-1");
    eventually(() -> !demo.observed().serves());
    assertThat(demo.observed().trouble()).isPresent();
    assertThat(demo.observed().reached()).isTrue();
    demo.etcd.kill("demo-etcd-0");
    eventually(() -> !demo.observed().reached());
    for (int i = 0; i < 3; i++) {
      demo.etcd.restart("demo-etcd-" + i);
    }
    eventually(() -> demo.observed().healthy());
    assertThat(demo.observed().mark()).contains("mark of demo");
  }

  /** Members with the same names found a cluster of the same identity: only the mark is missing. */
  @Test
  void membersThatLostAllTheirDataAreNotTakenForTheOld() {
    start(3);
    var identity = identify();
    for (int i = 0; i < 3; i++) {
      demo.etcd.kill("demo-etcd-" + i);
      demo.etcd.wipe("demo-etcd-" + i);
    }
    for (int i = 0; i < 3; i++) {
      demo.etcd.restart("demo-etcd-" + i);
    }
    demo.etcd.awaitReady();
    eventually(() -> demo.observed().healthy() && demo.observed().mark().isEmpty());
    assertThat(demo.observed().cluster()).contains(identity.cluster());
    await()
        .during(QUIET)
        .atMost(SOON)
        .until(() -> demo.client().read("demo-etcd-0", EtcdQuestions.MARK).value().isEmpty());
    keepUp(Optional.empty());
    eventually(() -> demo.observed().mark().isPresent());
  }

  @Test
  void databasesThatAreMostlyFreeSpaceAreDefragmentedLeaderLast() {
    start(3, "--quota-backend-bytes=" + 400 * MEBIBYTE);
    var identity = identify();
    demo.keepUp(wanted(Optional.of(identity), Optional.empty(), false));
    demo.etcd.put("bulk", 160, 1_000_000);
    demo.etcd.delete("bulk", 160);
    var leader = demo.observed().leader().orElseThrow();
    demo.client().compact(leader, demo.client().status(leader).revision());
    eventually(() -> {
      // Members count what is free when something is written.
      demo.etcd.put("tick", 1, 10);
      return demo.client().members().stream()
          .allMatch(m -> demo.client().status(m).dbSizeInUse() < 10 * MEBIBYTE);
    });
    assertThat(demo.client().members())
        .allMatch(m -> demo.client().status(m).dbSize() > EtcdMaintenance.FLOOR);

    keepUp(Optional.of(identity));
    eventually(() ->
        demo.client().members().stream()
            .allMatch(m -> demo.client().status(m).dbSize() < 10 * MEBIBYTE));
    eventually(() -> demo.observed().healthy() && demo.observed().defragmented().isPresent());
    assertThat(demo.observed().leader()).isNotEqualTo(Optional.of(leader));
    assertThat(demo.observed().identity()).contains(identity);
    assertThat(demo.done("move_leader")).isEqualTo(1);
    eventually(() -> demo.done("defragment") == 3);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aFullDatabaseIsEmptiedAndWritesGoOn(int members) {
    long quota = 32 * MEBIBYTE;
    start(members, "--quota-backend-bytes=" + quota);
    var _ = identify();
    demo.keeper.forget(NAMESPACE, NAME);
    for (int i = 0; i < SHORT_LIVED; i++) {
      demo.etcd.put("short-lived-%d-".formatted(i), 1, 10);
    }
    for (int i = 0; i < 200 && demo.client().alarms("demo-etcd-0").isEmpty(); i++) {
      try {
        demo.etcd.put("full", 1, 1_000_000);
      } catch (IllegalStateException e) {
        assertThat(e).hasStackTraceContaining("database space exceeded");
      }
    }
    assertThat(demo.client().alarms("demo-etcd-0")).isNotEmpty();
    keepUp(Optional.empty());
    eventually(
        () -> demo.observed().members().stream().anyMatch(m -> m.alarms().contains("NOSPACE")));
    assertThat(demo.client().alarms("demo-etcd-0"))
        .as("nothing is done to an unknown etcd")
        .isNotEmpty();
    keepUp(demo.observed().identity());
    // etcd counts what compaction has freed when something is written after it. In a cluster events
    // and leases expire all the time.
    var expired = new AtomicInteger();
    eventually(() -> {
      demo.etcd.delete("short-lived-%d-".formatted(expired.getAndIncrement() % SHORT_LIVED), 1);
      return demo.observed().healthy();
    });
    assertThat(demo.client().alarms("demo-etcd-0")).isEmpty();
    demo.etcd.put("more", 1, 1_000);
    assertThat(demo.registry.get("hcp.etcd.alarms").gauge().value()).isZero();
    assertThat(demo.done("compact")).isEqualTo(1);
  }

  @Test
  void aMemberThatIsToBeReplacedHandsOverLeadership() {
    start(3);
    var identity = identify();
    var leader = demo.observed().leader().orElseThrow();
    demo.keepUp(wanted(Optional.of(identity), Optional.of(leader)));
    eventually(() -> demo.observed().leader().filter(now -> !now.equals(leader)).isPresent());
    assertThat(demo.observed().healthy()).isTrue();
    assertThat(demo.observed().pods()).isEqualTo(new ReadyPods(Map.of("demo-etcd-0", "uid")));
  }

  @Test
  void whatIsForgottenIsAskedNoMore() {
    start(1);
    var _ = identify();
    demo.keeper.forget(NAMESPACE, NAME);
    assertThat(demo.keeper.last(NAMESPACE, NAME)).isEmpty();
    assertThat(demo.registry.find("hcp.etcd.db.size").gauges()).isEmpty();
    int before = woken.get();
    demo.etcd.kill("demo-etcd-0");
    await().during(QUIET).atMost(SOON).until(() -> woken.get() == before);
    assertThat(demo.registry.find("hcp.etcd.has.leader").gauges()).isEmpty();
  }

  @Test
  void membersWithoutUsableCertificatesAreSaidToBeOutOfReach() {
    start(1);
    var good = wanted(Optional.empty());
    demo.keepUp(
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
    eventually(() -> !demo.observed().reached());
    assertThat(demo.observed().trouble().orElseThrow()).contains("certificates for etcd");
    demo.keepUp(good);
    eventually(() -> demo.observed().healthy());
  }
}
