package dev.hcp.controller.etcd;

import static dev.hcp.controller.etcd.Looks.MEBIBYTE;
import static dev.hcp.controller.etcd.Looks.id;
import static dev.hcp.controller.etcd.Looks.name;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.etcd.EtcdMaintenance.History;
import dev.hcp.controller.etcd.EtcdMaintenance.Limits;
import dev.hcp.controller.etcd.EtcdMaintenance.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is done to databases, and when. */
final class EtcdMaintenanceTest {
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");
  private static final long QUOTA = 1_000 * MEBIBYTE;
  private static final long AMPLE = 10_000 * MEBIBYTE;

  /** With space for databases of 1,500 MiB, copies included. */
  private static final long TIGHT = (1_500 * MEBIBYTE + 384_000_000) / 95 * 100;

  private static final Limits LIMITS = new Limits(QUOTA, OptionalLong.of(AMPLE));
  private static final History NOTHING_DONE = new History(Map.of(), Optional.empty());

  /** A database: its size and what of it is in use, in MiB. */
  private enum Database {
    SMALL(20, 2),
    DENSE(600, 500),
    FRAGMENTED(600, 100),
    FULL(990, 950),
    FULL_OF_NOTHING(990, 300);

    private final long size;
    private final long inUse;

    Database(int size, int inUse) {
      this.size = size * MEBIBYTE;
      this.inUse = inUse * MEBIBYTE;
    }

    boolean isFragmented() {
      return this == FRAGMENTED || this == FULL_OF_NOTHING;
    }

    boolean isTooLarge() {
      return this == FULL || this == FULL_OF_NOTHING;
    }
  }

  private static EtcdLook look(int leader, Database... databases) {
    var statuses = new ArrayList<MemberStatus>();
    for (int i = 0; i < databases.length; i++) {
      statuses.add(
          Looks.status(i, leader, databases[i].size, databases[i].inUse, OptionalLong.of(QUOTA)));
    }
    return Looks.sound(statuses);
  }

  private static Optional<Task> next(EtcdLook look) {
    return EtcdMaintenance.next(look, LIMITS, NOTHING_DONE, NOW);
  }

  @Test
  void databasesWithoutMuchFreeSpaceAreLeftAlone() {
    assertThat(next(look(0, Database.DENSE, Database.DENSE, Database.DENSE))).isEmpty();
  }

  @Test
  void smallDatabasesAreLeftAlone() {
    assertThat(next(look(0, Database.SMALL, Database.SMALL, Database.SMALL))).isEmpty();
  }

  @Test
  void followersComeFirst() {
    var all = look(0, Database.FRAGMENTED, Database.FRAGMENTED, Database.FRAGMENTED);
    assertThat(next(all)).contains(new Task.Defragment(name(1)));
    assertThat(next(look(1, Database.FRAGMENTED, Database.FRAGMENTED, Database.FRAGMENTED)))
        .contains(new Task.Defragment(name(0)));
  }

  @Test
  void aLeaderHandsOverFirst() {
    assertThat(next(look(0, Database.FRAGMENTED, Database.DENSE, Database.DENSE)))
        .contains(new Task.MoveLeader(name(0), name(1), id(1)));
    assertThat(next(look(2, Database.DENSE, Database.DENSE, Database.FRAGMENTED)))
        .contains(new Task.MoveLeader(name(2), name(0), id(0)));
  }

  @Test
  void aSingleMemberHasNobodyToHandOverTo() {
    assertThat(next(look(0, Database.FRAGMENTED))).contains(new Task.Defragment(name(0)));
  }

  @ParameterizedTest
  @CsvSource({"59, false", "60, true", "61, true"})
  void aMemberIsTriedOnceAnHour(int minutes, boolean again) {
    var history =
        new History(Map.of(name(1), NOW.minus(Duration.ofMinutes(minutes))), Optional.empty());
    assertThat(
            EtcdMaintenance.next(
                    look(0, Database.DENSE, Database.FRAGMENTED, Database.DENSE),
                    LIMITS,
                    history,
                    NOW)
                .isPresent())
        .isEqualTo(again);
  }

  @Test
  void withoutSpaceForTheCopyNothingIsWritten() {
    var look = look(0, Database.FULL_OF_NOTHING);
    assertThat(EtcdMaintenance.next(look, limits(TIGHT), NOTHING_DONE, NOW)).isPresent();
    assertThat(EtcdMaintenance.next(look, limits(1_500 * MEBIBYTE), NOTHING_DONE, NOW)).isEmpty();
    assertThat(
            EtcdMaintenance.next(look, new Limits(QUOTA, OptionalLong.empty()), NOTHING_DONE, NOW))
        .as("volumes of unknown size")
        .isEmpty();
  }

  @Test
  void aDatabaseThatWouldTakeTooLongIsLeftAlone() {
    long half = EtcdMaintenance.MOST_IN_USE;
    var huge = Looks.sound(List.of(Looks.status(0, 0, 3 * half, half, OptionalLong.empty())));
    var tooHuge =
        Looks.sound(List.of(Looks.status(0, 0, 3 * half, half + 1, OptionalLong.empty())));
    var limits = new Limits(4 * half, OptionalLong.of(10 * half));
    assertThat(EtcdMaintenance.next(huge, limits, NOTHING_DONE, NOW)).isPresent();
    assertThat(EtcdMaintenance.next(tooHuge, limits, NOTHING_DONE, NOW)).isEmpty();
  }

  private static Limits limits(long capacity) {
    return new Limits(QUOTA, OptionalLong.of(capacity));
  }

  @Test
  void nothingIsDoneWhileAnythingIsWrong() {
    var sound = look(0, Database.FRAGMENTED, Database.FRAGMENTED, Database.FRAGMENTED);
    var entries = sound.list().orElseThrow().members();
    var stranger = new ArrayList<>(entries);
    stranger.add(new MemberList.Entry(new EtcdId(9), "other", List.of(), false));
    var learner = new ArrayList<>(entries);
    learner.set(2, new MemberList.Entry(id(2), name(2), List.of(), true));
    var replaced = new ArrayList<>(entries);
    replaced.set(2, new MemberList.Entry(new EtcdId(9), name(2), List.of(), false));
    var wrong =
        Map.of(
            "silent", Looks.silent(sound, 2),
            "no agreement", Looks.refused(sound),
            "another cluster", Looks.answer(sound, 2, s -> Looks.withCluster(s, new EtcdId(7))),
            "another leader", Looks.answer(sound, 2, s -> Looks.withLeader(s, id(1))),
            "no leader", Looks.answer(sound, 0, s -> Looks.withLeader(s, EtcdId.NONE)),
            "a learner", Looks.answer(sound, 2, Looks::asLearner),
            "listed as a learner", Looks.listed(sound, learner),
            "behind", Looks.answer(sound, 0, s -> Looks.withApplied(s, 1_000_000)),
            "a stranger", Looks.listed(sound, stranger),
            "not listed", Looks.listed(sound, replaced));
    assertThat(next(sound)).isPresent();
    wrong.forEach((what, look) -> {
      assertThat(next(look)).as(what).isEmpty();
      assertThat(next(Looks.alarmed(look, Looks.noSpace(0)))).as(what + ", alarm").isEmpty();
    });
  }

  @Test
  void nothingIsDoneAboutCorruptData() {
    var look = look(0, Database.FULL_OF_NOTHING, Database.FRAGMENTED, Database.FRAGMENTED);
    assertThat(next(Looks.alarmed(look, Looks.corrupt(1)))).isEmpty();
    assertThat(next(Looks.alarmed(look, Looks.corrupt(1), Looks.noSpace(0)))).isEmpty();
  }

  @Test
  void anAlarmIsTakenBackOnlyOnceThereIsSpace() {
    var full =
        Looks.alarmed(look(0, Database.FULL, Database.SMALL, Database.SMALL), Looks.noSpace(0));
    assertThat(next(full)).contains(new Task.Compact(name(0), 500));
    var compacted = new History(Map.of(), Optional.of(NOW.minusSeconds(5)));
    assertThat(EtcdMaintenance.next(full, LIMITS, compacted, NOW))
        .as("writing it anew would not help")
        .isEmpty();
    var later = new History(Map.of(), Optional.of(NOW.minus(EtcdMaintenance.COMPACTION_PAUSE)));
    assertThat(EtcdMaintenance.next(full, LIMITS, later, NOW))
        .as("objects may have been deleted")
        .contains(new Task.Compact(name(0), 500));
    var roomy =
        Looks.alarmed(
            look(1, Database.DENSE, Database.SMALL, Database.SMALL),
            Looks.noSpace(0),
            Looks.noSpace(2));
    assertThat(next(roomy)).contains(new Task.Disarm(name(1), Looks.noSpace(0)));
  }

  @Test
  void theQuotaThatEtcdDoesNotSayIsTheOneItWasGiven() {
    var statuses =
        List.of(Looks.status(0, 0, 950 * MEBIBYTE, 940 * MEBIBYTE, OptionalLong.empty()));
    var look = Looks.alarmed(Looks.sound(statuses), Looks.noSpace(0));
    assertThat(next(look)).containsInstanceOf(Task.Compact.class);
    assertThat(
            EtcdMaintenance.next(
                look, new Limits(2 * QUOTA, OptionalLong.of(AMPLE)), NOTHING_DONE, NOW))
        .containsInstanceOf(Task.Disarm.class);
  }

  /** All combinations of three members, and what must hold of each. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void inEverySituationTheRulesHold(int leader) {
    var tries = List.of(Duration.ZERO, Duration.ofMinutes(5), Duration.ofHours(2));
    for (int code = 0; code < 15 * 15 * 15; code++) {
      var databases = new Database[3];
      var tried = new HashMap<String, Instant>();
      int rest = code;
      for (int i = 0; i < 3; i++) {
        databases[i] = Database.values()[rest % 5];
        rest /= 5;
        var ago = tries.get(rest % 3);
        rest /= 3;
        if (!ago.isZero()) {
          tried.put(name(i), NOW.minus(ago));
        }
      }
      var look = look(leader, databases);
      for (var capacity :
          List.of(OptionalLong.empty(), OptionalLong.of(TIGHT), OptionalLong.of(AMPLE))) {
        check(look, databases, leader, new Limits(QUOTA, capacity), tried);
        for (var ago : List.of(Duration.ZERO, Duration.ofMinutes(3), Duration.ofHours(1))) {
          var compacted = ago.isZero() ? Optional.<Instant>empty() : Optional.of(NOW.minus(ago));
          checkAlarm(
              Looks.alarmed(look, Looks.noSpace(1)),
              databases,
              leader,
              new Limits(QUOTA, capacity),
              new History(tried, compacted));
        }
      }
    }
  }

  private static void check(
      EtcdLook look, Database[] databases, int leader, Limits limits, Map<String, Instant> tried) {
    var due = new ArrayList<Integer>();
    for (int i = 0; i < databases.length; i++) {
      var last = tried.get(name(i));
      if (databases[i].isFragmented()
          && fits(databases[i], limits)
          && (last == null || !last.plus(EtcdMaintenance.PAUSE).isAfter(NOW))) {
        due.add(i);
      }
    }
    var task = EtcdMaintenance.next(look, limits, new History(tried, Optional.empty()), NOW);
    assertThat(task).isEqualTo(expected(due, leader));
  }

  private static void checkAlarm(
      EtcdLook look, Database[] databases, int leader, Limits limits, History history) {
    var task = EtcdMaintenance.next(look, limits, history, NOW);
    boolean tooLarge = false;
    var due = new ArrayList<Integer>();
    for (int i = 0; i < databases.length; i++) {
      tooLarge |= databases[i].isTooLarge();
      var last = history.tried().get(name(i));
      if (databases[i] == Database.FULL_OF_NOTHING
          && fits(databases[i], limits)
          && history.compacted().isPresent()
          && (last == null || last.isBefore(history.compacted().get()))) {
        due.add(i);
      }
    }
    if (!tooLarge) {
      assertThat(task).contains(new Task.Disarm(name(leader), Looks.noSpace(1)));
    } else if (history.compacted().isEmpty()
        || !history.compacted().get().plus(EtcdMaintenance.COMPACTION_PAUSE).isAfter(NOW)) {
      assertThat(task).contains(new Task.Compact(name(leader), 500));
    } else {
      assertThat(task).isEqualTo(expected(due, leader));
    }
  }

  private static boolean fits(Database database, Limits limits) {
    return limits.capacity().isPresent()
        && (limits.capacity().getAsLong() == AMPLE
            || database.size + database.inUse <= 1_500 * MEBIBYTE);
  }

  private static Optional<Task> expected(List<Integer> due, int leader) {
    var follower = due.stream().filter(i -> i != leader).findFirst();
    if (follower.isPresent()) {
      return Optional.of(new Task.Defragment(name(follower.get())));
    }
    int successor = leader == 0 ? 1 : 0;
    return due.isEmpty()
        ? Optional.empty()
        : Optional.of(new Task.MoveLeader(name(leader), name(successor), id(successor)));
  }

  /** Does what is due until nothing is. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5})
  void aFullClusterGetsSpaceAndThenTheAlarmIsTakenBack(int members) {
    int leader = members - 1;
    var sizes = new long[members];
    var inUse = new long[members];
    Arrays.fill(sizes, QUOTA);
    Arrays.fill(inUse, QUOTA);
    var alarms = new ArrayList<>(List.of(Looks.noSpace(0), Looks.noSpace(members - 1)));
    var history = NOTHING_DONE;
    var done = new ArrayList<Task>();
    var now = NOW;
    while (true) {
      var statuses = new ArrayList<MemberStatus>();
      for (int i = 0; i < members; i++) {
        statuses.add(Looks.status(i, leader, sizes[i], inUse[i], OptionalLong.of(QUOTA)));
      }
      var look = Looks.alarmed(Looks.sound(statuses), alarms.toArray(EtcdAlarm[]::new));
      var task = EtcdMaintenance.next(look, LIMITS, history, now);
      if (task.isEmpty()) {
        break;
      }
      done.add(task.get());
      assertThat(done).as("it comes to an end").hasSizeLessThan(20);
      now = now.plusSeconds(5);
      switch (task.get()) {
        case Task.Compact _ -> {
          Arrays.fill(inUse, QUOTA / 4);
          history = new History(history.tried(), Optional.of(now));
        }
        case Task.Defragment(var member) -> {
          int i = look.wanted().indexOf(member);
          sizes[i] = inUse[i];
          var tried = new HashMap<>(history.tried());
          tried.put(member, now);
          history = new History(tried, history.compacted());
        }
        case Task.MoveLeader(_, var successor, _) -> leader = look.wanted().indexOf(successor);
        case Task.Disarm(_, var alarm) -> alarms.remove(alarm);
        case Task.AddLearner _, Task.Promote _, Task.Remove _ ->
            throw new AssertionError("%s is no maintenance".formatted(task.get()));
      }
    }
    assertThat(alarms).isEmpty();
    assertThat(sizes).containsOnly(QUOTA / 4);
    assertThat(done.getFirst()).isInstanceOf(Task.Compact.class);
    assertThat(done.stream().filter(Task.Defragment.class::isInstance)).hasSize(members);
    assertThat(done.subList(done.size() - 2, done.size())).allMatch(Task.Disarm.class::isInstance);
    if (members > 1) {
      assertThat(done.get(members))
          .as("the leader comes last")
          .isEqualTo(new Task.MoveLeader(name(members - 1), name(0), id(0)));
      assertThat(done.get(members + 1)).isEqualTo(new Task.Defragment(name(members - 1)));
    }
  }
}
