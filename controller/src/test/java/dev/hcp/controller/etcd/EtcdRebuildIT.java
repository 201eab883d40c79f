package dev.hcp.controller.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.plan.Action.KeepEtcd;
import dev.hcp.controller.plan.EtcdIdentity;
import dev.hcp.controller.plan.MemberChanges;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.ReadyPods;
import dev.hcp.controller.telemetry.EtcdMeters;
import dev.hcp.controller.testing.EtcdProcesses;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real members that lose their data, join and leave, and what becomes of them. */
class EtcdRebuildIT {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String NAMESPACE = "clusters";
  private static final String NAME = "demo";
  private static final int KEYS = 60;
  private static final List<String> ALL = List.of("demo-etcd-0", "demo-etcd-1", "demo-etcd-2");

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
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
          (_, _) -> {},
          new EtcdMeters(registry),
          new EtcdKeeper.Timing(
              Duration.ofMillis(100), Duration.ofMillis(400), Duration.ofMillis(200)),
          RandomGenerator.getDefault(),
          InstantSource.system());
  private EtcdProcesses etcd;
  private EtcdIdentity identity;

  private void start(int members) {
    etcd = EtcdProcesses.start(members);
    keepUp(Optional.empty(), MemberChanges.NONE);
    eventually(() -> observed().healthy() && observed().identity().isPresent());
    identity = observed().identity().orElseThrow();
    etcd.found();
    etcd.put("key", KEYS, 300);
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

  private ObservedEtcd observed() {
    return keeper.last(NAMESPACE, NAME).orElseThrow();
  }

  private ObservedEtcd.Member observed(String name) {
    return observed().members().stream()
        .filter(m -> m.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private String follower() {
    eventually(() -> observed().leader().isPresent());
    var leader = observed().leader().orElseThrow();
    return ALL.stream().filter(name -> !name.equals(leader)).findFirst().orElseThrow();
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

  private static MemberChanges lost(String name) {
    return new MemberChanges(Set.of(name), Set.of(name), Optional.empty(), Optional.empty());
  }

  private void rebuild(String name) {
    change(lost(name));
    eventually(() -> observed(name).listed() && !observed(name).started());
    assertThat(done("remove")).isEqualTo(1);
    assertThat(done("add_learner")).isEqualTo(1);
    etcd.join(name, ALL);
    change(MemberChanges.NONE);
    eventually(() -> observed().healthy());
    assertThat(done("promote")).isEqualTo(1);
    assertThat(etcd.count("key")).isEqualTo(KEYS);
  }

  @Test
  void aMemberThatHasDataStartsWithoutBeingToldOfOthers() {
    start(3);
    var name = follower();
    etcd.kill(name);
    etcd.restart(name);
    etcd.awaitReady();
    eventually(() -> observed().healthy());
  }

  @Test
  void aMemberWithoutDataDoesNotStartAndIsMadeAnew() {
    start(3);
    var name = follower();
    var before = observed(name).id();
    etcd.kill(name);
    etcd.wipe(name);
    etcd.restart(name);
    var end = etcd.awaitEnd(name);
    assertThat(loss(end)).as(end.words()).contains(DataLoss.NO_DATA);
    etcd.put("key", KEYS, 200);
    rebuild(name);
    assertThat(observed(name).id()).isNotEqualTo(before);
    assertThat(observed().identity()).contains(identity);
  }

  @ParameterizedTest
  @EnumSource
  void aMemberThatCannotReadItsDataSaysSo(EtcdProcesses.Damage damage) {
    start(3);
    var name = follower();
    etcd.kill(name);
    etcd.damage(name, damage);
    etcd.restart(name);
    var end = etcd.awaitEnd(name);
    assertThat(loss(end)).as(end.words()).contains(DataLoss.UNREADABLE);
    assertThat(etcd.count("key")).as("by the others").isEqualTo(KEYS);
    etcd.wipe(name);
    rebuild(name);
  }

  @Test
  void aMemberThatWasRemovedEndsAndIsAddedOnceItsDataAreGone() {
    start(3);
    var name = follower();
    change(new MemberChanges(Set.of(), Set.of(), Optional.empty(), Optional.of(name)));
    eventually(() -> !observed(name).listed());
    var end = etcd.awaitEnd(name);
    assertThat(loss(end)).as(end.words()).contains(DataLoss.OF_REMOVED);
    change(MemberChanges.NONE);
    etcd.restart(name);
    var again = etcd.awaitEnd(name);
    assertThat(loss(again)).as(again.words()).contains(DataLoss.OF_REMOVED);
    etcd.wipe(name);
    rebuild(name);
  }

  @Test
  void withTheDataOfOneMemberTheClusterGoesOnAndTheOthersAreMadeAnew() {
    start(3);
    var survivor = follower();
    var others = ALL.stream().filter(name -> !name.equals(survivor)).toList();
    others.forEach(etcd::kill);
    others.forEach(etcd::wipe);
    eventually(() -> !observed().serves() && observed().reached());
    assertThat(observed().mostAdvanced()).contains(survivor);

    etcd.kill(survivor);
    etcd.goOnAlone(survivor);
    eventually(() -> observed().serves());
    assertThat(observed().members())
        .allMatch(member -> member.listed() == member.name().equals(survivor));
    assertThat(observed().identity()).contains(identity);
    etcd.put("later", 1, 10);
    for (var name : others) {
      change(lost(name));
      eventually(() -> observed(name).listed() && !observed(name).started());
      etcd.join(name, name.equals(others.getLast()) ? ALL : List.of(survivor, name));
      change(MemberChanges.NONE);
      eventually(() -> observed(name).healthy());
    }
    eventually(() -> observed().healthy());
    assertThat(etcd.count("key")).isEqualTo(KEYS);
    assertThat(etcd.count("later")).isEqualTo(1);
  }

  @Test
  void theLeaderLeavesOnlyAfterAnotherLeads() {
    start(3);
    eventually(() -> observed().leader().isPresent());
    var leader = observed().leader().orElseThrow();
    change(new MemberChanges(Set.of(), Set.of(), Optional.empty(), Optional.of(leader)));
    eventually(() -> !observed(leader).listed());
    assertThat(done("move_leader")).isPositive();
    assertThat(etcd.count("key")).isEqualTo(KEYS);
  }

  @Test
  void nobodyIsRemovedWhileTooFewOthersAreInOrder() {
    start(3);
    var leader = observed().leader().orElseThrow();
    var followers = ALL.stream().filter(name -> !name.equals(leader)).toList();
    etcd.kill(followers.getFirst());
    etcd.wipe(followers.getFirst());
    etcd.signal(followers.getLast(), "STOP");
    try {
      change(lost(followers.getFirst()));
      eventually(() -> !observed().serves());
    } finally {
      etcd.signal(followers.getLast(), "CONT");
    }
    assertThat(done("remove")).as("while nobody agreed").isZero();
    eventually(() -> done("remove") == 1);
    assertThat(etcd.count("key")).isEqualTo(KEYS);
  }

  @Test
  void aMemberThatIsCutOffIsLeftAloneAndIsInOrderAfterwards() {
    start(3);
    var name = follower();
    var before = observed(name).id();
    etcd.signal(name, "STOP");
    try {
      change(MemberChanges.NONE);
      eventually(() -> observed(name).problem().isPresent());
      assertThat(observed().serves()).isTrue();
      etcd.put("meanwhile", 20, 100);
    } finally {
      etcd.signal(name, "CONT");
    }
    eventually(() -> observed().healthy());
    assertThat(observed(name).id()).isEqualTo(before);
    assertThat(done("remove") + done("add_learner")).isZero();
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
                  etcd.put("write%d-".formatted(acknowledged.get()), 1, 100);
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
      while (etcd.names().size() < 5) {
        join();
      }
      while (etcd.names().size() > 3) {
        leave();
      }
      var written = writer.end();
      assertThat(written).isPositive();
      assertThat(etcd.count("write")).isEqualTo(written);
      assertThat(etcd.count("key")).isEqualTo(KEYS);
      assertThat(observed().identity()).contains(identity);
    }
  }

  private void join() {
    var before = System.nanoTime();
    var name = etcd.grow();
    change(lost(name));
    eventually(() -> observed(name).listed() && !observed(name).started());
    etcd.join(name, etcd.names());
    change(MemberChanges.NONE);
    eventually(() -> observed().healthy() && observed().members().size() == etcd.names().size());
    report("%s has joined", name, before);
  }

  private void leave() {
    var before = System.nanoTime();
    var name = etcd.names().getLast();
    change(new MemberChanges(Set.of(), Set.of(), Optional.empty(), Optional.of(name)));
    eventually(() -> !observed(name).listed());
    var _ = etcd.awaitEnd(name);
    etcd.shrink();
    change(MemberChanges.NONE);
    eventually(() -> observed().healthy() && observed().members().size() == etcd.names().size());
    report("%s has left", name, before);
  }

  private static void report(String what, String name, long since) {
    System.out.printf(
        what + " after %d ms%n", name, Duration.ofNanos(System.nanoTime() - since).toMillis());
  }
}
