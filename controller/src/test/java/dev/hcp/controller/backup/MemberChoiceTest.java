package dev.hcp.controller.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.etcd.EtcdId;
import dev.hcp.controller.etcd.MemberStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MemberChoiceTest {
  private static final long LEADER = 1;

  @Test
  void aFollowerSparesTheLeader() {
    assertThat(best(Map.of("a", member(LEADER, 500), "b", member(2, 480), "c", member(3, 490))))
        .contains("c");
  }

  @Test
  void theLeaderIsBetterThanSomebodyWhoIsBehind() {
    assertThat(best(Map.of("a", member(LEADER, 50_000), "b", member(2, 40_000)))).contains("a");
  }

  @Test
  void aLonelyMemberHasToDo() {
    assertThat(best(Map.of("a", member(LEADER, 5)))).contains("a");
    assertThat(best(Map.of("b", member(2, 5)))).contains("b");
  }

  @Test
  void learnersMayLackData() {
    assertThat(best(Map.of("a", member(LEADER, 500), "b", member(2, 500, true, List.of()))))
        .contains("a");
    assertThat(best(Map.of("b", member(2, 500, true, List.of())))).isEmpty();
  }

  /** Every member repeats the alarm; it is about one. */
  @Test
  void whoseDataAreCorruptGivesNone() {
    var alarm = List.of("memberID:2 alarm:CORRUPT ");
    assertThat(
            best(
                Map.of(
                    "a", member(LEADER, 500, false, alarm),
                    "b", member(2, 500, false, alarm),
                    "c", member(3, 500, false, alarm))))
        .contains("c");
    assertThat(best(Map.of("b", member(2, 500, false, alarm)))).isEmpty();
    var full = List.of("memberID:2 alarm:NOSPACE ");
    assertThat(best(Map.of("b", member(2, 500, false, full)))).contains("b");
  }

  @Test
  void ifNobodyKnowsWhoseDataAreWrongThatIsKnown() {
    var ofNobody = member(2, 500, false, List.of("alarm:CORRUPT "));
    assertThat(MemberChoice.isUncertain(Map.of("a", member(LEADER, 500), "b", ofNobody))).isTrue();
    var ofOne = member(2, 500, false, List.of("memberID:2 alarm:CORRUPT "));
    assertThat(MemberChoice.isUncertain(Map.of("b", ofOne))).isFalse();
    assertThat(MemberChoice.isUncertain(Map.of("b", member(2, 500)))).isFalse();
  }

  @Test
  void nobodyIsNobody() {
    assertThat(best(Map.of())).isEmpty();
  }

  private static Optional<String> best(Map<String, MemberStatus> members) {
    return MemberChoice.best(members).map(Map.Entry::getKey);
  }

  private static MemberStatus member(long id, long applied) {
    return member(id, applied, false, List.of());
  }

  private static MemberStatus member(long id, long applied, boolean learner, List<String> errors) {
    return new MemberStatus(
        new EtcdId(77),
        new EtcdId(id),
        new EtcdId(LEADER),
        learner,
        3,
        applied,
        applied,
        100,
        1000,
        500,
        OptionalLong.empty(),
        "3.6.8",
        errors);
  }
}
