package dev.hcp.controller.etcd;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a member says of itself. It needs no quorum to say so.
 *
 * @param cluster the cluster that it belongs to
 * @param member its own identity
 * @param leader whom it takes for the leader; {@link EtcdId#NONE} if it knows of none
 * @param learner whether it has no vote yet
 * @param raftTerm number of the election that made the leader
 * @param raftIndex last entry of the log that it knows to be committed
 * @param appliedIndex last entry of the log that is in its database
 * @param revision revision of its key-value store
 * @param dbSize bytes that its database takes on the volume
 * @param dbSizeInUse bytes of these that are in use; the others are freed by defragmenting
 * @param quota bytes that its database may take; empty if it does not say, as before etcd 3.6
 * @param version version of etcd that it runs
 * @param errors what it finds wrong: a missing leader, and alarms of any member
 */
public record MemberStatus(
    EtcdId cluster,
    EtcdId member,
    EtcdId leader,
    boolean learner,
    long raftTerm,
    long raftIndex,
    long appliedIndex,
    long revision,
    long dbSize,
    long dbSizeInUse,
    OptionalLong quota,
    String version,
    List<String> errors) {
  private static final String MEMBER = "memberID:";

  /** Copies the list. */
  public MemberStatus {
    errors = List.copyOf(errors);
  }

  /** Whether it has heard that the data of members differ. */
  public boolean knowsOfCorruption() {
    return !corruptionAlarms().isEmpty();
  }

  /** Whether etcd says that the data of members differ, and not whose are wrong. */
  public boolean knowsOfCorruptionOfNobody() {
    return corruptionAlarms().stream().anyMatch(alarm -> !alarm.contains(MEMBER));
  }

  /** Whether etcd says that its own data are wrong. */
  public boolean isCalledCorrupt() {
    var own = MEMBER + Long.toUnsignedString(member.value());
    return corruptionAlarms().stream()
        .anyMatch(alarm -> Arrays.asList(alarm.split(" ", -1)).contains(own));
  }

  /**
   * A member repeats the alarms of all, with the decimal identity of whom each is about, unless it
   * is about nobody: {@code memberID:7 alarm:CORRUPT }.
   */
  private List<String> corruptionAlarms() {
    return errors.stream().filter(error -> error.contains("alarm:CORRUPT")).toList();
  }

  /** Whether it takes itself for the leader. */
  public boolean leads() {
    return leader.exists() && leader.equals(member);
  }
}
