package dev.hcp.controller.plan;

import dev.hcp.conditions.Reason;
import java.time.Instant;
import java.util.Optional;

/**
 * What is known of the backups of a control plane.
 *
 * @param looked whether it is known which backups there are
 * @param attempted whether anything was tried since the process started
 * @param last when the last one that succeeded was begun; empty if there is none
 * @param request the last request that was met; empty if none was
 * @param failure why the last attempt failed; empty if it did not
 * @param untidied why old backups are kept that shall be deleted; empty if none are
 * @param finished the last backup of a control plane that is being deleted; empty if it was not
 *     made yet
 */
public record BackupState(
    boolean looked,
    boolean attempted,
    Optional<Instant> last,
    Optional<String> request,
    Optional<Failure> failure,
    Optional<String> untidied,
    Optional<FinalBackup> finished) {

  /** What is known before a control plane is deleted. */
  public BackupState(
      boolean looked,
      boolean attempted,
      Optional<Instant> last,
      Optional<String> request,
      Optional<Failure> failure,
      Optional<String> untidied) {
    this(looked, attempted, last, request, failure, untidied, Optional.empty());
  }

  /** Nothing is known. */
  public static final BackupState UNKNOWN =
      new BackupState(
          false, false, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * The last backup of a control plane.
   *
   * @param of UID of the control plane
   * @param object name of the object with the snapshot
   */
  public record FinalBackup(String of, String object) {}

  /**
   * Why an attempt failed.
   *
   * @param reason kind of failure
   * @param message what happened, in a sentence without a full stop
   * @param again when it is tried again
   */
  public record Failure(Reason reason, String message, Instant again) {}

  /** The same, but the store is to be looked at. */
  public BackupState toBeLookedAt() {
    return new BackupState(false, attempted, last, request, failure, untidied, finished);
  }

  /** The same, after an attempt has failed. */
  public BackupState failed(Failure why) {
    return new BackupState(looked, true, last, request, Optional.of(why), untidied, finished);
  }
}
