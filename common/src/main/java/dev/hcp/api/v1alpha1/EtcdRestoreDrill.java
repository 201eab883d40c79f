package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.hcp.schedule.BackupSchedule;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * Restoring the newest backup for a test, in a pod of its own that is removed afterwards. Condition
 * `BackupRestorable` says what became of it.
 *
 * @param schedule When that is done, in the form and the time zone of the schedule of backups.
 *     Default: `@weekly`, at a minute derived from namespace and name.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record EtcdRestoreDrill(
    @Size(max = BackupSchedule.LONGEST)
        @ValidationRule(
            value = "self.matches(r'" + BackupSchedule.PATTERN + "')",
            message = BackupSchedule.FORM)
        @ValidationRule(
            value = "!self.matches(r'" + BackupSchedule.NEVER + "')",
            message = BackupSchedule.OCCURS)
        @Nullable String schedule) {

  /** When that is done, by default too. */
  public String scheduleOrDefault() {
    return schedule == null ? "@weekly" : schedule;
  }
}
