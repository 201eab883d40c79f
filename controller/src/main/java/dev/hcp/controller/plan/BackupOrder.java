package dev.hcp.controller.plan;

import dev.hcp.api.v1alpha1.ObjectLockMode;
import dev.hcp.schedule.BackupSchedule;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Backups that are wanted of one control plane.
 *
 * @param cluster name of the Cluster
 * @param schedule when
 * @param since from when on backups are due, while there is none
 * @param request what the user wrote to have a backup now: there shall be one after this was first
 *     seen
 * @param store where to
 * @param etcd where from
 * @param retention which are kept
 * @param encryptionKey 32 bytes, base64; empty to leave them as they are
 * @param finalOf UID of the control plane, if it is being deleted and this shall be its last
 *     backup: there is one, right now, and no other any more; else empty
 * @param lock how long the store keeps anybody from deleting one; empty for not at all
 */
public record BackupOrder(
    String cluster,
    BackupSchedule schedule,
    Instant since,
    Optional<String> request,
    StoreAccess store,
    EtcdAccess etcd,
    Retention retention,
    Optional<String> encryptionKey,
    Optional<String> finalOf,
    Optional<Lock> lock) {

  /** Backups of a control plane that is there to stay. */
  public BackupOrder(
      String cluster,
      BackupSchedule schedule,
      Instant since,
      Optional<String> request,
      StoreAccess store,
      EtcdAccess etcd,
      Retention retention,
      Optional<String> encryptionKey) {
    this(
        cluster,
        schedule,
        since,
        request,
        store,
        etcd,
        retention,
        encryptionKey,
        Optional.empty(),
        Optional.empty());
  }

  /**
   * Which backups are kept. The newest one always is.
   *
   * @param count how many
   * @param age how long
   */
  public record Retention(OptionalInt count, Optional<Duration> age) {
    /** All of them, for ever. */
    public static final Retention ALL = new Retention(OptionalInt.empty(), Optional.empty());
  }

  /**
   * How long backups are locked.
   *
   * @param mode who may take the lock away earlier
   * @param days how many days from when a backup is begun
   */
  public record Lock(ObjectLockMode mode, int days) {}

  /** Without keys. */
  @Override
  public String toString() {
    return "BackupOrder[%s to %s]".formatted(cluster, store.place());
  }
}
