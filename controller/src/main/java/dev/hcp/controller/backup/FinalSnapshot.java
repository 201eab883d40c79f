package dev.hcp.controller.backup;

import dev.hcp.api.v1alpha1.EtcdBackup;
import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.api.v1alpha1.FinalSnapshotPolicy;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.etcd.Etcd;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Step;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Optional;

/**
 * Plans the last backup of a control plane that is being deleted.
 *
 * <p>That it is made is known by its manifest in the store, and then by an annotation of the
 * object. A controller that starts again looks into the store first, so there is one and not
 * another one for each start; and once the annotation is there, nothing depends on the store any
 * more.
 */
public final class FinalSnapshot {
  private static final String HOW_TO_GIVE_UP =
      "etcd stays until then; to delete it without a final snapshot, annotate the HostedControlPlane"
          + " with %s=true".formatted(Labels.SKIP_FINAL_SNAPSHOT_ANNOTATION);

  private FinalSnapshot() {}

  /**
   * Whether etcd may not be removed yet. Where it has never served, or nothing is left of it, there
   * is nothing to wait for.
   *
   * @param live the generated objects
   */
  public static boolean isOutstanding(HostedControlPlane object, LiveObjects live, Names names) {
    return isWanted(object)
        && !isRecorded(object)
        && !isGivenUp(object)
        && (Observation.wasInitialized(object)
            || live.get(ConfigMap.class, names.etcdIdentity()).isPresent())
        && isThere(live, names);
  }

  /** Why a control plane that is gone has no final snapshot, if it should have one. */
  public static Optional<String> missed(HostedControlPlane object) {
    if (!isWanted(object) || isRecorded(object) || !Observation.wasInitialized(object)) {
      return Optional.empty();
    }
    return Optional.of(
        isGivenUp(object)
            ? "There is no final snapshot of etcd: annotation %s gave it up"
                .formatted(Labels.SKIP_FINAL_SNAPSHOT_ANNOTATION)
            : "There is no final snapshot of etcd: somebody else removed etcd before it was made");
  }

  /** What is done once nobody can write any more; {@link #isOutstanding} has to hold. */
  public static Step plan(Planning planning) {
    var uid = planning.observed().hostedControlPlane().getMetadata().getUid();
    var made =
        planning
            .observed()
            .backup()
            .flatMap(BackupState::finished)
            .filter(snapshot -> snapshot.of().equals(uid));
    if (made.isPresent()) {
      return step(
          pending("The final snapshot of etcd is made"),
          List.of(new Action.RecordFinalSnapshot(made.get().object())));
    }
    return switch (BackupTarget.of(planning)) {
      case BackupTarget.Unusable(_, var why) -> step(failed(why), List.of());
      case BackupTarget.Unread(var secret) ->
          step(pending("Secret %s has not been read yet".formatted(secret)), List.of());
      case BackupTarget.Usable target ->
          Etcd.access(planning.objects(), planning.controlPlane())
              .map(etcd ->
                  step(
                      state(planning),
                      List.of(
                          // The store knows better what there is.
                          new Action.KeepBackups(
                              Backup.last(planning, target, etcd), BackupState.UNKNOWN))))
              .orElseGet(() ->
                  step(failed("the certificates by which etcd is asked are not there"), List.of()));
    };
  }

  /** Says that it cannot be made. */
  public static ConditionState failed(String why) {
    return state(
        Reason.FINAL_SNAPSHOT_FAILED,
        "No final snapshot of etcd could be taken: %s; %s".formatted(why, HOW_TO_GIVE_UP));
  }

  /** Value of {@link Labels#FINAL_SNAPSHOT_ANNOTATION}; it does not count for another object. */
  public static String record(HostedControlPlane object, String snapshot) {
    return "%s %s".formatted(object.getMetadata().getUid(), snapshot);
  }

  private static ConditionState state(Planning planning) {
    return planning
        .observed()
        .backup()
        .flatMap(BackupState::failure)
        .map(failure ->
            failed("%s; it is tried again at %s".formatted(failure.message(), failure.again())))
        .orElseGet(() ->
            pending("The API servers are stopped, and a final snapshot of etcd is being taken"));
  }

  private static ConditionState pending(String message) {
    return state(Reason.FINAL_SNAPSHOT_PENDING, message);
  }

  private static ConditionState state(Reason reason, String message) {
    return new ConditionState(ConditionType.DELETING, ConditionStatus.TRUE, reason, message);
  }

  private static Step step(ConditionState state, List<Action> actions) {
    return new Step(state, List.of(), List.of(), actions);
  }

  private static boolean isWanted(HostedControlPlane object) {
    return Optional.ofNullable(object.getSpec().etcd())
        .map(EtcdComponent::backup)
        .map(EtcdBackup::finalSnapshot)
        .filter(policy -> policy == FinalSnapshotPolicy.ON_DELETION)
        .isPresent();
  }

  private static boolean isRecorded(HostedControlPlane object) {
    return Backup.annotation(object, Labels.FINAL_SNAPSHOT_ANNOTATION)
        .filter(value -> value.startsWith(record(object, "")))
        .isPresent();
  }

  private static boolean isGivenUp(HostedControlPlane object) {
    return Backup.annotation(object, Labels.SKIP_FINAL_SNAPSHOT_ANNOTATION)
        .filter("true"::equals)
        .isPresent();
  }

  private static boolean isThere(LiveObjects live, Names names) {
    return live.get(StatefulSet.class, names.etcd()).isPresent()
        || !live.all(PersistentVolumeClaim.class).isEmpty()
        || live.all(Pod.class).stream()
            .anyMatch(pod ->
                Component.ETCD.label().equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)));
  }
}
