package dev.hcp.controller.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.etcd.EtcdMaintenance.Task;
import dev.hcp.controller.plan.ObservedEtcd.Corruption;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What hashes say of members, and what is done about it. */
final class EtcdIsolationTest {
  private static final EtcdAlarm OF_NOBODY = new EtcdAlarm(EtcdId.NONE, EtcdAlarm.Kind.CORRUPT);
  private static final Corruption SECOND_DIFFERS = judge(7, 8, 7);

  private static Corruption judge(int... hashes) {
    return EtcdComparison.judge(hashes(hashes), true);
  }

  private static Map<String, KeyHash> hashes(int... hashes) {
    var all = new TreeMap<String, KeyHash>();
    for (int i = 0; i < hashes.length; i++) {
      all.put(Looks.name(i), new KeyHash(500, 400, hashes[i]));
    }
    return all;
  }

  private static EtcdLook alarmed(EtcdLook look) {
    return Looks.alarmed(look, Looks.corrupt(1));
  }

  private static EtcdLook without(EtcdLook look, int ordinal) {
    var entries = new ArrayList<>(look.list().orElseThrow().members());
    entries.removeIf(entry -> entry.name().equals(Looks.name(ordinal)));
    return Looks.listed(Looks.silent(look, ordinal), entries);
  }

  @Test
  void oneThatDiffersFromAllOthersIsSingledOut() {
    assertThat(SECOND_DIFFERS.differing()).contains(Looks.name(1));
    assertThat(SECOND_DIFFERS.agreed()).isFalse();
    assertThat(SECOND_DIFFERS.seen())
        .contains("the hash at revision 500 is 7 of demo-etcd-0 and demo-etcd-2, 8 of demo-etcd-1");
    assertThat(judge(1, 1, 1, 1, -1).differing()).contains(Looks.name(4));
    assertThat(judge(1, 1, 1, 1, -1).seen().orElseThrow()).contains("4294967295 of demo-etcd-4");
  }

  @Test
  void nobodyIsSingledOutWithoutAllOthersAgreeing() {
    assertThat(judge(1, 2).differing()).as("one of two").isEmpty();
    assertThat(judge(1, 2, 3).differing()).as("all differ").isEmpty();
    assertThat(judge(1, 1, 1, 2, 2).differing()).as("two differ").isEmpty();
    assertThat(judge(1, 1, 1, 2, 3).differing()).as("two differ").isEmpty();
    assertThat(judge(1, 1, 1))
        .returns(Optional.empty(), Corruption::differing)
        .returns(true, Corruption::agreed);
    assertThat(EtcdComparison.judge(hashes(1, 1, 1), false).agreed())
        .as("one has more revisions")
        .isFalse();
  }

  @Test
  void hashesOfDifferentCompactionsAreNotCompared() {
    var hashes = new TreeMap<>(hashes(1, 1, 2));
    hashes.put(Looks.name(2), new KeyHash(500, 300, 2));
    var result = EtcdComparison.judge(hashes, true);
    assertThat(result.differing()).isEmpty();
    assertThat(result.seen().orElseThrow()).contains("up to revisions 300 and 400");
  }

  @Test
  void theOneThatDiffersIsRemoved() {
    assertThat(EtcdIsolation.next(alarmed(Looks.sound(3, 0)), SECOND_DIFFERS))
        .contains(new Task.Remove(Looks.name(0), Looks.name(1), Looks.id(1)));
    assertThat(
            EtcdIsolation.next(Looks.alarmed(Looks.sound(3, 0), Looks.corrupt(2)), SECOND_DIFFERS))
        .as("whomever etcd says it is")
        .contains(new Task.Remove(Looks.name(0), Looks.name(1), Looks.id(1)));
    assertThat(EtcdIsolation.next(Looks.alarmed(Looks.sound(3, 0), OF_NOBODY), SECOND_DIFFERS))
        .contains(new Task.Remove(Looks.name(0), Looks.name(1), Looks.id(1)));
  }

  @Test
  void anotherLeadsBeforeTheLeaderIsRemoved() {
    assertThat(EtcdIsolation.next(alarmed(Looks.sound(3, 1)), SECOND_DIFFERS))
        .contains(new Task.MoveLeader(Looks.name(1), Looks.name(0), Looks.id(0)));
  }

  @Test
  void nothingIsDoneUnlessAllMembersAreInOrderOtherwise() {
    var look = alarmed(Looks.sound(3, 0));
    assertThat(EtcdIsolation.next(Looks.silent(look, 2), SECOND_DIFFERS)).isEmpty();
    assertThat(EtcdIsolation.next(Looks.silent(look, 1), SECOND_DIFFERS)).isEmpty();
    assertThat(EtcdIsolation.next(Looks.refused(look), SECOND_DIFFERS)).isEmpty();
    assertThat(
            EtcdIsolation.next(
                Looks.answer(look, 2, s -> Looks.withLeader(s, Looks.id(2))), SECOND_DIFFERS))
        .isEmpty();
    assertThat(
            EtcdIsolation.next(
                Looks.answer(look, 0, s -> Looks.withApplied(s, 9_999)), SECOND_DIFFERS))
        .as("two lack much of the log")
        .isEmpty();
    assertThat(EtcdIsolation.next(look, judge(1, 2, 3))).isEmpty();
    assertThat(EtcdIsolation.next(look, Corruption.UNEXAMINED)).isEmpty();
  }

  @Test
  void theAlarmIsTakenBackOnceTheOneIsGoneAndTheOthersAgree() {
    var look = without(alarmed(Looks.sound(3, 0)), 1);
    assertThat(EtcdIsolation.next(look, judge(7, 7)))
        .contains(new Task.Disarm(Looks.name(0), Looks.corrupt(1)));
    var ofNobody = without(Looks.alarmed(Looks.sound(3, 0), OF_NOBODY), 1);
    assertThat(EtcdIsolation.next(ofNobody, judge(7, 7)))
        .contains(new Task.Disarm(Looks.name(0), OF_NOBODY));
    assertThat(EtcdIsolation.next(look, judge(7, 8))).isEmpty();
  }

  @Test
  void theAlarmOfMembersThatAreAllThereIsLeftToPeople() {
    assertThat(EtcdIsolation.next(alarmed(Looks.sound(3, 0)), judge(7, 7, 7))).isEmpty();
    var replaced = new EtcdAlarm(new EtcdId(0xabc), EtcdAlarm.Kind.CORRUPT);
    assertThat(EtcdIsolation.next(Looks.alarmed(Looks.sound(3, 0), replaced), judge(7, 7, 7)))
        .as("unless it is about one that is gone")
        .contains(new Task.Disarm(Looks.name(0), replaced));
  }
}
