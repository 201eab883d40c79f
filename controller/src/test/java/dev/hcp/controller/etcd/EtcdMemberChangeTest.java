package dev.hcp.controller.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.etcd.EtcdMaintenance.Task;
import dev.hcp.controller.plan.MemberChanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which change of members is next. */
final class EtcdMemberChangeTest {
  private static final long NEW_ID = 0xabc;

  private static MemberChanges lost(Integer... ordinals) {
    var names = new TreeSet<String>();
    for (int ordinal : ordinals) {
      names.add(Looks.name(ordinal));
    }
    return new MemberChanges(names, names, Optional.empty(), Optional.empty());
  }

  private static MemberChanges leaving(int ordinal) {
    return new MemberChanges(
        Set.of(), Set.of(), Optional.empty(), Optional.of(Looks.name(ordinal)));
  }

  private static Task remove(int leader, int ordinal) {
    return new Task.Remove(Looks.name(leader), Looks.name(ordinal), Looks.id(ordinal));
  }

  private static Task add(int leader, int ordinal) {
    return new Task.AddLearner(Looks.name(leader), Looks.name(ordinal), Looks.peerUrl(ordinal));
  }

  private static List<MemberList.Entry> entries(EtcdLook look) {
    return new ArrayList<>(look.list().orElseThrow().members());
  }

  /** A member does not answer, and is not in the list. */
  private static EtcdLook gone(EtcdLook look, int ordinal) {
    var entries = entries(look);
    entries.removeIf(entry -> entry.name().equals(Looks.name(ordinal)));
    return Looks.listed(Looks.silent(look, ordinal), entries);
  }

  /** A member was added, and has not started. */
  private static EtcdLook added(EtcdLook look, int ordinal) {
    var entries = entries(gone(look, ordinal));
    entries.add(
        new MemberList.Entry(new EtcdId(NEW_ID), "", List.of(Looks.peerUrl(ordinal)), true));
    return Looks.listed(Looks.silent(look, ordinal), entries);
  }

  /** A member has no vote yet, and has a part of the log. */
  private static EtcdLook learning(EtcdLook look, int ordinal, long applied) {
    var entries = entries(look);
    entries.replaceAll(entry ->
        entry.name().equals(Looks.name(ordinal))
            ? new MemberList.Entry(entry.id(), entry.name(), entry.peerUrls(), true)
            : entry);
    return Looks.answer(
        Looks.listed(look, entries),
        ordinal,
        status -> Looks.asLearner(Looks.withApplied(status, applied)));
  }

  @Test
  void nothingIsDoneWithoutNeed() {
    assertThat(EtcdMemberChange.next(Looks.sound(3, 0), MemberChanges.NONE)).isEmpty();
    assertThat(EtcdMemberChange.next(gone(Looks.sound(3, 0), 1), MemberChanges.NONE)).isEmpty();
  }

  @Test
  void aMemberWithoutDataIsRemovedAddedAndPromoted() {
    var sound = Looks.sound(3, 0);
    assertThat(EtcdMemberChange.next(Looks.silent(sound, 1), lost(1))).contains(remove(0, 1));
    assertThat(EtcdMemberChange.next(gone(sound, 1), lost(1))).contains(add(0, 1));
    assertThat(EtcdMemberChange.next(added(sound, 1), lost(1))).as("its pod starts").isEmpty();
    assertThat(EtcdMemberChange.next(learning(sound, 1, 100), MemberChanges.NONE))
        .as("it lacks most of the log")
        .isEmpty();
    assertThat(EtcdMemberChange.next(learning(sound, 1, 990), MemberChanges.NONE))
        .contains(new Task.Promote(Looks.name(0), Looks.name(1), Looks.id(1)));
  }

  @Test
  void aMemberThatAnswersIsNotRemovedWhateverItsPodSaid() {
    assertThat(EtcdMemberChange.next(Looks.sound(3, 0), lost(1))).isEmpty();
  }

  @Test
  void theMajorityIsNeverPutAtRisk() {
    var two = Looks.silent(Looks.silent(Looks.sound(5, 0), 1), 2);
    assertThat(EtcdMemberChange.next(two, lost(1, 2))).contains(remove(0, 1));
    var three = Looks.silent(two, 3);
    assertThat(EtcdMemberChange.next(three, lost(1, 2, 3)))
        .as("2 of 4 would be no majority")
        .isEmpty();
    assertThat(EtcdMemberChange.next(Looks.silent(Looks.sound(3, 0), 1), lost(0, 1)))
        .contains(remove(0, 1));
    assertThat(EtcdMemberChange.next(Looks.refused(Looks.silent(Looks.sound(3, 0), 1)), lost(1)))
        .as("nobody agrees")
        .isEmpty();
    assertThat(EtcdMemberChange.next(Looks.silent(Looks.sound(1, 0), 0), lost(0))).isEmpty();
  }

  @Test
  void oneChangeAtATime() {
    var sound = Looks.sound(5, 0);
    assertThat(EtcdMemberChange.next(Looks.silent(gone(sound, 1), 2), lost(1, 2)))
        .as("who is lost goes first: that brings the majority nearer")
        .contains(remove(0, 2));
    assertThat(EtcdMemberChange.next(gone(gone(sound, 1), 2), lost(1, 2))).contains(add(0, 1));
    assertThat(EtcdMemberChange.next(gone(added(sound, 1), 2), lost(1, 2)))
        .as("there is one without a vote")
        .isEmpty();
    assertThat(EtcdMemberChange.next(added(sound, 4), leaving(3)))
        .as("there is one without a vote")
        .isEmpty();
  }

  @Test
  void aMemberWithoutAVoteThatLosesItsDataStartsOver() {
    var look = Looks.silent(learning(Looks.sound(3, 0), 1, 500), 1);
    assertThat(EtcdMemberChange.next(look, lost(1))).contains(remove(0, 1));
    assertThat(EtcdMemberChange.next(look, MemberChanges.NONE)).isEmpty();
  }

  @Test
  void aMemberThatCannotReadItsDataIsNotAddedBeforeTheyAreGone() {
    var unreadable =
        new MemberChanges(Set.of(Looks.name(1)), Set.of(), Optional.empty(), Optional.empty());
    assertThat(EtcdMemberChange.next(Looks.silent(Looks.sound(3, 0), 1), unreadable))
        .contains(remove(0, 1));
    assertThat(EtcdMemberChange.next(gone(Looks.sound(3, 0), 1), unreadable)).isEmpty();
  }

  @Test
  void whoLeavesIsRemovedWhileAllOthersAreInOrder() {
    assertThat(EtcdMemberChange.next(Looks.sound(3, 0), leaving(2))).contains(remove(0, 2));
    assertThat(EtcdMemberChange.next(Looks.silent(Looks.sound(3, 0), 1), leaving(2))).isEmpty();
    assertThat(EtcdMemberChange.next(Looks.silent(Looks.sound(3, 0), 2), leaving(2)))
        .as("it is missing already")
        .contains(remove(0, 2));
    assertThat(EtcdMemberChange.next(Looks.sound(3, 2), leaving(2)))
        .contains(new Task.MoveLeader(Looks.name(2), Looks.name(0), Looks.id(0)));
    assertThat(EtcdMemberChange.next(gone(Looks.sound(3, 0), 2), leaving(2))).isEmpty();
    assertThat(EtcdMemberChange.next(learning(Looks.sound(3, 0), 2, 1), leaving(2)))
        .as("it has no vote")
        .contains(remove(0, 2));
  }

  @Test
  void membersThatSomebodyElseHasAddedAreLeftAlone() {
    var entries = entries(Looks.sound(3, 0));
    entries.add(new MemberList.Entry(new EtcdId(NEW_ID), "", List.of("https://other:2380"), true));
    assertThat(EtcdMemberChange.next(Looks.listed(Looks.sound(3, 0), entries), leaving(2)))
        .isEmpty();
  }
}
