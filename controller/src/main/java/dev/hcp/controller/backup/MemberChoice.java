package dev.hcp.controller.backup;

import dev.hcp.controller.etcd.MemberStatus;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * Which member gives the snapshot: one that has all that any has, if possible not the leader, which
 * has enough to do.
 */
final class MemberChoice {
  /** Entries of the log that a member may be behind: about what is written in a second or two. */
  private static final long SLIGHTLY_BEHIND = 1000;

  private MemberChoice() {}

  /**
   * The best member; empty if none can give a snapshot.
   *
   * @param members the members that have answered, by name
   */
  static Optional<Map.Entry<String, MemberStatus>> best(Map<String, MemberStatus> members) {
    var usable =
        members.entrySet().stream()
            .filter(member -> !member.getValue().learner())
            .filter(member -> !member.getValue().isCalledCorrupt())
            .toList();
    var furthest = usable.stream().mapToLong(m -> m.getValue().appliedIndex()).max();
    return usable.stream()
        .filter(m -> m.getValue().appliedIndex() >= furthest.orElse(0) - SLIGHTLY_BEHIND)
        .min(
            Comparator.<Map.Entry<String, MemberStatus>, Boolean>comparing(
                    m -> m.getValue().leads())
                .thenComparingLong(m -> -m.getValue().appliedIndex())
                .thenComparing(Map.Entry::getKey));
  }

  /** Whether etcd says that the data of its members differ, and not whose are wrong. */
  static boolean isUncertain(Map<String, MemberStatus> members) {
    return members.values().stream().anyMatch(MemberStatus::knowsOfCorruptionOfNobody);
  }
}
