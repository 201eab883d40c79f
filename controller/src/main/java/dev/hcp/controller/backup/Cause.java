package dev.hcp.controller.backup;

import dev.hcp.conditions.Reason;
import dev.hcp.controller.store.StoreException;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Why a backup failed, or a restoration of one.
 *
 * @param reason for the condition
 * @param label for metrics
 */
record Cause(Reason reason, String label) {
  /** A checksum that comes with the data does not fit them. */
  static final Cause DAMAGED = new Cause(Reason.BACKUP_DAMAGED, "damaged");

  /** It took longer than any backup may. */
  static final Cause TOO_LONG = new Cause(Reason.BACKUP_FAILED, "deadline");

  /** Something that should not happen. */
  static final Cause UNEXPECTED = new Cause(Reason.BACKUP_FAILED, "error");

  /** A backup was encrypted with another key. */
  static final Cause OTHER_KEY = new Cause(Reason.ENCRYPTION_KEY_DIFFERS, "encryption_key");

  /** Something of a backup is not in the store. */
  static final Cause MISSING = new Cause(Reason.BACKUP_DAMAGED, "missing");

  /** There is no backup as it is wanted. */
  static final Cause NOT_FOUND = new Cause(Reason.BACKUP_NOT_FOUND, "not_found");

  /** A backup is one of another cluster than its place says. */
  static final Cause OTHER_CLUSTER = new Cause(Reason.BACKUP_NOT_FOUND, "other_cluster");

  /** A backup is of an etcd that is newer than the one that shall have its data, or unknown. */
  static final Cause ETCD_VERSION = new Cause(Reason.ETCD_TOO_OLD, "etcd_version");

  /** A backup is larger than the database may be. */
  static final Cause TOO_LARGE = new Cause(Reason.BACKUP_TOO_LARGE, "too_large");

  /** etcd's own tool does not restore a backup, or etcd does not serve what it made of it. */
  static final Cause NOT_RESTORABLE = new Cause(Reason.BACKUP_NOT_RESTORABLE, "not_restorable");

  /** What was restored is not what was backed up. */
  static final Cause DIFFERENT = new Cause(Reason.BACKUP_NOT_RESTORABLE, "different");

  /** The pod in which a backup shall be restored does not work. */
  static final Cause POD = new Cause(Reason.RESTORE_DRILL_FAILED, "pod");

  /** The pod in which a backup shall be restored took too long. */
  static final Cause POD_TOO_LONG = new Cause(Reason.RESTORE_DRILL_FAILED, "deadline");

  /** A restoration failed as it should not. */
  static final Cause RESTORATION = new Cause(Reason.RESTORE_DRILL_FAILED, "error");

  /** The causes that a container may tell, by their labels. */
  private static final Map<String, Cause> TOLD =
      Stream.concat(
              Stream.of(
                  OTHER_KEY,
                  MISSING,
                  NOT_FOUND,
                  OTHER_CLUSTER,
                  ETCD_VERSION,
                  TOO_LARGE,
                  NOT_RESTORABLE,
                  DIFFERENT,
                  RESTORATION,
                  DAMAGED),
              Stream.of(StoreException.Kind.values())
                  .map(kind -> new Cause(reason(kind), label(kind))))
          .collect(Collectors.toUnmodifiableMap(Cause::label, cause -> cause));

  /** The cause with a label, as far as a restoration can have it. */
  static Optional<Cause> told(String label) {
    return Optional.ofNullable(TOLD.get(label));
  }

  static Cause of(IOException failure) {
    return switch (failure) {
      case StoreException store -> new Cause(reason(store.kind()), label(store.kind()));
      case SnapshotException snapshot ->
          switch (snapshot.kind()) {
            case NOT_GIVEN -> new Cause(Reason.SNAPSHOT_NOT_TAKEN, "no_snapshot");
            case DAMAGED -> DAMAGED;
          };
      case Download.MissingException _ -> MISSING;
      default -> UNEXPECTED;
    };
  }

  /** The reason where a backup was to be restored, and not to be made. */
  Reason reasonOfRestoration() {
    return reason == Reason.BACKUP_FAILED ? Reason.RESTORE_DRILL_FAILED : reason;
  }

  private static Reason reason(StoreException.Kind kind) {
    return switch (kind) {
      case WRONG_KEY, NO_CREDENTIALS, ACCESS_DENIED -> Reason.STORE_ACCESS_DENIED;
      case BUCKET_NOT_FOUND -> Reason.BUCKET_NOT_FOUND;
      case NO_OBJECT_LOCK -> Reason.OBJECT_LOCK_NOT_ENABLED;
      case FULL -> Reason.STORE_FULL;
      case TLS -> Reason.STORE_NOT_TRUSTED;
      case UNKNOWN_HOST, CONNECTION_REFUSED, CONNECTION_LOST, TIMEOUT, UNAVAILABLE ->
          Reason.STORE_UNREACHABLE;
      case CHECKSUM -> Reason.BACKUP_DAMAGED;
      case LOCKED, OTHER -> Reason.BACKUP_FAILED;
    };
  }

  private static String label(StoreException.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
