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
 */
public record BackupState(
    boolean looked,
    boolean attempted,
    Optional<Instant> last,
    Optional<String> request,
    Optional<Failure> failure,
    Optional<String> untidied) {

  /** Nothing is known. */
  public static final BackupState UNKNOWN =
      new BackupState(
          false, false, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * Why an attempt failed.
   *
   * @param reason kind of failure
   * @param message what happened, in a sentence without a full stop
   * @param again when it is tried again
   */
  public record Failure(Reason reason, String message, Instant again) {}

  /** The same, after an attempt has failed. */
  public BackupState failed(Failure why) {
    return new BackupState(looked, true, last, request, Optional.of(why), untidied);
  }
}
