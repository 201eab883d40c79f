package dev.hcp.controller.backup;

import dev.hcp.api.v1alpha1.EtcdBackup;
import dev.hcp.api.v1alpha1.EtcdBackupRetention;
import dev.hcp.api.v1alpha1.GoDuration;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Conditions;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.etcd.Etcd;
import dev.hcp.controller.etcd.EtcdVersionChange;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Step;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Labels;
import dev.hcp.schedule.BackupSchedule;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Plans backups. */
public final class Backup {
  /** What attempts, and not looks at a Secret, are the reasons of. */
  private static final Set<Reason> OF_ATTEMPTS =
      Set.of(
          Reason.RECONCILE_SUCCEEDED,
          Reason.STORE_ACCESS_DENIED,
          Reason.BUCKET_NOT_FOUND,
          Reason.OBJECT_LOCK_NOT_ENABLED,
          Reason.STORE_FULL,
          Reason.STORE_NOT_TRUSTED,
          Reason.STORE_UNREACHABLE,
          Reason.SNAPSHOT_NOT_TAKEN,
          Reason.BACKUP_DAMAGED,
          Reason.BACKUP_FAILED);

  private Backup() {}

  /** The step; none where no backups are wanted. */
  public static Optional<Step> plan(Planning planning) {
    return planning
        .controlPlane()
        .backup()
        .map(settings ->
            switch (BackupTarget.of(planning)) {
              case BackupTarget.Usable usable -> usable(planning, settings, usable);
              case BackupTarget.Unusable(var reason, var why) ->
                  said(ConditionState.not(ConditionType.BACKUP, reason, why));
              case BackupTarget.Unread(var secret) ->
                  said(
                      lastSaid(planning)
                          .orElseGet(() ->
                              pending(
                                  Reason.FIRST_BACKUP_PENDING,
                                  "Secret %s has not been read yet".formatted(secret))));
            });
  }

  /** When the last backup that succeeded was begun; null if none is known, or none wanted. */
  public static @Nullable String lastTime(Planning planning) {
    return planning
        .controlPlane()
        .backup()
        .flatMap(_ -> known(planning.observed()).last())
        .map(Instant::toString)
        .orElse(null);
  }

  /** When the next backup is due; null if none is. */
  public static @Nullable String nextTime(Planning planning) {
    return planning
        .controlPlane()
        .backup()
        .flatMap(settings -> next(planning, settings))
        .map(Instant::toString)
        .orElse(null);
  }

  /** The last request for a backup that was met; null if none was, or none are wanted. */
  public static @Nullable String lastRequest(Planning planning) {
    return planning
        .controlPlane()
        .backup()
        .flatMap(_ -> known(planning.observed()).request())
        .orElse(null);
  }

  /**
   * The request for a backup by annotation that was not met yet; empty if none is wanted, or none
   * could be made now.
   */
  public static Optional<String> outstandingRequest(Planning planning) {
    return annotation(planning.observed().hostedControlPlane(), Labels.BACKUP_ANNOTATION)
        .filter(request -> !request.isBlank())
        .filter(_ -> planning.controlPlane().backup().isPresent() && !isHeldUp(planning))
        .filter(request -> !request.equals(lastRequest(planning)));
  }

  /**
   * Whether etcd may not change its version yet because backups are wanted, and there is none of
   * what is there now. One of a cluster that has never served is not worth waiting for.
   */
  public static boolean isMissing(
      Observation observed, ControlPlane controlPlane, EtcdVersionChange change) {
    return observed.initialized()
        && controlPlane.backup().isPresent()
        && !known(observed).request().equals(Optional.of(request(change)));
  }

  private static String request(EtcdVersionChange change) {
    return "before etcd " + change.to();
  }

  /** Whether backups wait for something else than a Secret. */
  static boolean isHeldUp(Planning planning) {
    return !planning.observed().initialized() || isRestoring(planning) || isOtherData(planning);
  }

  private static boolean isRestoring(Planning planning) {
    return planning.restoring().fence().isPresent();
  }

  /** What is there now must not take the place of backups of what was there. */
  private static boolean isOtherData(Planning planning) {
    return Etcd.unavailable(planning)
        .filter(state -> state.reason() == Reason.ETCD_DATA_CHANGED)
        .isPresent();
  }

  private static Step usable(Planning planning, EtcdBackup settings, BackupTarget.Usable target) {
    if (!planning.observed().initialized()) {
      return said(
          pending(
              Reason.WAITING_FOR_ETCD,
              "Backups are made once the API server has answered for the first time"));
    }
    if (isRestoring(planning)) {
      return said(pending(Reason.RESTORING, "No backups are made while one is being restored"));
    }
    if (isOtherData(planning)) {
      return said(
          ConditionState.not(
              ConditionType.BACKUP,
              Reason.ETCD_DATA_CHANGED,
              "No backups are made while etcd does not have the data that it had"));
    }
    return Etcd.access(planning.objects(), planning.controlPlane())
        .map(etcd ->
            new Step(
                state(planning, settings),
                List.of(),
                List.of(),
                List.of(
                    new Action.KeepBackups(
                        order(planning, settings, target, etcd), remembered(planning.observed())))))
        .orElseGet(() ->
            said(
                pending(
                    Reason.WAITING_FOR_CERTIFICATE,
                    "The certificates by which etcd is asked are not there yet")));
  }

  private static BackupOrder order(
      Planning planning, EtcdBackup settings, BackupTarget.Usable target, EtcdAccess etcd) {
    return order(
        planning,
        settings,
        target,
        etcd,
        EtcdVersionChange.ahead(planning.observed(), planning.controlPlane())
            .map(Backup::request)
            .or(() ->
                annotation(planning.observed().hostedControlPlane(), Labels.BACKUP_ANNOTATION))
            .filter(request -> !request.isBlank()),
        retention(settings.retention()),
        Optional.empty());
  }

  /**
   * The last backup of a control plane that is being deleted.
   *
   * @throws java.util.NoSuchElementException where none are wanted
   */
  static BackupOrder last(Planning planning, BackupTarget.Usable target, EtcdAccess etcd) {
    var settings = planning.controlPlane().backup().orElseThrow();
    return order(
        planning,
        settings,
        target,
        etcd,
        Optional.empty(),
        BackupOrder.Retention.ALL,
        Optional.of(planning.observed().hostedControlPlane().getMetadata().getUid()));
  }

  private static BackupOrder order(
      Planning planning,
      EtcdBackup settings,
      BackupTarget.Usable target,
      EtcdAccess etcd,
      Optional<String> request,
      BackupOrder.Retention retention,
      Optional<String> finalOf) {
    return new BackupOrder(
        planning.controlPlane().names().cluster(),
        schedule(planning, settings),
        since(planning),
        request,
        target.store(),
        etcd,
        retention,
        target.encryptionKey(),
        finalOf,
        lock(settings));
  }

  private static Optional<BackupOrder.Lock> lock(EtcdBackup settings) {
    return Optional.ofNullable(settings.objectLock())
        .map(lock -> new BackupOrder.Lock(lock.mode(), lock.days()));
  }

  private static BackupOrder.Retention retention(@Nullable EtcdBackupRetention settings) {
    if (settings == null) {
      return BackupOrder.Retention.ALL;
    }
    var count = settings.count();
    return new BackupOrder.Retention(
        count == null ? OptionalInt.empty() : OptionalInt.of(count),
        Optional.ofNullable(settings.age()).map(GoDuration::parse));
  }

  private static ConditionState state(Planning planning, EtcdBackup settings) {
    var known = known(planning.observed());
    if (!known.attempted()) {
      var before = lastSaid(planning);
      if (before.isPresent()) {
        return before.get();
      }
    }
    var last =
        known.last().map("the last backup was made at %s"::formatted).orElse("there is no backup");
    if (known.failure().isPresent()) {
      var failure = known.failure().get();
      return ConditionState.not(
          ConditionType.BACKUP,
          failure.reason(),
          "%s; it is tried again at %s; %s".formatted(failure.message(), failure.again(), last));
    }
    var next = next(planning, settings).map("; the next one is due at %s"::formatted).orElse("");
    if (known.last().isPresent()) {
      var untidied = known.untidied().map("; older ones are kept: %s"::formatted).orElse("");
      return ConditionState.done(
          ConditionType.BACKUP,
          "The last backup was made at %s%s%s".formatted(known.last().get(), next, untidied));
    }
    return pending(
        Reason.FIRST_BACKUP_PENDING,
        known.looked()
            ? "There is no backup yet%s".formatted(next)
            : "The store is being looked at for earlier backups");
  }

  private static Optional<Instant> next(Planning planning, EtcdBackup settings) {
    return schedule(planning, settings)
        .next(known(planning.observed()).last().orElse(since(planning)));
  }

  private static BackupSchedule schedule(Planning planning, EtcdBackup settings) {
    var metadata = planning.observed().hostedControlPlane().getMetadata();
    return BackupSchedule.parse(
        settings.schedule(), settings.zone(), metadata.getNamespace(), metadata.getName());
  }

  /**
   * From when on backups are due, and drills with them: a control plane that has just been created
   * has nothing yet that is worth one.
   */
  static Instant since(Planning planning) {
    return Optional.ofNullable(
            planning.observed().hostedControlPlane().getMetadata().getCreationTimestamp())
        .map(Instant::parse)
        .orElse(Instant.EPOCH);
  }

  private static BackupState known(Observation observed) {
    return observed.backup().orElseGet(() -> remembered(observed));
  }

  /** What the status has kept over a restart of the controller. */
  private static BackupState remembered(Observation observed) {
    return Optional.ofNullable(observed.hostedControlPlane().getStatus())
        .filter(status -> status.etcdLastBackupTime() != null)
        .map(status ->
            new BackupState(
                true,
                false,
                Optional.ofNullable(status.etcdLastBackupTime()).map(Instant::parse),
                Optional.ofNullable(status.etcdLastBackupRequest()),
                Optional.empty(),
                Optional.empty()))
        .orElse(BackupState.UNKNOWN);
  }

  /** Still holds after a start of the controller, until the first attempt says something else. */
  private static Optional<ConditionState> lastSaid(Planning planning) {
    var object = planning.observed().hostedControlPlane();
    return Optional.ofNullable(object.getStatus())
        .map(HostedControlPlaneStatus::conditions)
        .flatMap(conditions ->
            Conditions.state(
                conditions, ConditionType.BACKUP, object.getMetadata().getGeneration()))
        .filter(before -> OF_ATTEMPTS.contains(before.reason()));
  }

  private static Step said(ConditionState state) {
    return new Step(state, List.of());
  }

  /** Neither good nor bad. */
  private static ConditionState pending(Reason reason, String message) {
    return new ConditionState(ConditionType.BACKUP, ConditionStatus.UNKNOWN, reason, message);
  }

  /** What the user, or the controller, has written into an annotation of the object. */
  static Optional<String> annotation(HostedControlPlane object, String key) {
    return Optional.ofNullable(object.getMetadata().getAnnotations())
        .map(annotations -> annotations.get(key));
  }
}
