package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.hcp.schedule.BackupSchedule;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * Periodic snapshots of etcd to an S3-compatible store.
 *
 * @param schedule When a snapshot is taken: `@daily` (once a day between 20:00 and 04:00, at a
 *     minute derived from namespace and name so that clusters are spread), `@hourly`, `@weekly` or
 *     `@monthly` (spread likewise), or the five cron fields minute, hour, day of month, month and
 *     weekday, each a list of numbers, ranges and `*`, with steps, for example `30 2 * * *` or `0
 *     8-18/2 * * 1-5`.
 * @param timeZone Time zone of the schedule, a name of the IANA time zone database such as
 *     `Europe/Berlin`. Default: UTC.
 * @param secret Secret with address and credentials of the store.
 * @param credentials As whom the store is asked. Default: by the access key in the Secret.
 * @param retention Which backups are deleted again. Default: none.
 * @param encryption How snapshots are encrypted before they are sent. Default: not at all.
 * @param restoreDrill That, and when, the newest backup is restored into a throw-away etcd for a
 *     test. `{}` has that done once a week. Default: never.
 * @param finalSnapshot Never: when the control plane is deleted, etcd goes without a last backup.
 *     OnDeletion: the API servers are stopped, etcd is backed up and the backup read back, and only
 *     then etcd is removed; the deletion waits until that has succeeded, or is given up by the
 *     annotation `controlplane.cluster.x-k8s.io/skip-final-snapshot: "true"`. `retention` does not
 *     apply to such a backup. Default: Never.
 * @param objectLock How long the store keeps anybody from deleting a backup. `retention` leaves a
 *     backup alone until that is over. Default: not at all, or what the bucket says by itself.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value =
        "!has(self.restoreDrill) || !has(self.credentials) || self.credentials.source == 'Secret'",
    messageExpression =
        "'must not be set because credentials.source is ' + self.credentials.source"
            + " + ': the pod of a drill has no identity of its own'",
    fieldPath = ".restoreDrill")
public record EtcdBackup(
    @Required
        @Size(max = BackupSchedule.LONGEST)
        @ValidationRule(
            value = "self.matches(r'" + BackupSchedule.PATTERN + "')",
            message = BackupSchedule.FORM)
        @ValidationRule(
            value = "!self.matches(r'" + BackupSchedule.NEVER + "')",
            message = BackupSchedule.OCCURS)
        String schedule,
    @Size(max = 64) @Nullable String timeZone,
    @Required EtcdBackupSecret secret,
    @Nullable EtcdBackupCredentials credentials,
    @Nullable EtcdBackupRetention retention,
    @Nullable EtcdBackupEncryption encryption,
    @Nullable EtcdRestoreDrill restoreDrill,
    @Nullable FinalSnapshotPolicy finalSnapshot,
    @Nullable EtcdBackupObjectLock objectLock) {

  /** As whom the store is asked, by default too. */
  public CredentialsSource credentialsSource() {
    return credentials == null ? CredentialsSource.SECRET : credentials.source();
  }

  /**
   * The time zone of the schedule, by default too.
   *
   * @throws java.time.DateTimeException if there is none of that name
   */
  public ZoneId zone() {
    return timeZone == null ? ZoneOffset.UTC : ZoneId.of(timeZone);
  }
}
