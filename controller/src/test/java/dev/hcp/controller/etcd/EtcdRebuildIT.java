package dev.hcp.controller.etcd;

import static dev.hcp.controller.etcd.WatchedEtcd.ALL;
import static dev.hcp.controller.etcd.WatchedEtcd.eventually;
import static dev.hcp.controller.etcd.WatchedEtcd.lost;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.plan.MemberChanges;
import dev.hcp.controller.testing.EtcdProcesses;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real members that lose their data, join and leave, and what becomes of them. */
class EtcdRebuildIT {
  private static final int KEYS = 60;

  private WatchedEtcd demo;

  private void start(int members) {
    demo = WatchedEtcd.start(Duration.ofSeconds(10), (_, _) -> {}, members);
    var _ = demo.identify();
    demo.etcd.found();
    demo.etcd.put("key", KEYS, 300);
  }

  @AfterEach
  void stop() {
    if (demo != null) {
      demo.close();
    }
  }

  private static Optional<DataLoss> loss(EtcdProcesses.End end) {
    return DataLoss.of(pod(end));
  }

  private static Pod pod(EtcdProcesses.End end) {
    return new PodBuilder()
        .withNewStatus()
        .addNewContainerStatus()
        .withName("etcd")
        .withNewLastState()
        .withNewTerminated()
        .withExitCode(end.code())
        .withMessage(end.words())
        .endTerminated()
        .endLastState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  private void rebuild(String name) {
    demo.makeAnew(name);
    assertThat(demo.etcd.count("key")).isEqualTo(KEYS);
  }

  @Test
  void aMemberThatHasDataStartsWithoutBeingToldOfOthers() {
    start(3);
    var name = demo.followers().getFirst();
    demo.etcd.kill(name);
    demo.etcd.restart(name);
    demo.etcd.awaitReady();
    eventually(() -> demo.observed().healthy());
  }

  @Test
  void aMemberWithoutDataDoesNotStartAndIsMadeAnew() {
    start(3);
    var name = demo.followers().getFirst();
    var before = demo.observed(name).id();
    demo.etcd.kill(name);
    demo.etcd.wipe(name);
    demo.etcd.restart(name);
    var end = demo.etcd.awaitEnd(name);
    assertThat(loss(end)).as(end.words()).contains(DataLoss.NO_DATA);
    demo.etcd.put("key", KEYS, 200);
    rebuild(name);
    assertThat(demo.observed(name).id()).isNotEqualTo(before);
    assertThat(demo.observed().identity()).contains(demo.identity());
  }

  @ParameterizedTest
  @EnumSource
  void aMemberThatCannotReadItsDataSaysSo(EtcdProcesses.Damage damage) {
    start(3);
    var name = demo.followers().getFirst();
    demo.etcd.kill(name);
    demo.etcd.damage(name, damage);
    demo.etcd.restart(name);
    var end = demo.etcd.awaitEnd(name);
    assertThat(loss(end)).as(end.words()).contains(DataLoss.UNREADABLE);
    assertThat(demo.etcd.count("key")).as("by the others").isEqualTo(KEYS);
    demo.etcd.wipe(name);
    rebuild(name);
  }

  @Test
  void aMemberThatWasRemovedEndsAndIsAddedOnceItsDataAreGone() {
    start(3);
    var name = demo.followers().getFirst();
    demo.change(new MemberChanges(Set.of(), Set.of(), Optional.empty(), Optional.of(name)));
    eventually(() -> !demo.observed(name).listed());
    var end = demo.etcd.awaitEnd(name);
    assertThat(loss(end)).as(end.words()).contains(DataLoss.OF_REMOVED);
    demo.change(MemberChanges.NONE);
    demo.etcd.restart(name);
    var again = demo.etcd.awaitEnd(name);
    assertThat(loss(again)).as(again.words()).contains(DataLoss.OF_REMOVED);
    demo.etcd.wipe(name);
    rebuild(name);
  }

  @Test
  void withTheDataOfOneMemberTheClusterGoesOnAndTheOthersAreMadeAnew() {
    start(3);
    var survivor = demo.followers().getFirst();
    var others = ALL.stream().filter(name -> !name.equals(survivor)).toList();
    others.forEach(demo.etcd::kill);
    others.forEach(demo.etcd::wipe);
    eventually(() -> !demo.observed().serves() && demo.observed().reached());
    assertThat(demo.observed().mostAdvanced()).contains(survivor);

    demo.etcd.kill(survivor);
    demo.etcd.goOnAlone(survivor);
    eventually(() -> demo.observed().serves());
    assertThat(demo.observed().members())
        .allMatch(member -> member.listed() == member.name().equals(survivor));
    assertThat(demo.observed().identity()).contains(demo.identity());
    demo.etcd.put("later", 1, 10);
    for (var name : others) {
      demo.change(lost(name));
      eventually(() -> demo.observed(name).listed() && !demo.observed(name).started());
      demo.etcd.join(name, name.equals(others.getLast()) ? ALL : List.of(survivor, name));
      demo.change(MemberChanges.NONE);
      eventually(() -> demo.observed(name).healthy());
    }
    eventually(() -> demo.observed().healthy());
    assertThat(demo.etcd.count("key")).isEqualTo(KEYS);
    assertThat(demo.etcd.count("later")).isEqualTo(1);
  }

  @Test
  void theLeaderLeavesOnlyAfterAnotherLeads() {
    start(3);
    var leader = demo.leader();
    demo.change(new MemberChanges(Set.of(), Set.of(), Optional.empty(), Optional.of(leader)));
    eventually(() -> !demo.observed(leader).listed());
    assertThat(demo.done("move_leader")).isPositive();
    assertThat(demo.etcd.count("key")).isEqualTo(KEYS);
  }

  @Test
  void nobodyIsRemovedWhileTooFewOthersAreInOrder() {
    start(3);
    var followers = demo.followers();
    demo.etcd.kill(followers.getFirst());
    demo.etcd.wipe(followers.getFirst());
    demo.etcd.signal(followers.getLast(), "STOP");
    try {
      demo.change(lost(followers.getFirst()));
      eventually(() -> !demo.observed().serves());
    } finally {
      demo.etcd.signal(followers.getLast(), "CONT");
    }
    assertThat(demo.done("remove")).as("while nobody agreed").isZero();
    eventually(() -> demo.done("remove") == 1);
    assertThat(demo.etcd.count("key")).isEqualTo(KEYS);
  }

  @Test
  void aMemberThatIsCutOffIsLeftAloneAndIsInOrderAfterwards() {
    start(3);
    var name = demo.followers().getFirst();
    var before = demo.observed(name).id();
    demo.etcd.signal(name, "STOP");
    try {
      demo.change(MemberChanges.NONE);
      eventually(() -> demo.observed(name).problem().isPresent());
      assertThat(demo.observed().serves()).isTrue();
      demo.etcd.put("meanwhile", 20, 100);
    } finally {
      demo.etcd.signal(name, "CONT");
    }
    eventually(() -> demo.observed().healthy());
    assertThat(demo.observed(name).id()).isEqualTo(before);
    assertThat(demo.done("remove") + demo.done("add_learner")).isZero();
  }

  /** What is written all the time meanwhile. */
  private final class Writer implements AutoCloseable {
    private final AtomicBoolean writing = new AtomicBoolean(true);
    private final AtomicInteger acknowledged = new AtomicInteger();
    private final Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              while (writing.get()) {
                try {
                  demo.etcd.put("write%d-".formatted(acknowledged.get()), 1, 100);
                  acknowledged.incrementAndGet();
                } catch (IllegalStateException _) {
                  // Not acknowledged: the same key is written again.
                }
              }
            });

    /** Number of writes that were acknowledged, after the last of which nothing is written. */
    int end() throws InterruptedException {
      writing.set(false);
      thread.join();
      return acknowledged.get();
    }

    @Override
    public void close() {
      writing.set(false);
    }
  }

  @Test
  void membersJoinAndLeaveWhileSomebodyWrites() throws InterruptedException {
    start(1);
    try (var writer = new Writer()) {
      while (demo.etcd.names().size() < 5) {
        join();
      }
      while (demo.etcd.names().size() > 3) {
        leave();
      }
      var written = writer.end();
      assertThat(written).isPositive();
      assertThat(demo.etcd.count("write")).isEqualTo(written);
      assertThat(demo.etcd.count("key")).isEqualTo(KEYS);
      assertThat(demo.observed().identity()).contains(demo.identity());
    }
  }

  private void join() {
    var before = System.nanoTime();
    var name = demo.etcd.grow();
    demo.change(lost(name));
    eventually(() -> demo.observed(name).listed() && !demo.observed(name).started());
    demo.etcd.join(name, demo.etcd.names());
    demo.change(MemberChanges.NONE);
    eventually(() ->
        demo.observed().healthy() && demo.observed().members().size() == demo.etcd.names().size());
    report("%s has joined", name, before);
  }

  private void leave() {
    var before = System.nanoTime();
    var name = demo.etcd.names().getLast();
    demo.change(new MemberChanges(Set.of(), Set.of(), Optional.empty(), Optional.of(name)));
    eventually(() -> !demo.observed(name).listed());
    var _ = demo.etcd.awaitEnd(name);
    demo.etcd.shrink();
    demo.change(MemberChanges.NONE);
    eventually(() ->
        demo.observed().healthy() && demo.observed().members().size() == demo.etcd.names().size());
    report("%s has left", name, before);
  }

  private static void report(String what, String name, long since) {
    System.out.printf(
        what + " after %d ms%n", name, Duration.ofNanos(System.nanoTime() - since).toMillis());
  }
}
