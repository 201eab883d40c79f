package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.hcp.schedule.BackupSchedule;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/**
 * Periodic snapshots of etcd to an S3-compatible store.
 *
 * @param schedule When a snapshot is taken, in UTC: `@daily` (once a day between 20:00 and 04:00,
 *     at a minute derived from namespace and name so that clusters are spread), or the five cron
 *     fields minute, hour, day of month, month and weekday, each a single number or `*`.
 * @param secret Secret with address and credentials of the store.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record EtcdBackup(
    @Required
        @Size(max = 32)
        @ValidationRule(
            value = "self.matches(r'" + BackupSchedule.PATTERN + "')",
            message = BackupSchedule.FORM)
        @ValidationRule(
            value = "!self.matches(r'" + BackupSchedule.NEVER + "')",
            message = BackupSchedule.OCCURS)
        String schedule,
    @Required EtcdBackupSecret secret) {}
