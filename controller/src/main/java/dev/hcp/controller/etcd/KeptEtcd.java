package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.Action.KeepEtcd;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.ObservedEtcd.Corruption;
import dev.hcp.controller.retry.Backoff;
import dev.hcp.controller.retry.Recurring;
import dev.hcp.controller.telemetry.EtcdMeters;
import dev.hcp.controller.telemetry.EtcdMeters.LookResult;
import dev.hcp.controller.telemetry.Spans;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The etcd of one control plane: what is known of it, and when to look again. */
final class KeptEtcd {
  private static final Logger LOG = LoggerFactory.getLogger(KeptEtcd.class);

  /** Members read all of their data each time that these are compared. */
  private static final Duration COMPARISON_PAUSE = Duration.ofMinutes(1);

  private final String namespace;
  private final String name;
  private final EtcdKeeper.Shared shared;
  private final Recurring looks;

  private KeepEtcd wanted;
  private @Nullable ObservedEtcd last;

  /** Only the one look that is under way uses what follows. */
  private EtcdObserver observer = new EtcdObserver();

  private Set<String> members = Set.of();

  private final Map<String, Instant> tried = new HashMap<>();
  private Optional<Instant> compacted = Optional.empty();
  private Optional<Instant> defragmented;
  private Optional<Instant> defragmentationTried;
  private Optional<Compared> compared = Optional.empty();
  private EtcdId leader = EtcdId.NONE;
  private int fruitless;
  private boolean begun;

  /** Nothing is asked before {@link #want}. */
  KeptEtcd(String namespace, String name, KeepEtcd wanted, EtcdKeeper.Shared shared) {
    this.namespace = namespace;
    this.name = name;
    this.shared = shared;
    this.looks =
        new Recurring(
            shared.pool(),
            shared.timing().longest(),
            () -> Spans.trace("Look at etcd", namespace, name, this::lookAndMaintain),
            this::release);
    this.wanted = wanted;
    this.defragmented = wanted.defragmented();
    this.defragmentationTried = wanted.defragmentationTried();
    // Which members were tried is not known, so none is tried again too soon.
    wanted
        .defragmentationTried()
        .ifPresent(
            time -> wanted.access().members().forEach(member -> tried.put(member.member(), time)));
  }

  /** What one look came to. */
  private record Looked(EtcdLook look, ObservedEtcd observed, LookResult result) {
    Looked with(Corruption corruption) {
      return new Looked(look, observed.with(corruption), result);
    }
  }

  /**
   * A comparison of the members' data.
   *
   * @param look on which it rests
   */
  private record Compared(Instant time, EtcdLook look, Corruption result) {
    boolean holds(EtcdLook now, Instant at) {
      return time.plus(COMPARISON_PAUSE).isAfter(at)
          && now.list().equals(look.list())
          && Set.copyOf(now.alarms()).equals(Set.copyOf(look.alarms()))
          && now.answers().keySet().equals(look.answers().keySet());
    }
  }

  synchronized Optional<ObservedEtcd> last() {
    return Optional.ofNullable(last);
  }

  /** From now on keeps this up. */
  synchronized void want(KeepEtcd now) {
    if (!begun || !now.equals(wanted)) {
      begun = true;
      wanted = now;
      looks.wake(Duration.ZERO);
    }
  }

  /** Makes no further request, and breaks off what is under way. */
  void stop() {
    release();
    looks.stop();
  }

  /** Once more after the last look: what was under way may have opened them anew. */
  private void release() {
    shared.clients().forget(namespace, name);
    shared.meters().forget(namespace, name);
  }

  private synchronized KeepEtcd wanted() {
    return wanted;
  }

  /** Looks once, does the next thing that is due, and says after which time to look again. */
  private Duration lookAndMaintain() throws InterruptedException {
    var now = wanted();
    var start = System.nanoTime();
    shared.looks().acquire();
    Looked looked;
    try {
      looked = look(now);
    } catch (RuntimeException e) {
      shared.meters().look(LookResult.ERROR, since(start));
      problem(e);
      return retry();
    } finally {
      shared.looks().release();
    }
    shared.meters().look(looked.result(), since(start));
    looked = examine(now, looked);
    publish(looked.observed());
    if (maintain(now, looked)) {
      fruitless = 0;
      return shared.timing().first();
    }
    if (looked.result() != LookResult.SUCCESS) {
      return retry();
    }
    fruitless = 0;
    return Backoff.spread(shared.timing().settled(), shared.random());
  }

  private Looked look(KeepEtcd now) throws InterruptedException {
    var names =
        now.access().members().stream()
            .map(EtcdAccess.Endpoint::member)
            .collect(Collectors.toUnmodifiableSet());
    if (Collections.disjoint(names, members)) {
      // Another cluster, of which nothing is known.
      observer = new EtcdObserver();
      leader = EtcdId.NONE;
    }
    members = names;
    var look = new EtcdQuestions(namespace, name, shared).ask(now);
    var observed = observer.sum(look, now, defragmented, defragmentationTried);
    publishFigures(look, observed, now);
    var result =
        look.answers().isEmpty()
            ? LookResult.UNREACHABLE
            : look.isSound() && observed.healthy() ? LookResult.SUCCESS : LookResult.TROUBLE;
    return new Looked(look, observed, result);
  }

  /** While etcd says that data differ, finds out whose. What was found out says so for a while. */
  private Looked examine(KeepEtcd now, Looked looked) {
    if (looked.observed().corruption().isEmpty()) {
      compared = Optional.empty();
      return looked;
    }
    var look = looked.look();
    if (look.isCorrupt()
        && compared.filter(known -> known.holds(look, shared.clock().instant())).isEmpty()
        && shared.maintenance().tryAcquire()) {
      try {
        if (compared.isEmpty()) {
          // It may take a while.
          publish(looked.observed());
        }
        var result = compare(now, look);
        compared = Optional.of(new Compared(shared.clock().instant(), look, result));
      } finally {
        shared.maintenance().release();
      }
    }
    return compared.map(known -> looked.with(known.result())).orElse(looked);
  }

  private Corruption compare(KeepEtcd now, EtcdLook look) {
    Corruption result;
    try {
      result = EtcdComparison.compare(shared.clients().of(namespace, name, now.access()), look);
    } catch (EtcdException e) {
      result = Corruption.undecided(String.valueOf(e.getMessage()));
    }
    LOG.atWarn()
        .addKeyValue("namespace", namespace)
        .addKeyValue("name", name)
        .log("etcd says that the data of its members differ: {}", result.seen().orElse(""));
    return result;
  }

  private void publishFigures(EtcdLook look, ObservedEtcd observed, KeepEtcd now) {
    var databases = new HashMap<String, EtcdMeters.Database>();
    look.answers()
        .forEach((member, answer) ->
            databases.put(
                member,
                new EtcdMeters.Database(
                    answer.dbSize(), answer.dbSizeInUse(), answer.quota().orElse(now.quota()))));
    var found = look.leader().flatMap(look::answer).map(MemberStatus::member).orElse(EtcdId.NONE);
    if (looks.isStopped()) {
      return;
    }
    shared
        .meters()
        .publish(
            namespace,
            name,
            new EtcdMeters.Figures(
                found.exists(),
                look.wanted().size(),
                (int) observed.members().stream().filter(ObservedEtcd.Member::healthy).count(),
                look.alarms().size(),
                databases));
    if (leader.exists() && found.exists() && !leader.equals(found)) {
      shared.meters().leaderChanged(namespace, name);
    }
    if (found.exists()) {
      leader = found;
    }
  }

  private void publish(ObservedEtcd found) {
    boolean changed;
    synchronized (this) {
      changed = !looks.isStopped() && !found.equals(last);
      last = found;
    }
    if (changed) {
      shared.trigger().reconcile(namespace, name);
    }
  }

  /** Does the next thing that is due; whether there was any. */
  private boolean maintain(KeepEtcd now, Looked looked) {
    var identity = looked.observed().identity();
    if (identity.isEmpty() || !identity.equals(now.recorded())) {
      return false;
    }
    var task = looked.look().isCorrupt() ? isolate(looked) : nextInOrder(now, looked.look());
    if (task.isEmpty() || !shared.maintenance().tryAcquire()) {
      return false;
    }
    try {
      return perform(now, task.get(), looked);
    } finally {
      shared.maintenance().release();
    }
  }

  /** Evidence from another look than this is none: members have come or gone since. */
  private Optional<EtcdMaintenance.Task> isolate(Looked looked) {
    return compared
        .filter(known -> known.holds(looked.look(), shared.clock().instant()))
        .flatMap(known -> EtcdIsolation.next(looked.look(), known.result()));
  }

  private Optional<EtcdMaintenance.Task> nextInOrder(KeepEtcd now, EtcdLook look) {
    return EtcdMaintenance.handOver(look, now.changes().retiring())
        .or(() -> EtcdMemberChange.next(look, now.changes()))
        .or(() -> now.maintained() ? next(now, look) : Optional.empty());
  }

  private Optional<EtcdMaintenance.Task> next(KeepEtcd now, EtcdLook look) {
    return EtcdMaintenance.next(
        look,
        new EtcdMaintenance.Limits(now.quota(), now.capacity()),
        new EtcdMaintenance.History(tried, compacted),
        shared.clock().instant());
  }

  private boolean perform(KeepEtcd now, EtcdMaintenance.Task task, Looked looked) {
    var log = LOG.atInfo().addKeyValue("namespace", namespace).addKeyValue("name", name);
    log.log("etcd: {}", task);
    var time = shared.clock().instant();
    switch (task) {
      case EtcdMaintenance.Task.Compact _ -> compacted = Optional.of(time);
      case EtcdMaintenance.Task.Defragment(var member) -> {
        tried.put(member, time);
        defragmentationTried = Optional.of(time);
        publish(with(looked.observed()));
      }
      case EtcdMaintenance.Task.MoveLeader _,
          EtcdMaintenance.Task.Disarm _,
          EtcdMaintenance.Task.AddLearner _,
          EtcdMaintenance.Task.Promote _,
          EtcdMaintenance.Task.Remove _ -> {}
    }
    var start = System.nanoTime();
    try {
      perform(shared.clients().of(namespace, name, now.access()), task);
    } catch (EtcdException e) {
      shared.meters().maintenance(label(task), false, since(start));
      LOG.atWarn()
          .addKeyValue("namespace", namespace)
          .addKeyValue("name", name)
          .log("etcd: {} failed: {}", task, e.getMessage());
      return false;
    }
    shared.meters().maintenance(label(task), true, since(start));
    if (task instanceof EtcdMaintenance.Task.Defragment) {
      defragmented = Optional.of(shared.clock().instant());
    }
    return true;
  }

  private static void perform(EtcdClient client, EtcdMaintenance.Task task) {
    switch (task) {
      case EtcdMaintenance.Task.Compact(var member, var revision) ->
          client.compact(member, revision);
      case EtcdMaintenance.Task.Defragment(var member) -> client.defragment(member);
      case EtcdMaintenance.Task.MoveLeader(var member, _, var successor) ->
          client.moveLeader(member, successor);
      case EtcdMaintenance.Task.Disarm(var member, var alarm) -> client.disarm(member, alarm);
      case EtcdMaintenance.Task.AddLearner(var member, _, var url) ->
          client.addLearner(member, url);
      case EtcdMaintenance.Task.Promote(var member, _, var id) -> client.promote(member, id);
      case EtcdMaintenance.Task.Remove(var member, _, var id) -> client.remove(member, id);
    }
  }

  private static String label(EtcdMaintenance.Task task) {
    return switch (task) {
      case EtcdMaintenance.Task.Compact _ -> "compact";
      case EtcdMaintenance.Task.Defragment _ -> "defragment";
      case EtcdMaintenance.Task.MoveLeader _ -> "move_leader";
      case EtcdMaintenance.Task.Disarm _ -> "disarm";
      case EtcdMaintenance.Task.AddLearner _ -> "add_learner";
      case EtcdMaintenance.Task.Promote _ -> "promote";
      case EtcdMaintenance.Task.Remove _ -> "remove";
    };
  }

  private ObservedEtcd with(ObservedEtcd observed) {
    return new ObservedEtcd(
        observed.serves(),
        observed.trouble(),
        observed.cluster(),
        observed.mark(),
        observed.leader(),
        observed.mostAdvanced(),
        observed.members(),
        observed.strangers(),
        defragmented,
        defragmentationTried,
        observed.pods(),
        observed.maintained(),
        observed.filling(),
        observed.corruption());
  }

  private Duration retry() {
    return new Backoff(shared.timing().first(), shared.timing().longest(), shared.random())
        .after(fruitless++);
  }

  private void problem(RuntimeException e) {
    LOG.atWarn()
        .addKeyValue("namespace", namespace)
        .addKeyValue("name", name)
        .setCause(e instanceof EtcdException ? null : e)
        .log("A look at etcd failed, it is tried again: {}", e.getMessage());
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
