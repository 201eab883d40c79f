package dev.hcp.controller.restore;

import dev.hcp.api.v1alpha1.EtcdBackupEncryption;
import dev.hcp.api.v1alpha1.EtcdBackupSecret;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestoreStatus;
import dev.hcp.api.v1alpha1.RestorePhase;
import dev.hcp.api.v1alpha1.RestoreSource;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.backup.BackupFetch;
import dev.hcp.controller.backup.BackupTarget;
import dev.hcp.controller.backup.RestorePods;
import dev.hcp.controller.etcd.Etcd;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.ObjectReference;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.PodTrouble;
import dev.hcp.controller.plan.RestoreEnd;
import dev.hcp.controller.plan.RestoreProgress;
import dev.hcp.controller.plan.Restoring;
import dev.hcp.controller.plan.Step;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Labels;
import dev.hcp.render.backup.RestoreRenderer;
import dev.hcp.render.etcd.EtcdRenderer;
import dev.hcp.render.etcd.Restoration;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Plans restorations of etcd. A backup is fetched, restored and looked at on a volume of its own
 * before anything else is touched; then etcd goes over to that volume, see {@link Etcd}.
 */
public final class Restore {
  private Restore() {}

  /** What restorations want of the rest of the control plane. */
  public static Restoring restoring(Observation observed, ControlPlane controlPlane) {
    var restores = restores(observed, controlPlane);
    var current = restores.current();
    var preparation = preparation(observed, controlPlane, restores);
    var founding =
        restores.holdingFounding().map(holding -> foundingWaits(holding, Restores.isOver(holding)));
    return new Restoring(
        current.map(restore -> order(restore, preparation)),
        current.isPresent() ? OptionalInt.of(preparation.ordinal()) : OptionalInt.empty(),
        founding,
        restores
            .membership()
            .restoration()
            .filter(changing -> changing.stage() != Restoration.Stage.RELEASED)
            .map(changing ->
                "HostedControlPlaneRestore %s restores backup %s"
                    .formatted(changing.name(), changing.backup()))
            .or(() -> founding));
  }

  /** The step; none where there is nothing to restore. */
  public static Optional<Step> plan(Planning planning) {
    var restores = restores(planning.observed(), planning.controlPlane());
    var preparation = preparation(planning.observed(), planning.controlPlane(), restores);
    var current = restores.current();
    var actions = new ArrayList<Action>();
    QuorumLoss.request(planning, restores.all()).ifPresent(actions::add);
    for (var restore : restores.all()) {
      if (!Restores.isOver(restore) && !current.equals(Optional.of(restore))) {
        actions.add(new Action.ReportRestore(restore, waiting(restores, restore, current)));
      }
    }
    var changing = restores.membership().restoration();
    if (current.isEmpty() && changing.isEmpty()) {
      var left = preparation.everything();
      return left.isEmpty() && actions.isEmpty()
          ? Optional.empty()
          : Optional.of(
              new Step(
                  ConditionState.not(
                      ConditionType.RESTORING,
                      Reason.RECONCILE_SUCCEEDED,
                      "No backup is being restored"),
                  List.of(),
                  left,
                  actions));
    }
    var work =
        changing.isPresent()
            ? switching(planning, changing.get(), current, preparation)
            : preparing(planning, current.orElseThrow(), preparation);
    actions.addAll(work.actions());
    current.ifPresent(restore -> actions.add(new Action.ReportRestore(restore, work.progress())));
    return Optional.of(
        new Step(
            new ConditionState(
                ConditionType.RESTORING,
                work.progress().phase() == RestorePhase.FAILED
                    ? ConditionStatus.FALSE
                    : ConditionStatus.TRUE,
                work.progress().reason(),
                current
                        .map(restore -> "HostedControlPlaneRestore %s: ".formatted(name(restore)))
                        .or(() ->
                            changing.map(
                                was -> "HostedControlPlaneRestore %s: ".formatted(was.name())))
                        .orElse("")
                    + work.progress().message()),
            work.desired(),
            work.obsolete(),
            actions));
  }

  /** What is said of those that are asked for while the control plane hibernates. */
  public static List<Action> untilAwake(Planning planning) {
    var restores = restores(planning.observed(), planning.controlPlane());
    return restores.all().stream()
        .filter(restore -> !Restores.isOver(restore))
        .filter(restore -> !Restores.isCancelled(restore))
        .<Action>map(restore ->
            new Action.ReportRestore(
                restore,
                progress(
                    restore,
                    RestorePhase.PENDING,
                    Reason.HIBERNATED,
                    "HostedControlPlane %s hibernates, and nothing is restored until it wakes up: set its spec.hibernated to false"
                        .formatted(restore.getSpec().controlPlaneName()))))
        .toList();
  }

  /** When there is another attempt to restore a backup; empty if none is to be. */
  public static Optional<Instant> due(Planning planning) {
    var restores = restores(planning.observed(), planning.controlPlane());
    var preparation = preparation(planning.observed(), planning.controlPlane(), restores);
    return restores
        .current()
        .flatMap(restore -> {
          var uid = restore.getMetadata().getUid();
          return preparation
              .end(uid)
              .flatMap(RestoreEnd::failure)
              .flatMap(failure -> preparation.again(uid, failure));
        });
  }

  /** The Secrets that restorations need which are not over. */
  public static List<ObjectReference> references(Observation observed, ControlPlane controlPlane) {
    return restores(observed, controlPlane).current().stream()
        .flatMap(restore -> location(controlPlane, restore).stream())
        .flatMap(location ->
            BackupTarget.references(controlPlane, location.secret(), location.encryption())
                .stream())
        .toList();
  }

  /** URLs of the store that the pod of a restoration may reach. */
  public static List<String> storeUrls(Planning planning) {
    return restores(planning.observed(), planning.controlPlane()).current().stream()
        .flatMap(restore -> location(planning.controlPlane(), restore).stream())
        .map(location -> BackupTarget.of(planning, location.secret(), location.encryption()))
        .flatMap(target ->
            target instanceof BackupTarget.Usable usable
                ? usable.store().urls().stream()
                : Stream.empty())
        .toList();
  }

  /** Where a backup is, and how it is decrypted. */
  private record Location(EtcdBackupSecret secret, @Nullable EtcdBackupEncryption encryption) {}

  /**
   * What is to be done, and what is said.
   *
   * @param progress how far it is
   */
  private record Work(
      RestoreProgress progress,
      List<HasMetadata> desired,
      List<HasMetadata> obsolete,
      List<Action> actions) {
    static Work none(RestoreProgress progress) {
      return new Work(progress, List.of(), List.of(), List.of());
    }
  }

  private static Restores restores(Observation observed, ControlPlane controlPlane) {
    return new Restores(observed.restores(), Etcd.membership(observed.objects(), controlPlane));
  }

  private static Preparation preparation(
      Observation observed, ControlPlane controlPlane, Restores restores) {
    return Preparation.of(observed.objects(), controlPlane, restores.membership());
  }

  private static Restoring.Order order(HostedControlPlaneRestore restore, Preparation preparation) {
    var uid = restore.getMetadata().getUid();
    return new Restoring.Order(
        uid,
        name(restore),
        preparation
            .end(uid)
            .filter(RestoreEnd.Success.class::isInstance)
            .map(_ -> preparation.own(uid).flatMap(RestorePods::backup).orElse("of unknown name")),
        Restores.isCancelled(restore));
  }

  private static String foundingWaits(HostedControlPlaneRestore restore, boolean failed) {
    return failed
        ? "HostedControlPlaneRestore %s has failed, and etcd is not founded without its data: create another one, or delete it to begin with an empty cluster"
            .formatted(name(restore))
        : "etcd is founded with the data that HostedControlPlaneRestore %s brings"
            .formatted(name(restore));
  }

  /** What is said of one that is not carried out now. */
  private static RestoreProgress waiting(
      Restores restores,
      HostedControlPlaneRestore restore,
      Optional<HostedControlPlaneRestore> current) {
    if (restores.wasCarriedOut(restore)) {
      return progress(
          restore,
          RestorePhase.SUCCEEDED,
          Reason.RESTORED,
          "The control plane works with the restored data");
    }
    if (restores.hasPredecessor(restore)) {
      return progress(
          restore,
          RestorePhase.FAILED,
          Reason.RESTORED_BEFORE,
          "Another HostedControlPlaneRestore of this name was carried out. So that none is carried"
              + " out twice by accident, give this one another name");
    }
    if (Restores.isCancelled(restore)) {
      return progress(
          restore,
          RestorePhase.FAILED,
          Reason.RESTORE_CANCELLED,
          "It was cancelled; the control plane has the data that it had");
    }
    return progress(
        restore,
        RestorePhase.PENDING,
        Reason.RESTORE_PENDING,
        "It waits until HostedControlPlaneRestore %s is over"
            .formatted(current.map(Restore::name).orElse("that is under way")));
  }

  private static Work preparing(
      Planning planning, HostedControlPlaneRestore restore, Preparation preparation) {
    var controlPlane = planning.controlPlane();
    var uid = restore.getMetadata().getUid();
    var location = location(controlPlane, restore);
    if (location.isEmpty()) {
      return Work.none(
          progress(
              restore,
              RestorePhase.FAILED,
              Reason.BACKUP_SECRET_INVALID,
              "HostedControlPlane %s has no etcd.backup, so source.secret has to say where the backup is"
                  .formatted(restore.getSpec().controlPlaneName())));
    }
    var end = preparation.end(uid);
    if (end.isPresent()) {
      return ended(planning, restore, preparation, end.get());
    }
    return switch (BackupTarget.of(
        planning, location.get().secret(), location.get().encryption())) {
      case BackupTarget.Unusable(var reason, var why) ->
          Work.none(progress(restore, RestorePhase.PENDING, reason, why));
      case BackupTarget.Unread(var secret) ->
          Work.none(
              progress(
                  restore,
                  RestorePhase.PENDING,
                  Reason.RESTORE_PENDING,
                  "Secret %s has not been read yet".formatted(secret)));
      case BackupTarget.Usable usable -> preparing(planning, restore, preparation, usable);
    };
  }

  private static Work preparing(
      Planning planning,
      HostedControlPlaneRestore restore,
      Preparation preparation,
      BackupTarget.Usable usable) {
    var controlPlane = planning.controlPlane();
    var uid = restore.getMetadata().getUid();
    if (!preparation.isClear(uid)) {
      return new Work(
          progress(
              restore,
              RestorePhase.PREPARING,
              Reason.PREPARING_RESTORE,
              "It waits until what another restoration has left is gone"),
          List.of(),
          preparation.strange(uid),
          List.of());
    }
    var notes = Map.of(Labels.RESTORE_ANNOTATION, uid);
    int attempt =
        preparation.own(uid).isPresent() ? preparation.attempt(uid) : attempts(restore) + 1;
    var actions = new ArrayList<Action>();
    if (preparation.claim().isEmpty()) {
      actions.add(
          new Action.Create(
              EtcdRenderer.restored(
                  controlPlane, preparation.ordinal(), Etcd.volumeSize(planning), notes)));
    }
    if (preparation.pod().isEmpty()) {
      actions.add(
          new Action.Create(
              RestoreRenderer.pod(
                  controlPlane,
                  new RestoreRenderer.Order(
                      which(controlPlane, restore, Etcd.quota(planning)),
                      preparation.ordinal(),
                      Etcd.quota(planning),
                      Map.of(
                          Labels.RESTORE_ANNOTATION,
                          uid,
                          Labels.RESTORE_ATTEMPT_ANNOTATION,
                          Integer.toString(attempt))))));
    }
    var trouble =
        preparation
            .own(uid)
            .flatMap(pod -> PodTrouble.describe(List.of(pod)))
            .map("; %s"::formatted)
            .orElse("");
    return new Work(
        new RestoreProgress(
            RestorePhase.PREPARING,
            Reason.PREPARING_RESTORE,
            "The backup is fetched, restored on a new volume and looked at; nothing else has"
                + " changed yet"
                + trouble,
            preparation.own(uid).flatMap(RestorePods::backup),
            attempt),
        List.of(
            RestoreRenderer.store(
                controlPlane, BackupFetch.files(usable.store(), usable.encryptionKey()))),
        List.of(),
        actions);
  }

  private static Work ended(
      Planning planning,
      HostedControlPlaneRestore restore,
      Preparation preparation,
      RestoreEnd end) {
    var uid = restore.getMetadata().getUid();
    int attempt = preparation.attempt(uid);
    var backup = preparation.own(uid).flatMap(RestorePods::backup);
    return switch (end) {
      case RestoreEnd.Success(var duration, var content) ->
          Work.none(
              new RestoreProgress(
                  RestorePhase.SWITCHING,
                  Reason.RESTORING,
                  "The backup was restored on a new volume within %d s: %s; etcd goes over to it"
                      .formatted(duration.toSeconds(), content),
                  backup,
                  attempt));
      case RestoreEnd.Failure failure -> {
        var again = preparation.again(uid, failure);
        yield again
            .map(due ->
                new Work(
                    new RestoreProgress(
                        RestorePhase.PREPARING,
                        Reason.RESTORE_RETRIED,
                        "Attempt %d failed: %s; nothing has changed, there is another attempt from %s on"
                            .formatted(attempt, failure.message(), due),
                        backup,
                        attempt),
                    List.of(),
                    planning.observed().at().isBefore(due) ? List.of() : preparation.failed(),
                    List.of()))
            .orElseGet(() ->
                Work.none(
                    new RestoreProgress(
                        RestorePhase.FAILED,
                        failure.reason(),
                        "%s; the control plane has the data that it had"
                            .formatted(failure.message()),
                        backup,
                        attempt)));
      }
    };
  }

  /** What the pod was for is done, and its volume is needed. */
  private static Work switching(
      Planning planning,
      Restoration changing,
      Optional<HostedControlPlaneRestore> restore,
      Preparation preparation) {
    var backup = Optional.of(changing.backup());
    int attempts = restore.map(Restore::attempts).orElse(0);
    var progress =
        switch (changing.stage()) {
          case FENCED ->
              new RestoreProgress(
                  RestorePhase.SWITCHING,
                  Reason.RESTORING,
                  "API servers, and all that use them, stop%s".formatted(stopping(planning)),
                  backup,
                  attempts);
          case SWITCHED ->
              new RestoreProgress(
                  RestorePhase.SWITCHING,
                  Reason.RESTORING,
                  "etcd starts with the data of backup %s; those that it had are kept until everything works, and spec.cancel brings them back%s"
                      .formatted(
                          changing.backup(),
                          Etcd.unavailable(planning)
                              .map(state -> ": " + state.message())
                              .orElse("")),
                  backup,
                  attempts);
          case RELEASED ->
              new RestoreProgress(
                  RestorePhase.STARTING,
                  Reason.STARTING_WITH_BACKUP,
                  "etcd serves the data of backup %s; API servers start, and the other members are made anew%s"
                      .formatted(
                          changing.backup(),
                          planning
                                  .restoring()
                                  .order()
                                  .filter(Restoring.Order::cancelled)
                                  .isPresent()
                              ? "; it cannot be cancelled any more"
                              : ""),
                  backup,
                  attempts);
        };
    return new Work(progress, List.of(), preparation.tools(), List.of());
  }

  /** Pods that are waited for, in words. */
  private static String stopping(Planning planning) {
    var pods =
        Etcd.users(planning.objects(), planning.controlPlane().names()).stream()
            .map(pod -> pod.getMetadata().getName())
            .toList();
    return pods.isEmpty() ? "" : "; these pods are still there: " + String.join(", ", pods);
  }

  private static List<String> which(
      ControlPlane controlPlane, HostedControlPlaneRestore restore, long largest) {
    var source = source(restore);
    var cluster = source.cluster();
    var flags = new ArrayList<String>();
    if (source.backup() != null) {
      flags.add("--backup=" + source.backup());
    }
    if (source.upToTime() != null) {
      flags.add("--up-to=" + source.upToTime());
    }
    if (source.sinceTime() != null) {
      flags.add("--since=" + source.sinceTime());
    }
    flags.add("--cluster=" + (cluster == null ? controlPlane.names().cluster() : cluster.name()));
    flags.add(
        "--namespace="
            + (cluster == null || cluster.namespace() == null
                ? controlPlane.namespace()
                : cluster.namespace()));
    flags.add("--etcd-version=" + controlPlane.components().etcd());
    flags.add("--largest=" + largest);
    return flags;
  }

  /** Empty if it is not said anywhere. */
  private static Optional<Location> location(
      ControlPlane controlPlane, HostedControlPlaneRestore restore) {
    var source = source(restore);
    if (source.secret() != null) {
      return Optional.of(new Location(source.secret(), source.encryption()));
    }
    return controlPlane.backup().map(backup -> new Location(backup.secret(), backup.encryption()));
  }

  private static RestoreSource source(HostedControlPlaneRestore restore) {
    var source = restore.getSpec().source();
    return source == null ? RestoreSource.NEWEST : source;
  }

  private static RestoreProgress progress(
      HostedControlPlaneRestore restore, RestorePhase phase, Reason reason, String message) {
    return new RestoreProgress(
        phase,
        reason,
        message,
        Optional.ofNullable(restore.getStatus()).map(HostedControlPlaneRestoreStatus::backup),
        attempts(restore));
  }

  private static int attempts(HostedControlPlaneRestore restore) {
    var status = restore.getStatus();
    return status == null || status.attempts() == null ? 0 : status.attempts();
  }

  private static String name(HostedControlPlaneRestore restore) {
    return restore.getMetadata().getName();
  }
}
