package dev.hcp.controller.backup;

import dev.hcp.conditions.Reason;
import dev.hcp.controller.store.StoreException;
import java.io.IOException;
import java.util.Locale;

/**
 * Why a backup failed.
 *
 * @param reason for the condition
 * @param label for metrics
 */
record Cause(Reason reason, String label) {
  /** It took longer than any backup may. */
  static final Cause TOO_LONG = new Cause(Reason.BACKUP_FAILED, "deadline");

  /** Something that should not happen. */
  static final Cause UNEXPECTED = new Cause(Reason.BACKUP_FAILED, "error");

  static Cause of(IOException failure) {
    return switch (failure) {
      case StoreException store -> new Cause(reason(store.kind()), label(store.kind()));
      case SnapshotException snapshot ->
          switch (snapshot.kind()) {
            case NOT_GIVEN -> new Cause(Reason.SNAPSHOT_NOT_TAKEN, "no_snapshot");
            case DAMAGED -> new Cause(Reason.BACKUP_DAMAGED, "damaged");
          };
      default -> UNEXPECTED;
    };
  }

  private static Reason reason(StoreException.Kind kind) {
    return switch (kind) {
      case WRONG_KEY, ACCESS_DENIED -> Reason.STORE_ACCESS_DENIED;
      case BUCKET_NOT_FOUND -> Reason.BUCKET_NOT_FOUND;
      case FULL -> Reason.STORE_FULL;
      case TLS -> Reason.STORE_NOT_TRUSTED;
      case UNKNOWN_HOST, CONNECTION_REFUSED, CONNECTION_LOST, TIMEOUT, UNAVAILABLE ->
          Reason.STORE_UNREACHABLE;
      case CHECKSUM -> Reason.BACKUP_DAMAGED;
      case OTHER -> Reason.BACKUP_FAILED;
    };
  }

  private static String label(StoreException.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
