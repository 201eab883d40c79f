package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.Action.KeepEtcd;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.retry.Backoff;
import dev.hcp.controller.telemetry.EtcdMeters;
import dev.hcp.controller.telemetry.EtcdMeters.LookResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The etcd of one control plane: what is known of it, and when to look again. */
final class KeptEtcd {
  private static final Logger LOG = LoggerFactory.getLogger(KeptEtcd.class);

  /** Key of the mark in the data. The API server keeps its own under {@code /registry/}. */
  static final String MARK = "/controlplane.cluster.x-k8s.io/mark";

  private final String namespace;
  private final String name;
  private final EtcdKeeper.Shared shared;

  private KeepEtcd wanted;
  private @Nullable ObservedEtcd last;
  private @Nullable Future<?> next;
  private long nextAt;
  private boolean underWay;
  private boolean again;
  private boolean stopped;

  /** Only the one look that is under way uses what follows. */
  private final EtcdObserver observer = new EtcdObserver();

  private final Map<String, Instant> tried = new HashMap<>();
  private Optional<Instant> compacted = Optional.empty();
  private Optional<Instant> defragmented;
  private Optional<Instant> defragmentationTried;
  private EtcdId leader = EtcdId.NONE;
  private int fruitless;
  private boolean begun;

  /** Nothing is asked before {@link #want}. */
  KeptEtcd(String namespace, String name, KeepEtcd wanted, EtcdKeeper.Shared shared) {
    this.namespace = namespace;
    this.name = name;
    this.shared = shared;
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
  private record Looked(EtcdLook look, ObservedEtcd observed, LookResult result) {}

  synchronized Optional<ObservedEtcd> last() {
    return Optional.ofNullable(last);
  }

  /** From now on keeps this up. */
  synchronized void want(KeepEtcd now) {
    if (!begun || !now.equals(wanted)) {
      begun = true;
      wanted = now;
      wake(Duration.ZERO);
    }
  }

  /** Makes no further request, and breaks off what is under way. */
  synchronized void stop() {
    stopped = true;
    if (next != null) {
      next.cancel(false);
    }
    release();
  }

  private void release() {
    shared.clients().forget(namespace, name);
    shared.meters().forget(namespace, name);
  }

  /** Looks again after that time, or earlier if that was agreed before. */
  private synchronized void wake(Duration delay) {
    if (stopped) {
      return;
    }
    if (underWay) {
      again = again || delay.isZero();
      return;
    }
    long at = System.nanoTime() + delay.toNanos();
    if (next != null && !next.isDone()) {
      if (nextAt - at <= 0) {
        return;
      }
      next.cancel(false);
    }
    nextAt = at;
    try {
      next =
          shared
              .timer()
              .schedule(
                  () -> shared.threads().execute(this::run),
                  delay.toMillis(),
                  TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException _) {
      // Closed meanwhile.
      stopped = true;
    }
  }

  private void run() {
    KeepEtcd now;
    synchronized (this) {
      if (stopped || underWay) {
        return;
      }
      underWay = true;
      again = false;
      next = null;
      now = wanted;
    }
    var delay = shared.timing().longest();
    try {
      delay = lookAndMaintain(now);
    } catch (InterruptedException _) {
      // Only the end of the process interrupts.
      Thread.currentThread().interrupt();
    } finally {
      synchronized (this) {
        underWay = false;
        if (stopped) {
          // What was under way may have opened them anew.
          release();
        } else {
          wake(again ? Duration.ZERO : delay);
        }
      }
    }
  }

  /** Looks once, does the next thing that is due, and says after which time to look again. */
  private Duration lookAndMaintain(KeepEtcd now) throws InterruptedException {
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
    var look = ask(now);
    var observed = observer.sum(look, now, defragmented, defragmentationTried);
    publishFigures(look, observed, now);
    var result =
        look.answers().isEmpty()
            ? LookResult.UNREACHABLE
            : look.isSound() && observed.healthy() ? LookResult.SUCCESS : LookResult.TROUBLE;
    return new Looked(look, observed, result);
  }

  private EtcdLook ask(KeepEtcd now) throws InterruptedException {
    EtcdClient client;
    try {
      client = shared.clients().of(namespace, name, now.access());
    } catch (EtcdException e) {
      return nobody(now, String.valueOf(e.getMessage()));
    }
    var names = client.members();
    var answers = new LinkedHashMap<String, MemberStatus>();
    var failures = new LinkedHashMap<String, String>();
    askAll(client, names, answers, failures);
    // The leader answers for a majority without asking another member first.
    var order = new ArrayList<>(answers.entrySet());
    order.sort(Comparator.comparing(entry -> !entry.getValue().leads()));
    var read = Optional.<KeyRead>empty();
    var refusal = Optional.<String>empty();
    var list = Optional.<MemberList>empty();
    var alarms = List.<EtcdAlarm>of();
    for (var entry : order) {
      var member = entry.getKey();
      if (!entry.getValue().leader().exists()) {
        // It would make us wait for a while and then say so.
        refusal = Optional.of("member %s knows of no leader".formatted(member));
        continue;
      }
      try {
        read = Optional.of(read(client, member, now));
        list = Optional.of(client.list(member));
        alarms = alarms(client, member, answers);
        break;
      } catch (EtcdException e) {
        refusal = Optional.of(String.valueOf(e.getMessage()));
      }
    }
    if (list.isEmpty() && !order.isEmpty()) {
      list = listOf(client, order.getFirst().getKey());
    }
    return new EtcdLook(
        names,
        answers,
        failures,
        read,
        read.isPresent() ? Optional.empty() : refusal,
        list,
        alarms);
  }

  private static EtcdLook nobody(KeepEtcd now, String why) {
    var names = now.access().members().stream().map(EtcdAccess.Endpoint::member).toList();
    var failures = new LinkedHashMap<String, String>();
    names.forEach(member -> failures.put(member, why));
    return new EtcdLook(
        names, Map.of(), failures, Optional.empty(), Optional.empty(), Optional.empty(), List.of());
  }

  /** All at once, so that members that do not answer cost their time only once. */
  private void askAll(
      EtcdClient client,
      List<String> names,
      Map<String, MemberStatus> answers,
      Map<String, String> failures)
      throws InterruptedException {
    var requests = new LinkedHashMap<String, Future<MemberStatus>>();
    for (var member : names) {
      requests.put(member, shared.threads().submit(() -> client.status(member)));
    }
    for (var request : requests.entrySet()) {
      try {
        answers.put(request.getKey(), request.getValue().get());
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof EtcdException failure)) {
          throw new IllegalStateException("asking %s failed".formatted(request.getKey()), e);
        }
        failures.put(request.getKey(), String.valueOf(failure.getMessage()));
      }
    }
  }

  /** Reads the mark, and writes it where nothing is recorded that could be missed. */
  private static KeyRead read(EtcdClient client, String member, KeepEtcd now) {
    var read = client.read(member, MARK);
    if (read.value().isPresent() || now.recorded().isPresent()) {
      return read;
    }
    try {
      var _ = client.putIfAbsent(member, MARK, now.mark());
    } catch (EtcdException e) {
      // It serves all the same; most likely there is no space. The next look tries again.
      LOG.debug("The data cannot be marked yet", e);
      return read;
    }
    return client.read(member, MARK);
  }

  /** Asks for alarms only if a member speaks of any: the question itself is written to all logs. */
  private static List<EtcdAlarm> alarms(
      EtcdClient client, String member, Map<String, MemberStatus> answers) {
    return answers.values().stream()
            .flatMap(answer -> answer.errors().stream())
            .anyMatch(error -> error.contains("alarm"))
        ? client.alarms(member)
        : List.of();
  }

  private static Optional<MemberList> listOf(EtcdClient client, String member) {
    try {
      return Optional.of(client.list(member));
    } catch (EtcdException e) {
      LOG.debug("No list of members", e);
      return Optional.empty();
    }
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
    synchronized (this) {
      if (stopped) {
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
    }
    if (found.exists()) {
      leader = found;
    }
  }

  private void publish(ObservedEtcd found) {
    boolean changed;
    synchronized (this) {
      changed = !stopped && !found.equals(last);
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
    var task =
        EtcdMaintenance.handOver(looked.look(), now.retiring())
            .or(() -> now.maintained() ? next(now, looked.look()) : Optional.empty());
    if (task.isEmpty() || !shared.maintenance().tryAcquire()) {
      return false;
    }
    try {
      return perform(now, task.get(), looked);
    } finally {
      shared.maintenance().release();
    }
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
      case EtcdMaintenance.Task.MoveLeader _, EtcdMaintenance.Task.Disarm _ -> {}
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
    }
  }

  private static String label(EtcdMaintenance.Task task) {
    return switch (task) {
      case EtcdMaintenance.Task.Compact _ -> "compact";
      case EtcdMaintenance.Task.Defragment _ -> "defragment";
      case EtcdMaintenance.Task.MoveLeader _ -> "move_leader";
      case EtcdMaintenance.Task.Disarm _ -> "disarm";
    };
  }

  private ObservedEtcd with(ObservedEtcd observed) {
    return new ObservedEtcd(
        observed.serves(),
        observed.trouble(),
        observed.cluster(),
        observed.mark(),
        observed.leader(),
        observed.members(),
        observed.strangers(),
        defragmented,
        defragmentationTried,
        observed.pods(),
        observed.maintained(),
        observed.filling());
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
