package dev.hcp.controller.backup;

import dev.hcp.api.v1alpha1.EtcdBackup;
import dev.hcp.api.v1alpha1.EtcdRestoreDrill;
import dev.hcp.api.v1alpha1.EtcdRestoreDrillStatus;
import dev.hcp.api.v1alpha1.GoDuration;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Conditions;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.DrillOrder;
import dev.hcp.controller.plan.DrillPod;
import dev.hcp.controller.plan.DrillState;
import dev.hcp.controller.plan.DrillTarget;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.RestoreEnd;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.render.backup.RestoreDrillRenderer;
import dev.hcp.schedule.BackupSchedule;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Plans restore drills: pods in which the newest backup is restored for a test.
 *
 * <p>The pod stays until the status says what became of it. So a controller that starts again
 * either finds the pod and goes on with it, or finds the result; if the status was lost, the drill
 * is made again.
 */
public final class Drill {
  /** Reasons that say nothing of how a drill ended. */
  private static final Set<Reason> NOT_OF_DRILLS =
      Set.of(Reason.RESTORE_DRILL_PENDING, Reason.RECONCILE_FAILED);

  private Drill() {}

  /** The step; none where no drills are wanted and nothing is left of any. */
  public static Optional<Step> plan(Planning planning) {
    var settings = settings(planning);
    return settings.isEmpty() ? left(planning) : Optional.of(plan(planning, settings.get()));
  }

  /** What the status says of drills; null if none are wanted. */
  public static @Nullable EtcdRestoreDrillStatus status(Planning planning) {
    var settings = settings(planning);
    if (settings.isEmpty()) {
      return null;
    }
    var known = known(planning);
    var last = known.last();
    var next = next(planning, settings.get(), known);
    if (last.isEmpty() && next.isEmpty()) {
      return null;
    }
    return new EtcdRestoreDrillStatus(
        last.map(ended -> ended.begun().toString()).orElse(null),
        known.lastSuccess().map(Instant::toString).orElse(null),
        next.map(Instant::toString).orElse(null),
        last.flatMap(DrillState.Ended::backup).orElse(null),
        last.map(DrillState.Ended::end)
            .filter(RestoreEnd.Success.class::isInstance)
            .map(RestoreEnd.Success.class::cast)
            .map(success -> text(success.duration()))
            .orElse(null),
        last.flatMap(DrillState.Ended::request).orElse(null));
  }

  /** URLs of the store that the pods of drills may reach; none where no drills are wanted. */
  public static List<String> storeUrls(Planning planning) {
    return settings(planning).isPresent()
            && BackupTarget.of(planning) instanceof BackupTarget.Usable usable
        ? usable.store().urls()
        : List.of();
  }

  /** Whether drills are wanted, and it is not known yet from which store. */
  public static boolean isStoreUnread(Planning planning) {
    return settings(planning).isPresent()
        && BackupTarget.of(planning) instanceof BackupTarget.Unread;
  }

  /** What is there of a drill and is not being deleted. */
  public static List<HasMetadata> objects(LiveObjects objects, Names names) {
    return Stream.<Optional<? extends HasMetadata>>of(
            objects.get(Pod.class, names.restoreDrill()),
            objects.get(Secret.class, names.restoreDrill()))
        .flatMap(Optional::stream)
        .<HasMetadata>map(object -> object)
        .filter(object -> object.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  private static Optional<Step> left(Planning planning) {
    var left = objects(planning.objects(), planning.controlPlane().names());
    return left.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Step(
                pending("No backups are restored for a test any more"),
                List.of(),
                left,
                List.of()));
  }

  private static Step plan(Planning planning, EtcdRestoreDrill settings) {
    return switch (BackupTarget.of(planning)) {
      case BackupTarget.Usable usable ->
          Backup.isHeldUp(planning)
              ? said(planning, "Backups are not restored for a test before they are made")
              : usable(planning, settings, usable);
      case BackupTarget.Unusable(_, var why) -> said(planning, why);
      case BackupTarget.Unread(var secret) ->
          said(planning, "Secret %s has not been read yet".formatted(secret));
    };
  }

  /** Nothing is begun. What is under way goes on, and its end is looked at later. */
  private static Step said(Planning planning, String why) {
    return new Step(lastSaid(planning).orElseGet(() -> pending(why)), List.of());
  }

  private static Step usable(
      Planning planning, EtcdRestoreDrill settings, BackupTarget.Usable usable) {
    var names = planning.controlPlane().names();
    var pod = planning.objects().get(Pod.class, names.restoreDrill());
    var seen =
        pod.filter(live -> live.getMetadata().getDeletionTimestamp() == null)
            .flatMap(DrillPods::see);
    var unrecorded = seen.filter(drill -> !isRecorded(planning, drill.target()));
    var running = planning.observed().drill().flatMap(DrillState::running);
    var desired = new ArrayList<HasMetadata>();
    var obsolete = new ArrayList<HasMetadata>();
    var actions = new ArrayList<Action>();
    if (running.isPresent()) {
      desired.add(
          RestoreDrillRenderer.store(
              planning.controlPlane(), BackupFetch.files(usable.store(), usable.encryptionKey())));
      if (pod.isEmpty()) {
        actions.add(new Action.Create(pod(planning, running.get())));
      } else if (seen.isEmpty() || !seen.get().target().equals(running.get())) {
        obsolete.add(pod.get());
      }
    } else if (!isKept(planning, unrecorded)) {
      obsolete.addAll(objects(planning.objects(), names));
    }
    actions.add(
        new Action.KeepDrills(
            order(planning, settings, usable.store()), remembered(planning), unrecorded));
    return new Step(state(planning, settings, seen), desired, obsolete, actions);
  }

  /**
   * Whether what is left of a drill that is not under way is still needed: somebody else begins to
   * follow it in this pass, or its end is about to be written into the status.
   */
  private static boolean isKept(Planning planning, Optional<DrillPod> unrecorded) {
    return unrecorded.isPresent()
        && (planning.observed().drill().isEmpty()
            || planning
                .observed()
                .drill()
                .flatMap(DrillState::last)
                .filter(last -> last.begun().equals(unrecorded.get().target().begun()))
                .isPresent());
  }

  private static boolean isRecorded(Planning planning, DrillTarget target) {
    return before(planning)
        .filter(status -> target.begun().toString().equals(status.lastTime()))
        .isPresent();
  }

  private static Pod pod(Planning planning, DrillTarget target) {
    return RestoreDrillRenderer.pod(
        planning.controlPlane(),
        new RestoreDrillRenderer.Drill(target.backup(), target.size(), DrillPods.notes(target)));
  }

  private static DrillOrder order(Planning planning, EtcdRestoreDrill settings, StoreAccess store) {
    return new DrillOrder(
        planning.controlPlane().names().cluster(),
        schedule(planning, settings),
        Backup.since(planning),
        request(planning),
        store,
        Optional.ofNullable(Backup.lastTime(planning)).map(Instant::parse));
  }

  private static Optional<String> request(Planning planning) {
    return Backup.annotation(
            planning.observed().hostedControlPlane(), Labels.RESTORE_DRILL_ANNOTATION)
        .filter(request -> !request.isBlank());
  }

  /** Not at the very minute at which the backup itself is made, if both have a word as schedule. */
  private static BackupSchedule schedule(Planning planning, EtcdRestoreDrill settings) {
    var metadata = planning.observed().hostedControlPlane().getMetadata();
    return BackupSchedule.parse(
        settings.scheduleOrDefault(),
        planning.controlPlane().backup().orElseThrow().zone(),
        metadata.getNamespace(),
        metadata.getName() + "/restore-drill");
  }

  private static Optional<Instant> next(
      Planning planning, EtcdRestoreDrill settings, DrillState known) {
    return known
        .again()
        .or(() ->
            schedule(planning, settings)
                .next(known.last().map(DrillState.Ended::begun).orElse(Backup.since(planning))));
  }

  private static ConditionState state(
      Planning planning, EtcdRestoreDrill settings, Optional<DrillPod> seen) {
    var known = known(planning);
    if (!known.attempted()) {
      var before = lastSaid(planning);
      if (before.isPresent()) {
        return before.get();
      }
    }
    var next =
        next(planning, settings, known).map("; the next drill is due at %s"::formatted).orElse("");
    return switch (known.last().map(DrillState.Ended::end).orElse(null)) {
      case null ->
          pending(awaited(planning, known, seen) + (known.running().isEmpty() ? next : ""));
      case RestoreEnd.Success(var duration, var content) ->
          ConditionState.done(
              ConditionType.BACKUP_RESTORABLE,
              "Backup %s was restored within %s at %s: %s%s"
                  .formatted(
                      known.last().flatMap(DrillState.Ended::backup).orElse(""),
                      text(duration),
                      known.last().get().begun(),
                      content,
                      next));
      case RestoreEnd.Failure(_, var reason, var message) ->
          ConditionState.not(
              ConditionType.BACKUP_RESTORABLE,
              reason,
              "%s%s; %s"
                  .formatted(
                      message,
                      next,
                      known
                          .lastSuccess()
                          .map("the last drill that succeeded was at %s"::formatted)
                          .orElse("no drill has succeeded yet")));
    };
  }

  private static String awaited(Planning planning, DrillState known, Optional<DrillPod> seen) {
    if (known.running().isPresent()) {
      return "Backup %s is being restored for a test%s"
          .formatted(
              known.running().get().backup(),
              seen.flatMap(DrillPod::trouble).map("; %s"::formatted).orElse(""));
    }
    return Backup.lastTime(planning) == null
        ? "There is no backup yet that could be restored for a test"
        : "No backup was restored for a test yet";
  }

  private static DrillState known(Planning planning) {
    return planning.observed().drill().orElseGet(() -> remembered(planning));
  }

  /** What the status has kept over a restart of the controller. */
  private static DrillState remembered(Planning planning) {
    return before(planning)
        .flatMap(status ->
            Optional.ofNullable(status.lastTime())
                .map(time ->
                    new DrillState(
                        false,
                        Optional.empty(),
                        Optional.of(
                            new DrillState.Ended(
                                Optional.ofNullable(status.backup()),
                                Instant.parse(time),
                                Optional.ofNullable(status.request()),
                                end(planning, status))),
                        Optional.ofNullable(status.lastSuccessTime()).map(Instant::parse),
                        Optional.ofNullable(status.nextTime())
                            .filter(_ -> !time.equals(status.lastSuccessTime()))
                            .map(Instant::parse))))
        .orElse(DrillState.UNKNOWN);
  }

  private static RestoreEnd end(Planning planning, EtcdRestoreDrillStatus status) {
    return Objects.equals(status.lastTime(), status.lastSuccessTime())
        ? new RestoreEnd.Success(
            Optional.ofNullable(status.duration()).map(GoDuration::parse).orElse(Duration.ZERO),
            "it held what was backed up")
        : lastSaid(planning)
            .filter(state -> state.status() == ConditionStatus.FALSE)
            .map(state -> new RestoreEnd.Failure("error", state.reason(), state.message()))
            .orElse(
                new RestoreEnd.Failure(
                    "error",
                    Reason.RESTORE_DRILL_FAILED,
                    "The last drill did not succeed, at " + status.lastTime()));
  }

  /** Still holds after a start of the controller, until the first drill says something else. */
  private static Optional<ConditionState> lastSaid(Planning planning) {
    var object = planning.observed().hostedControlPlane();
    return Optional.ofNullable(object.getStatus())
        .map(HostedControlPlaneStatus::conditions)
        .flatMap(conditions ->
            Conditions.state(
                conditions, ConditionType.BACKUP_RESTORABLE, object.getMetadata().getGeneration()))
        .filter(before -> !NOT_OF_DRILLS.contains(before.reason()));
  }

  private static Optional<EtcdRestoreDrillStatus> before(Planning planning) {
    return Optional.ofNullable(planning.observed().hostedControlPlane().getStatus())
        .flatMap(status -> Optional.ofNullable(status.etcdRestoreDrill()));
  }

  /** Neither good nor bad. */
  private static ConditionState pending(String message) {
    return new ConditionState(
        ConditionType.BACKUP_RESTORABLE,
        ConditionStatus.UNKNOWN,
        Reason.RESTORE_DRILL_PENDING,
        message);
  }

  private static String text(Duration duration) {
    return "%ds".formatted(duration.toSeconds());
  }

  private static Optional<EtcdRestoreDrill> settings(Planning planning) {
    return planning.controlPlane().backup().map(EtcdBackup::restoreDrill);
  }
}
