package dev.hcp.controller.etcd;

import static dev.hcp.controller.etcd.WatchedEtcd.ALL;
import static dev.hcp.controller.etcd.WatchedEtcd.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.controller.plan.MemberChanges;
import dev.hcp.controller.plan.ObservedEtcd;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real members whose databases are altered, which etcd finds out at the next compaction. */
class EtcdCorruptIT {
  private static final int KEYS = 60;
  private static final String ALTERED = "altered0";

  private WatchedEtcd demo;

  private void start(int members) {
    // The gate is rendered; the time is a minute otherwise.
    demo =
        WatchedEtcd.start(
            Duration.ofSeconds(3),
            (_, _) -> {},
            members,
            "--feature-gates=CompactHashCheck=true",
            "--compact-hash-check-time=1s");
    var _ = demo.identify();
    demo.change(MemberChanges.NONE);
    demo.etcd.found();
    demo.etcd.put("key", KEYS, 300);
    demo.etcd.put("altered", 1, 50);
  }

  @AfterEach
  void stop() {
    if (demo != null) {
      demo.close();
    }
  }

  private ObservedEtcd.Corruption corruption() {
    return demo.observed().corruption().orElseThrow();
  }

  /** From now on a member has another value of a key than the others, and nobody knows. */
  private void alter(String name) {
    eventually(() -> demo.etcd.isStored(name, ALTERED));
    demo.etcd.kill(name);
    demo.etcd.alter(name, ALTERED);
    demo.etcd.restart(name);
    demo.etcd.awaitReady();
    eventually(() -> demo.observed().healthy());
    assertThat(demo.client().hash(name, 0).hash())
        .isNotEqualTo(demo.client().hash(demo.leader(), 0).hash());
  }

  private void compact() {
    var leader = demo.leader();
    demo.client().compact(leader, demo.client().status(leader).revision());
  }

  private void makeAnew(String name) {
    demo.etcd.wipe(name);
    demo.makeAnew(name);
    assertThat(demo.etcd.count("key")).isEqualTo(KEYS);
    assertThat(ALL.stream().map(member -> demo.client().hash(member, 0).hash()).distinct())
        .hasSize(1);
    assertThat(demo.client().alarms(demo.leader())).isEmpty();
  }

  @Test
  void theOneThatDiffersIsRemovedAndMadeAnewAndTheAlarmTakenBack() {
    start(3);
    var name = demo.followers().getFirst();
    var before = demo.observed(name).id();
    alter(name);
    compact();
    var end = demo.etcd.awaitEnd(name);
    assertThat(end.code()).as(end.words()).isZero();
    eventually(() -> demo.observed().corruption().isEmpty());
    assertThat(demo.done("disarm")).isEqualTo(1);
    assertThat(demo.observed(name).listed()).isFalse();
    demo.etcd.put("meanwhile", KEYS, 10);
    makeAnew(name);
    assertThat(demo.observed(name).id()).isNotEqualTo(before);
    assertThat(demo.observed().identity()).contains(demo.identity());
    assertThat(demo.etcd.count("meanwhile")).isEqualTo(KEYS);
  }

  @Test
  void aLeaderThatDiffersHandsOverFirst() {
    start(3);
    var name = demo.followers().getFirst();
    alter(name);
    demo.client().moveLeader(demo.leader(), demo.client().status(name).member());
    eventually(() -> demo.observed().leader().equals(Optional.of(name)));
    compact();
    var end = demo.etcd.awaitEnd(name);
    assertThat(end.code()).as(end.words()).isZero();
    assertThat(demo.done("move_leader")).isPositive();
    eventually(() -> demo.observed().corruption().isEmpty());
    makeAnew(name);
  }

  @Test
  void withoutAMajorityThatAgreesNothingIsDone() {
    start(2);
    alter(demo.followers().getFirst());
    compact();
    eventually(() -> corruption().seen().isPresent());
    assertThat(corruption().differing()).isEmpty();
    assertThat(corruption().agreed()).isFalse();
    assertThat(corruption().seen().orElseThrow())
        .startsWith("the hash at revision ")
        .contains("of demo-etcd-0")
        .contains("of demo-etcd-1");
    assertThat(demo.observed().serves()).as("it still reads").isTrue();
    assertThat(demo.observed().healthy()).isFalse();
    assertThatThrownBy(() -> demo.etcd.put("refused", 1, 10)).hasMessageContaining("corrupt");
    assertThat(demo.etcd.count("key")).isEqualTo(KEYS);
    long before = demo.looks();
    eventually(() -> demo.looks() > before + 10);
    assertThat(demo.done("remove") + demo.done("disarm") + demo.done("move_leader")).isZero();
  }

  @Test
  void whileAMemberDoesNotAnswerNothingIsDone() {
    start(3);
    var name = demo.followers().getFirst();
    var silent = demo.followers().getLast();
    alter(name);
    demo.etcd.signal(silent, "STOP");
    try {
      compact();
      eventually(() -> corruption().seen().equals(Optional.of(silent + " does not answer")));
      long before = demo.looks();
      eventually(() -> demo.looks() > before + 3);
      assertThat(demo.done("remove") + demo.done("disarm") + demo.done("move_leader")).isZero();
    } finally {
      demo.etcd.signal(silent, "CONT");
    }
    var end = demo.etcd.awaitEnd(name);
    assertThat(end.code()).as(end.words()).isZero();
    eventually(() -> demo.observed().corruption().isEmpty());
    makeAnew(name);
  }
}
