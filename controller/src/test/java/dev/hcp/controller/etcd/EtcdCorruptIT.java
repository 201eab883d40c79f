package dev.hcp.controller.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.plan.Action.KeepEtcd;
import dev.hcp.controller.plan.EtcdIdentity;
import dev.hcp.controller.plan.MemberChanges;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.ReadyPods;
import dev.hcp.controller.telemetry.EtcdMeters;
import dev.hcp.controller.testing.EtcdProcesses;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real members whose databases are altered, which etcd finds out at the next compaction. */
class EtcdCorruptIT {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String NAMESPACE = "clusters";
  private static final String NAME = "demo";
  private static final int KEYS = 60;
  private static final String ALTERED = "altered0";
  private static final List<String> ALL = List.of("demo-etcd-0", "demo-etcd-1", "demo-etcd-2");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final EtcdClients clients =
      new EtcdClients(
          new EtcdClients.Deadlines(
              Duration.ofSeconds(3),
              Duration.ofMinutes(1),
              Duration.ofMinutes(1),
              Duration.ofSeconds(10)));
  private final EtcdKeeper keeper =
      new EtcdKeeper(
          clients,
          (_, _) -> {},
          new EtcdMeters(registry),
          new EtcdKeeper.Timing(
              Duration.ofMillis(100), Duration.ofMillis(400), Duration.ofMillis(200)),
          RandomGenerator.getDefault(),
          InstantSource.system());
  private EtcdProcesses etcd;
  private EtcdIdentity identity;

  private void start(int members) {
    // The gate is rendered; the time is a minute otherwise.
    etcd =
        EtcdProcesses.start(
            members, "--feature-gates=CompactHashCheck=true", "--compact-hash-check-time=1s");
    keepUp(Optional.empty(), MemberChanges.NONE);
    eventually(() -> observed().healthy() && observed().identity().isPresent());
    identity = observed().identity().orElseThrow();
    change(MemberChanges.NONE);
    etcd.found();
    etcd.put("key", KEYS, 300);
    etcd.put("altered", 1, 50);
  }

  @AfterEach
  void stop() {
    keeper.close();
    clients.close();
    if (etcd != null) {
      etcd.close();
    }
  }

  private void keepUp(Optional<EtcdIdentity> recorded, MemberChanges changes) {
    keeper.keepUp(
        NAMESPACE,
        NAME,
        new KeepEtcd(
            etcd.access(),
            new ReadyPods(Map.of()),
            recorded,
            "mark of demo",
            false,
            1L << 30,
            OptionalLong.empty(),
            Optional.empty(),
            Optional.empty(),
            changes));
  }

  private void change(MemberChanges changes) {
    keepUp(Optional.of(identity), changes);
  }

  private EtcdClient client() {
    return clients.of(NAMESPACE, NAME, etcd.access());
  }

  private ObservedEtcd observed() {
    return keeper.last(NAMESPACE, NAME).orElseThrow();
  }

  private ObservedEtcd.Member observed(String name) {
    return observed().members().stream()
        .filter(m -> m.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private ObservedEtcd.Corruption corruption() {
    return observed().corruption().orElseThrow();
  }

  private String leader() {
    eventually(() -> observed().leader().isPresent());
    return observed().leader().orElseThrow();
  }

  private List<String> followers() {
    var leader = leader();
    return etcd.names().stream().filter(name -> !name.equals(leader)).toList();
  }

  private static void eventually(Callable<Boolean> condition) {
    await().atMost(SOON).ignoreExceptions().until(condition);
  }

  private long done(String task) {
    return registry.find("hcp.etcd.maintenance").tag("task", task).timers().stream()
        .filter(timer -> "success".equals(timer.getId().getTag("result")))
        .mapToLong(timer -> timer.count())
        .sum();
  }

  private long looks() {
    return registry.find("hcp.etcd.looks").timers().stream().mapToLong(t -> t.count()).sum();
  }

  /** From now on a member has another value of a key than the others, and nobody knows. */
  private void alter(String name) {
    eventually(() -> etcd.isStored(name, ALTERED));
    etcd.kill(name);
    etcd.alter(name, ALTERED);
    etcd.restart(name);
    etcd.awaitReady();
    eventually(() -> observed().healthy());
    assertThat(client().hash(name, 0).hash()).isNotEqualTo(client().hash(leader(), 0).hash());
  }

  private void compact() {
    var leader = leader();
    client().compact(leader, client().status(leader).revision());
  }

  private void makeAnew(String name) {
    etcd.wipe(name);
    change(new MemberChanges(Set.of(name), Set.of(name), Optional.empty(), Optional.empty()));
    eventually(() -> observed(name).listed() && !observed(name).started());
    etcd.join(name, ALL);
    change(MemberChanges.NONE);
    eventually(() -> observed().healthy());
    assertThat(done("remove")).isEqualTo(1);
    assertThat(done("promote")).isEqualTo(1);
    assertThat(etcd.count("key")).isEqualTo(KEYS);
    assertThat(ALL.stream().map(member -> client().hash(member, 0).hash()).distinct()).hasSize(1);
    assertThat(client().alarms(leader())).isEmpty();
  }

  @Test
  void theOneThatDiffersIsRemovedAndMadeAnewAndTheAlarmTakenBack() {
    start(3);
    var name = followers().getFirst();
    var before = observed(name).id();
    alter(name);
    compact();
    var end = etcd.awaitEnd(name);
    assertThat(end.code()).as(end.words()).isZero();
    eventually(() -> observed().corruption().isEmpty());
    assertThat(done("disarm")).isEqualTo(1);
    assertThat(observed(name).listed()).isFalse();
    etcd.put("meanwhile", KEYS, 10);
    makeAnew(name);
    assertThat(observed(name).id()).isNotEqualTo(before);
    assertThat(observed().identity()).contains(identity);
    assertThat(etcd.count("meanwhile")).isEqualTo(KEYS);
  }

  @Test
  void aLeaderThatDiffersHandsOverFirst() {
    start(3);
    var name = followers().getFirst();
    alter(name);
    client().moveLeader(leader(), client().status(name).member());
    eventually(() -> observed().leader().equals(Optional.of(name)));
    compact();
    var end = etcd.awaitEnd(name);
    assertThat(end.code()).as(end.words()).isZero();
    assertThat(done("move_leader")).isPositive();
    eventually(() -> observed().corruption().isEmpty());
    makeAnew(name);
  }

  @Test
  void withoutAMajorityThatAgreesNothingIsDone() {
    start(2);
    alter(followers().getFirst());
    compact();
    eventually(() -> corruption().seen().isPresent());
    assertThat(corruption().differing()).isEmpty();
    assertThat(corruption().agreed()).isFalse();
    assertThat(corruption().seen().orElseThrow())
        .startsWith("the hash at revision ")
        .contains("of demo-etcd-0")
        .contains("of demo-etcd-1");
    assertThat(observed().serves()).as("it still reads").isTrue();
    assertThat(observed().healthy()).isFalse();
    assertThatThrownBy(() -> etcd.put("refused", 1, 10)).hasMessageContaining("corrupt");
    assertThat(etcd.count("key")).isEqualTo(KEYS);
    long before = looks();
    eventually(() -> looks() > before + 10);
    assertThat(done("remove") + done("disarm") + done("move_leader")).isZero();
  }

  @Test
  void whileAMemberDoesNotAnswerNothingIsDone() {
    start(3);
    var name = followers().getFirst();
    var silent = followers().getLast();
    alter(name);
    etcd.signal(silent, "STOP");
    try {
      compact();
      eventually(() -> corruption().seen().equals(Optional.of(silent + " does not answer")));
      long before = looks();
      eventually(() -> looks() > before + 3);
      assertThat(done("remove") + done("disarm") + done("move_leader")).isZero();
    } finally {
      etcd.signal(silent, "CONT");
    }
    var end = etcd.awaitEnd(name);
    assertThat(end.code()).as(end.words()).isZero();
    eventually(() -> observed().corruption().isEmpty());
    makeAnew(name);
  }
}
