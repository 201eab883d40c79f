package dev.hcp.controller.restore;

import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestoreStatus;
import dev.hcp.api.v1alpha1.RestorePhase;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Conditions;
import dev.hcp.conditions.Reason;
import dev.hcp.render.etcd.Membership;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The restorations that are wanted of one control plane. They are carried out one after the other,
 * in the order in which they were asked for.
 *
 * @param all those that there are, in that order
 * @param membership what is recorded of the members of etcd
 */
record Restores(List<HostedControlPlaneRestore> all, Membership membership) {
  private static final Comparator<HostedControlPlaneRestore> ORDER =
      Comparator.comparing((HostedControlPlaneRestore restore) ->
              String.valueOf(restore.getMetadata().getCreationTimestamp()))
          .thenComparing(restore -> restore.getMetadata().getName());

  /** Sorts them. */
  Restores {
    all = all.stream().sorted(ORDER).toList();
  }

  /** The one that is carried out, or is next; empty if there is none. */
  Optional<HostedControlPlaneRestore> current() {
    var changing = membership.restoration();
    return changing.isPresent()
        ? all.stream().filter(restore -> isOf(restore, changing.get().uid())).findFirst()
        : all.stream().filter(this::isOpen).findFirst();
  }

  /** Whether something is still to be done about one. */
  private boolean isOpen(HostedControlPlaneRestore restore) {
    return !isOver(restore)
        && !isCancelled(restore)
        && restore.getMetadata().getDeletionTimestamp() == null
        && !wasCarriedOut(restore)
        && !hasPredecessor(restore);
  }

  /** Whether it is the last one that succeeded. */
  boolean wasCarriedOut(HostedControlPlaneRestore restore) {
    return membership.restored().filter(last -> isOf(restore, last.uid())).isPresent();
  }

  /** Whether another one of the same name has succeeded. */
  boolean hasPredecessor(HostedControlPlaneRestore restore) {
    return membership
        .restored()
        .filter(last -> last.names().contains(restore.getMetadata().getName()))
        .filter(last -> !isOf(restore, last.uid()))
        .isPresent();
  }

  /**
   * The one because of which an etcd that does not exist yet must not be founded without data: one
   * that is to be carried out, or that has failed and was not given up.
   */
  Optional<HostedControlPlaneRestore> holdingFounding() {
    return membership.founded()
        ? Optional.empty()
        : current().or(() -> all.stream().filter(Restores::hasFailed).findFirst());
  }

  static boolean isCancelled(HostedControlPlaneRestore restore) {
    return Boolean.TRUE.equals(restore.getSpec().cancel());
  }

  static boolean isOver(HostedControlPlaneRestore restore) {
    return phase(restore).filter(RestorePhase::isOver).isPresent();
  }

  static boolean hasFailed(HostedControlPlaneRestore restore) {
    return phase(restore).equals(Optional.of(RestorePhase.FAILED))
        && !isCancelled(restore)
        && reason(restore).filter(Reason.RESTORED_BEFORE::equals).isEmpty();
  }

  static boolean isOf(HostedControlPlaneRestore restore, String uid) {
    return uid.equals(restore.getMetadata().getUid());
  }

  private static Optional<RestorePhase> phase(HostedControlPlaneRestore restore) {
    return Optional.ofNullable(restore.getStatus()).map(HostedControlPlaneRestoreStatus::phase);
  }

  private static Optional<Reason> reason(HostedControlPlaneRestore restore) {
    return Optional.ofNullable(restore.getStatus())
        .map(HostedControlPlaneRestoreStatus::conditions)
        .flatMap(conditions -> Conditions.find(conditions, ConditionType.RESTORED))
        .flatMap(condition -> Reason.of(condition.reason()));
  }
}
