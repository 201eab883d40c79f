package dev.hcp.controller.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.plan.Action.KeepEtcd;
import dev.hcp.controller.plan.EtcdIdentity;
import dev.hcp.controller.plan.MemberChanges;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.ReadyPods;
import dev.hcp.controller.plan.Trigger;
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

/** Real members that a keeper watches. */
final class WatchedEtcd implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(90);
  static final String NAMESPACE = "clusters";
  static final String NAME = "demo";
  static final String MARK = "mark of demo";

  /** The names of three members. */
  static final List<String> ALL = List.of("demo-etcd-0", "demo-etcd-1", "demo-etcd-2");

  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final EtcdProcesses etcd;
  final EtcdKeeper keeper;
  private final EtcdClients clients;
  private Optional<EtcdIdentity> identity = Optional.empty();

  private WatchedEtcd(Duration request, Trigger trigger, EtcdProcesses etcd) {
    this.etcd = etcd;
    this.clients =
        new EtcdClients(
            new EtcdClients.Deadlines(
                request, Duration.ofMinutes(1), Duration.ofMinutes(1), Duration.ofSeconds(10)));
    this.keeper =
        new EtcdKeeper(
            clients,
            trigger,
            new EtcdMeters(registry),
            new EtcdKeeper.Timing(
                Duration.ofMillis(100), Duration.ofMillis(400), Duration.ofMillis(200)),
            RandomGenerator.getDefault(),
            InstantSource.system());
  }

  /**
   * Starts members, which nobody watches before the keeper is told to.
   *
   * @param request how long one may take
   * @param trigger is told when what is known changes
   * @param flags that the members get in addition
   */
  static WatchedEtcd start(Duration request, Trigger trigger, int members, String... flags) {
    return new WatchedEtcd(request, trigger, EtcdProcesses.start(members, flags));
  }

  /** Has them watched until all is in order and it is known who they are. */
  EtcdIdentity identify() {
    return identify(wanted(Optional.empty(), MemberChanges.NONE));
  }

  /** The same with what is wanted of an etcd that is not known yet. */
  EtcdIdentity identify(KeepEtcd wanted) {
    keepUp(wanted);
    eventually(() -> observed().healthy() && observed().identity().isPresent());
    identity = observed().identity();
    return identity();
  }

  /** What they were identified as. */
  EtcdIdentity identity() {
    return identity.orElseThrow();
  }

  void keepUp(KeepEtcd wanted) {
    keeper.keepUp(NAMESPACE, NAME, wanted);
  }

  /** Has members changed of the etcd that was identified. */
  void change(MemberChanges changes) {
    keepUp(wanted(Optional.of(identity()), changes));
  }

  private KeepEtcd wanted(Optional<EtcdIdentity> recorded, MemberChanges changes) {
    return new KeepEtcd(
        etcd.access(),
        new ReadyPods(Map.of()),
        recorded,
        MARK,
        false,
        1L << 30,
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty(),
        changes);
  }

  EtcdClient client() {
    return clients.of(NAMESPACE, NAME, etcd.access());
  }

  ObservedEtcd observed() {
    return keeper.last(NAMESPACE, NAME).orElseThrow();
  }

  ObservedEtcd.Member observed(String name) {
    return observed().members().stream()
        .filter(m -> m.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  String leader() {
    eventually(() -> observed().leader().isPresent());
    return observed().leader().orElseThrow();
  }

  List<String> followers() {
    var leader = leader();
    return etcd.names().stream().filter(name -> !name.equals(leader)).toList();
  }

  static void eventually(Callable<Boolean> condition) {
    await().atMost(SOON).ignoreExceptions().until(condition);
  }

  /** How often a task of maintenance has succeeded. */
  long done(String task) {
    return registry.find("hcp.etcd.maintenance").tag("task", task).timers().stream()
        .filter(timer -> "success".equals(timer.getId().getTag("result")))
        .mapToLong(timer -> timer.count())
        .sum();
  }

  long looks() {
    return registry.find("hcp.etcd.looks").timers().stream().mapToLong(t -> t.count()).sum();
  }

  /** Has one of three members, which has no data, removed and joins it again. */
  void makeAnew(String name) {
    change(lost(name));
    eventually(() -> observed(name).listed() && !observed(name).started());
    assertThat(done("remove")).isEqualTo(1);
    assertThat(done("add_learner")).isEqualTo(1);
    etcd.join(name, ALL);
    change(MemberChanges.NONE);
    eventually(() -> observed().healthy());
    assertThat(done("promote")).isEqualTo(1);
  }

  /** A member has no data any more. */
  static MemberChanges lost(String name) {
    return new MemberChanges(Set.of(name), Set.of(name), Optional.empty(), Optional.empty());
  }

  @Override
  public void close() {
    keeper.close();
    clients.close();
    etcd.close();
  }
}
