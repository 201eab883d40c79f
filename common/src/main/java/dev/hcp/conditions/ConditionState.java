package dev.hcp.conditions;

/**
 * What a condition says, without when it began to.
 *
 * @param type what it is about
 * @param status whether that holds
 * @param reason why, for machines
 * @param message what is observed, what is wanted, and what happens next
 */
public record ConditionState(
    ConditionType type, ConditionStatus status, Reason reason, String message) {

  /** All is as wanted. */
  public static ConditionState done(ConditionType type, String message) {
    return new ConditionState(type, ConditionStatus.TRUE, Reason.RECONCILE_SUCCEEDED, message);
  }

  /** Something is not as wanted. */
  public static ConditionState not(ConditionType type, Reason reason, String message) {
    return new ConditionState(type, ConditionStatus.FALSE, reason, message);
  }

  /**
   * Whether it counts against the control plane. What waits for nodes only does not: a cluster
   * without nodes is as its spec says. Backups do not: where they go is no part of it. Nor does
   * that the load is not known, for there are as many API servers as there have to be, with the
   * size that the spec gives them. That one is being restored, or that an upgrade is held back,
   * does not by itself: what it stops does.
   */
  public boolean isUnmet() {
    return !isTrue()
        && reason != Reason.WAITING_FOR_NODES
        && type != ConditionType.BACKUP
        && type != ConditionType.BACKUP_RESTORABLE
        && type != ConditionType.AUTOSCALING
        && type != ConditionType.VERTICAL_AUTOSCALING
        && type != ConditionType.RESTORING
        && type != ConditionType.UPGRADE_BLOCKED;
  }

  /** Whether what the type says holds. */
  public boolean isTrue() {
    return status == ConditionStatus.TRUE;
  }
}
