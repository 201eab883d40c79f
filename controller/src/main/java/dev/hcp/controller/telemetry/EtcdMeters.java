package dev.hcp.controller.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Meters of the etcd of control planes, all named {@code hcp_etcd_…}. Labels are bounded by the
 * number of control planes and of their members.
 */
public final class EtcdMeters {
  /** How a look at the members of a cluster ended. */
  public enum LookResult {
    /** All members are in order. */
    SUCCESS,
    /** Some are not, or the cluster does not serve. */
    TROUBLE,
    /** No member answered. */
    UNREACHABLE,
    /** The look itself failed. */
    ERROR
  }

  /**
   * Figures of a cluster.
   *
   * @param hasLeader whether a member leads
   * @param members how many members there shall be
   * @param healthy how many of them are healthy
   * @param alarms how many alarms there are
   * @param databases figures of the members that answer, by name
   */
  public record Figures(
      boolean hasLeader, int members, int healthy, int alarms, Map<String, Database> databases) {
    /** Copies the map. */
    public Figures {
      databases = Map.copyOf(databases);
    }
  }

  /**
   * Figures of a member's database, in bytes.
   *
   * @param size what it takes on the volume
   * @param inUse what of that is in use
   * @param quota what it may take
   */
  public record Database(long size, long inUse, long quota) {}

  private record Key(String namespace, String name, String meter, String member) {}

  private record Registered(AtomicLong value, Meter.Id id) {}

  /** What is said of single members is about their databases. */
  private static final String BYTES = "bytes";

  private final MeterRegistry registry;
  private final Map<Key, Registered> gauges = new ConcurrentHashMap<>();
  private final Map<Key, Meter.Id> counters = new ConcurrentHashMap<>();

  /** Registers the meters as they are first used. */
  public EtcdMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Publishes the figures of a control plane's etcd in place of those before. */
  public void publish(String namespace, String name, Figures figures) {
    var kept = new HashSet<Key>();
    set(
        kept,
        new Key(namespace, name, "hcp.etcd.has.leader", ""),
        "Whether a member of etcd leads",
        figures.hasLeader() ? 1 : 0);
    set(
        kept,
        new Key(namespace, name, "hcp.etcd.members", ""),
        "Members of etcd that there shall be",
        figures.members());
    set(
        kept,
        new Key(namespace, name, "hcp.etcd.members.healthy", ""),
        "Members of etcd that are healthy",
        figures.healthy());
    set(kept, new Key(namespace, name, "hcp.etcd.alarms", ""), "Alarms of etcd", figures.alarms());
    figures
        .databases()
        .forEach((member, database) -> {
          set(
              kept,
              new Key(namespace, name, "hcp.etcd.db.size", member),
              "What the database of a member takes on its volume",
              database.size());
          set(
              kept,
              new Key(namespace, name, "hcp.etcd.db.in.use", member),
              "What of the database of a member is in use",
              database.inUse());
          set(
              kept,
              new Key(namespace, name, "hcp.etcd.db.quota", member),
              "What the database of a member may take",
              database.quota());
        });
    remove(namespace, name, kept);
  }

  /** Counts that another member leads than before. */
  public void leaderChanged(String namespace, String name) {
    var counter =
        Counter.builder("hcp.etcd.leader.changes")
            .description("Changes of the leader of etcd that were seen")
            .tags(Tags.of("namespace", namespace, "name", name))
            .register(registry);
    counters.put(new Key(namespace, name, "hcp.etcd.leader.changes", ""), counter.getId());
    counter.increment();
  }

  /** Counts a look at the members of a cluster and its duration. */
  public void look(LookResult result, Duration duration) {
    Timer.builder("hcp.etcd.looks")
        .description("Looks at the members of etcd")
        .tag("result", result.name().toLowerCase(Locale.ROOT))
        .register(registry)
        .record(duration);
  }

  /**
   * Counts a piece of maintenance and its duration.
   *
   * @param task what was done, one of few
   */
  public void maintenance(String task, boolean succeeded, Duration duration) {
    Timer.builder("hcp.etcd.maintenance")
        .description("Maintenance of etcd")
        .tags(Tags.of("task", task, "result", succeeded ? "success" : "error"))
        .register(registry)
        .record(duration);
  }

  /** Withdraws what was published of a control plane. */
  public void forget(String namespace, String name) {
    remove(namespace, name, Set.of());
    counters
        .entrySet()
        .removeIf(entry -> {
          boolean gone = isOf(entry.getKey(), namespace, name);
          if (gone) {
            registry.remove(entry.getValue());
          }
          return gone;
        });
  }

  private void set(Set<Key> kept, Key key, String description, long value) {
    kept.add(key);
    gauges.computeIfAbsent(key, k -> register(k, description)).value().set(value);
  }

  private Registered register(Key key, String description) {
    var value = new AtomicLong();
    var tags = Tags.of("namespace", key.namespace(), "name", key.name());
    var gauge =
        Gauge.builder(key.meter(), value, AtomicLong::get)
            .description(description)
            .baseUnit(key.member().isEmpty() ? null : BYTES)
            .tags(key.member().isEmpty() ? tags : tags.and("member", key.member()))
            .register(registry);
    return new Registered(value, gauge.getId());
  }

  private void remove(String namespace, String name, Set<Key> except) {
    gauges
        .entrySet()
        .removeIf(entry -> {
          boolean gone = isOf(entry.getKey(), namespace, name) && !except.contains(entry.getKey());
          if (gone) {
            registry.remove(entry.getValue().id());
          }
          return gone;
        });
  }

  private static boolean isOf(Key key, String namespace, String name) {
    return key.namespace().equals(namespace) && key.name().equals(name);
  }
}
