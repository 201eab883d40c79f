package dev.hcp.controller.etcd;

import dev.hcp.render.etcd.EtcdRenderer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done to the databases of a cluster next. One thing at a time, and only while all
 * members are in order: each is looked at again before the next.
 *
 * <p>A database that is mostly free space is written anew, which takes its member out of service
 * meanwhile. So followers come first, and a leader hands over leadership before.
 *
 * <p>A cluster whose database has reached the quota takes no writes. Superseded values are dropped
 * first, then each database is written anew that is too large still, and once all are small enough
 * the alarm is taken back. Nothing of that happens if it could not help.
 */
final class EtcdMaintenance {
  private static final int ALL = 100;

  /** A database of which less than this is in use is written anew; a percentage. */
  static final int WORTHWHILE = 50;

  /** One that is smaller is not: there is little to gain. */
  static final long FLOOR = 128L * 1024 * 1024;

  /**
   * Nor one of which more is in use: the member would answer for so long to nobody that it would be
   * taken for dead.
   */
  static final long MOST_IN_USE = 4L * 1024 * 1024 * 1024;

  /** How long a member is left alone after it was tried. */
  static final Duration PAUSE = Duration.ofHours(1);

  /** How long to wait before superseded values are dropped once more because of an alarm. */
  static final Duration COMPACTION_PAUSE = Duration.ofMinutes(10);

  /**
   * Only if databases take no more than this of their quota an alarm is taken back; a percentage.
   */
  static final int ROOM = 90;

  /**
   * If more than this of the quota is in use, writing anew does not help against an alarm; a
   * percentage.
   */
  static final int HOPELESS = 80;

  private EtcdMaintenance() {}

  /** Something to do, by a request to one member. */
  sealed interface Task {
    /** The member that is asked. */
    String member();

    /**
     * Drop superseded values.
     *
     * @param revision up to which one
     */
    record Compact(String member, long revision) implements Task {}

    /** Write a database anew. */
    record Defragment(String member) implements Task {}

    /**
     * Hand over leadership.
     *
     * @param successor name of the member that shall lead
     * @param id its identity
     */
    record MoveLeader(String member, String successor, EtcdId id) implements Task {}

    /**
     * Take an alarm back.
     *
     * @param alarm which one
     */
    record Disarm(String member, EtcdAlarm alarm) implements Task {}

    /**
     * Add a member that has no vote yet.
     *
     * @param added its name
     * @param peerUrl where it will be reached
     */
    record AddLearner(String member, String added, String peerUrl) implements Task {}

    /**
     * Give a vote to a member that has none yet.
     *
     * @param promoted its name
     * @param id its identity
     */
    record Promote(String member, String promoted, EtcdId id) implements Task {}

    /**
     * Remove a member.
     *
     * @param removed its name
     * @param id its identity
     */
    record Remove(String member, String removed, EtcdId id) implements Task {}
  }

  /**
   * What was done before.
   *
   * @param tried when writing a member's database anew was last begun, by member
   * @param compacted when superseded values were last dropped because of an alarm
   */
  record History(Map<String, Instant> tried, Optional<Instant> compacted) {
    /** Copies the map. */
    History {
      tried = Map.copyOf(tried);
    }
  }

  /**
   * What limits databases.
   *
   * @param quota bytes that one may take, where etcd does not say so itself
   * @param capacity bytes of the smallest volume; empty if that is not known of all
   */
  record Limits(long quota, OptionalLong capacity) {}

  /** The next thing to do; empty if nothing has to be done, or can be. */
  static Optional<Task> next(EtcdLook look, Limits limits, History history, Instant now) {
    var leader = look.leader();
    if (!look.isSound() || leader.isEmpty()) {
      return Optional.empty();
    }
    if (look.alarms().isEmpty()) {
      return defragment(look, limits, leader.get(), fragmented(look, history, now));
    }
    return look.alarms().stream().allMatch(alarm -> alarm.kind() == EtcdAlarm.Kind.NO_SPACE)
        ? resolve(look, limits, leader.get(), history, now)
        : Optional.empty();
  }

  /**
   * What has to be done before a member is replaced: another leads in its place.
   *
   * @param retiring the member that is to be replaced; empty for none
   */
  static Optional<Task> handOver(EtcdLook look, Optional<String> retiring) {
    return look.leader()
        .filter(leader -> retiring.equals(Optional.of(leader)) && look.isSound())
        .flatMap(leader -> succeed(look, leader));
  }

  /** Has another lead; empty if there is no other. */
  static Optional<Task> succeed(EtcdLook look, String leader) {
    return look.wanted().stream()
        .filter(name -> !name.equals(leader))
        .findFirst()
        .<Task>map(
            successor -> new Task.MoveLeader(leader, successor, status(look, successor).member()));
  }

  private static List<String> fragmented(EtcdLook look, History history, Instant now) {
    return look.wanted().stream()
        .filter(name -> {
          var status = status(look, name);
          return status.dbSize() >= FLOOR
              && !exceeds(status.dbSizeInUse(), WORTHWHILE, status.dbSize())
              && !isRecent(history.tried().get(name), PAUSE, now);
        })
        .toList();
  }

  private static Optional<Task> resolve(
      EtcdLook look, Limits limits, String leader, History history, Instant now) {
    var large =
        look.wanted().stream()
            .filter(name -> exceeds(status(look, name).dbSize(), ROOM, quota(look, limits, name)))
            .toList();
    if (large.isEmpty()) {
      return look.alarms().stream().findFirst().<Task>map(alarm -> new Task.Disarm(leader, alarm));
    }
    var compacted = history.compacted();
    if (compacted.isEmpty() || !isRecent(compacted.get(), COMPACTION_PAUSE, now)) {
      return Optional.of(new Task.Compact(leader, status(look, leader).revision()));
    }
    return defragment(
        look,
        limits,
        leader,
        large.stream()
            .filter(name -> {
              var tried = history.tried().get(name);
              return !exceeds(status(look, name).dbSizeInUse(), HOPELESS, quota(look, limits, name))
                  && (tried == null || tried.isBefore(compacted.get()));
            })
            .toList());
  }

  /** Followers first; before the leader's turn comes, another leads. */
  private static Optional<Task> defragment(
      EtcdLook look, Limits limits, String leader, List<String> candidates) {
    var possible =
        new ArrayList<>(candidates.stream().filter(name -> fits(look, limits, name)).toList());
    boolean leaderIsDue = possible.remove(leader);
    if (!possible.isEmpty()) {
      return Optional.of(new Task.Defragment(possible.getFirst()));
    }
    if (!leaderIsDue) {
      return Optional.empty();
    }
    return succeed(look, leader).or(() -> Optional.of(new Task.Defragment(leader)));
  }

  /** Whether there is space for the copy beside everything else, as far as that can be told. */
  private static boolean fits(EtcdLook look, Limits limits, String name) {
    var status = status(look, name);
    return limits.capacity().isPresent()
        && status.dbSizeInUse() <= MOST_IN_USE
        && status.dbSize() + status.dbSizeInUse()
            <= EtcdRenderer.spaceForDatabases(limits.capacity().getAsLong());
  }

  private static long quota(EtcdLook look, Limits limits, String name) {
    return look.quota(name).orElse(limits.quota());
  }

  private static boolean exceeds(long bytes, int percentage, long whole) {
    return bytes * ALL > whole * percentage;
  }

  private static boolean isRecent(@Nullable Instant then, Duration pause, Instant now) {
    return then != null && then.plus(pause).isAfter(now);
  }

  private static MemberStatus status(EtcdLook look, String name) {
    return look.answer(name)
        .orElseThrow(() -> new IllegalStateException("%s has not answered".formatted(name)));
  }
}
