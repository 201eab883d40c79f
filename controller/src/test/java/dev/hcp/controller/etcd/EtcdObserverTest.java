package dev.hcp.controller.etcd;

import static dev.hcp.controller.etcd.Looks.MEBIBYTE;
import static dev.hcp.controller.etcd.Looks.id;
import static dev.hcp.controller.etcd.Looks.name;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.plan.MemberChanges;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.ReadyPods;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is concluded from looks. */
final class EtcdObserverTest {
  private static final Action.KeepEtcd WANTED =
      new Action.KeepEtcd(
          new EtcdAccess(List.of(), "", "", ""),
          new ReadyPods(Map.of()),
          Optional.empty(),
          "mark",
          true,
          0,
          OptionalLong.empty(),
          Optional.empty(),
          Optional.empty(),
          MemberChanges.NONE);

  private final EtcdObserver observer = new EtcdObserver();
  private final EtcdLook sound = Looks.sound(3, 1);

  private ObservedEtcd sum(EtcdLook look) {
    return observer.sum(look, WANTED, Optional.empty(), Optional.empty());
  }

  private static ObservedEtcd.Member member(ObservedEtcd etcd, int ordinal) {
    return etcd.members().get(ordinal);
  }

  @Test
  void aSoundClusterIsHealthy() {
    var etcd = sum(sound);
    assertThat(etcd.healthy()).isTrue();
    assertThat(etcd.trouble()).isEmpty();
    assertThat(etcd.cluster()).contains("c1");
    assertThat(etcd.mark()).contains("mark");
    assertThat(etcd.leader()).contains(name(1));
    assertThat(etcd.members())
        .extracting(ObservedEtcd.Member::name)
        .containsExactly(name(0), name(1), name(2));
    assertThat(member(etcd, 2).id()).contains("3");
    assertThat(member(etcd, 2).version()).contains("3.6.8");
    assertThat(etcd.identity()).isPresent();
  }

  @Test
  void whatChangesAllTheTimeChangesNothing() {
    var before = sum(sound);
    var later = sound;
    for (int i = 0; i < 3; i++) {
      int ordinal = i;
      later =
          Looks.answer(
              later,
              i,
              s ->
                  Looks.withSize(
                      Looks.withApplied(s, 90_000 + ordinal), 24 * MEBIBYTE, 9 * MEBIBYTE));
    }
    assertThat(sum(later)).isEqualTo(before);
  }

  @Test
  void oneMissingAnswerIsExcused() {
    var before = sum(sound);
    assertThat(sum(Looks.silent(sound, 2))).isEqualTo(before);
    var second = sum(Looks.silent(sound, 2));
    assertThat(member(second, 2).problem()).contains("member demo-etcd-2: no answer");
    assertThat(member(second, 2).version()).as("what is known stays").contains("3.6.8");
    assertThat(second.healthy()).isFalse();
    assertThat(second.serves()).isTrue();
    assertThat(sum(sound)).isEqualTo(before);
    assertThat(sum(Looks.silent(sound, 2))).as("excused once more").isEqualTo(before);
  }

  @Test
  void aMemberThatNeverAnsweredIsNotExcused() {
    var etcd = sum(Looks.silent(sound, 0));
    assertThat(member(etcd, 0).problem()).isPresent();
    assertThat(member(etcd, 0).id()).as("from the list").contains("1");
  }

  @Test
  void oneRefusalIsExcused() {
    var before = sum(sound);
    assertThat(sum(Looks.refused(sound))).isEqualTo(before);
    var second = sum(Looks.refused(sound));
    assertThat(second.serves()).isFalse();
    assertThat(second.trouble()).contains("etcdserver: no leader");
    assertThat(second.identity()).isEmpty();
    assertThat(second.reached()).isTrue();
  }

  @Test
  void ifNobodyAnswersOneOfTheReasonsIsGiven() {
    var look = Looks.refused(sound);
    for (int i = 0; i < 3; i++) {
      look = Looks.silent(look, i);
    }
    look =
        new EtcdLook(
            look.wanted(),
            look.peerUrls(),
            look.answers(),
            look.failures(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of());
    var etcd = sum(look);
    assertThat(etcd.reached()).isFalse();
    assertThat(etcd.trouble()).contains("member demo-etcd-0: no answer");
    assertThat(etcd.cluster()).isEmpty();
  }

  @Test
  void membersThatDoNotBelongAreTold() {
    var entries = new ArrayList<>(sound.list().orElseThrow().members());
    entries.set(2, new MemberList.Entry(new EtcdId(0xabc), "", List.of(), true));
    var etcd = sum(Looks.listed(sound, entries));
    assertThat(member(etcd, 2).listed()).isFalse();
    assertThat(etcd.strangers()).containsExactly("member abc, which never ran,");
    entries.add(new MemberList.Entry(id(2), name(2), List.of(), false));
    entries.set(2, new MemberList.Entry(new EtcdId(0xabc), "old", List.of(), false));
    etcd = sum(Looks.listed(sound, entries));
    assertThat(member(etcd, 2).listed()).isTrue();
    assertThat(etcd.strangers()).containsExactly("member old (abc)");
    assertThat(etcd.healthy()).isFalse();
  }

  @Test
  void aMemberOfAnotherClusterIsTold() {
    var etcd = sum(Looks.answer(sound, 0, s -> Looks.withCluster(s, new EtcdId(0xdef))));
    assertThat(etcd.cluster()).contains("c1");
    assertThat(member(etcd, 0).otherCluster()).contains("def");
    assertThat(member(etcd, 1).otherCluster()).isEmpty();
    assertThat(etcd.healthy()).isFalse();
  }

  @Test
  void aMemberIsBehindIfItStaysBehind() {
    var behind = Looks.answer(sound, 1, s -> Looks.withApplied(s, 100_000));
    assertThat(sum(behind).healthy()).isTrue();
    assertThat(member(sum(behind), 0).behind()).isTrue();
    assertThat(sum(sound).healthy()).isTrue();
  }

  @Test
  void learnersAndAlarmsAreTold() {
    var etcd =
        sum(
            Looks.alarmed(
                Looks.answer(sound, 0, Looks::asLearner),
                Looks.noSpace(2),
                Looks.corrupt(2),
                Looks.noSpace(2)));
    assertThat(member(etcd, 0).learner()).isTrue();
    assertThat(member(etcd, 1).healthy()).isTrue();
    assertThat(member(etcd, 2).alarms()).containsExactly("CORRUPT", "NOSPACE");
    assertThat(member(etcd, 2).healthy()).isFalse();
  }

  @Test
  void thatDataDifferIsKnownOfWhicheverMemberAndNotForgottenBySilence() {
    var ofNobody = new EtcdAlarm(EtcdId.NONE, EtcdAlarm.Kind.CORRUPT);
    var etcd = sum(Looks.alarmed(sound, ofNobody));
    assertThat(etcd.corruption()).contains(ObservedEtcd.Corruption.UNEXAMINED);
    assertThat(etcd.healthy()).isFalse();
    assertThat(sum(Looks.refused(sound)).corruption()).isPresent();
    assertThat(sum(sound).corruption()).isEmpty();
    assertThat(sum(Looks.alarmed(sound, Looks.noSpace(1))).corruption()).isEmpty();
  }

  private OptionalLong filling(long inUse, long quota) {
    var look = Looks.answer(sound, 1, s -> Looks.withSize(s, inUse, inUse));
    return observer.sum(look, withQuota(quota), Optional.empty(), Optional.empty()).filling();
  }

  private static Action.KeepEtcd withQuota(long quota) {
    return new Action.KeepEtcd(
        WANTED.access(),
        WANTED.pods(),
        WANTED.recorded(),
        WANTED.mark(),
        WANTED.maintained(),
        quota,
        WANTED.capacity(),
        WANTED.defragmented(),
        WANTED.defragmentationTried(),
        WANTED.changes());
  }

  @Test
  void aDatabaseIsFillingFromThreeQuartersInUseOn() {
    assertThat(filling(74 * MEBIBYTE, 100 * MEBIBYTE)).isEmpty();
    assertThat(filling(75 * MEBIBYTE, 100 * MEBIBYTE)).hasValue(100 * MEBIBYTE);
    assertThat(filling(66 * MEBIBYTE, 100 * MEBIBYTE)).as("still").hasValue(100 * MEBIBYTE);
    assertThat(filling(64 * MEBIBYTE, 100 * MEBIBYTE)).isEmpty();
    assertThat(filling(74 * MEBIBYTE, 100 * MEBIBYTE)).as("anew").isEmpty();
  }

  @Test
  void aDatabaseThatFillsOneQuotaHasToFillALargerOneAnew() {
    assertThat(filling(90 * MEBIBYTE, 100 * MEBIBYTE)).hasValue(100 * MEBIBYTE);
    assertThat(filling(90 * MEBIBYTE, 130 * MEBIBYTE)).as("69 %").isEmpty();
    assertThat(filling(100 * MEBIBYTE, 130 * MEBIBYTE)).hasValue(130 * MEBIBYTE);
  }

  @Test
  void freeSpaceWithinADatabaseDoesNotMakeItFilling() {
    var look = Looks.answer(sound, 1, s -> Looks.withSize(s, 99 * MEBIBYTE, 20 * MEBIBYTE));
    assertThat(
            observer
                .sum(look, withQuota(100 * MEBIBYTE), Optional.empty(), Optional.empty())
                .filling())
        .isEmpty();
  }

  @Test
  void whileNobodyAnswersADatabaseIsAsFullAsBefore() {
    assertThat(filling(90 * MEBIBYTE, 100 * MEBIBYTE)).isPresent();
    var look = Looks.refused(sound);
    for (int i = 0; i < 3; i++) {
      look = Looks.silent(look, i);
    }
    assertThat(
            observer
                .sum(look, withQuota(100 * MEBIBYTE), Optional.empty(), Optional.empty())
                .filling())
        .hasValue(100 * MEBIBYTE);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 16Mi",
    "16777216, 16Mi",
    "16777217, 32Mi",
    "536870912, 512Mi",
    "536870913, 1Gi",
    "8589934592, 8Gi",
    "1099511627776, 1024Gi"
  })
  void sizesAreRounded(long bytes, String rounded) {
    assertThat(EtcdObserver.rounded(bytes)).isEqualTo(new Quantity(rounded));
    assertThat(EtcdObserver.rounded(bytes).toString()).isEqualTo(rounded);
  }
}
