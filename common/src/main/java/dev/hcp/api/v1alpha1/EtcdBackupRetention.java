package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * Which backups are deleted again, after the next one was made. The newest one is always kept.
 *
 * @param count How many backups are kept, 1 to 10000; older ones are deleted. Default: any number.
 * @param age How long a backup is kept, at least 1h, for example `720h`. Default: for ever.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record EtcdBackupRetention(
    @Min(1) @Max(EtcdBackupRetention.MOST) @Nullable Integer count,
    @Size(max = EtcdBackupRetention.LONGEST_AGE)
        @ValidationRule(
            value = EtcdBackupRetention.IS_AGE,
            message = EtcdBackupRetention.ACCEPTED_AGE)
        @Nullable String age) {

  /** Most backups that can be kept by number. */
  public static final int MOST = 10_000;

  /** Longest text of an age. */
  public static final int LONGEST_AGE = 32;

  /** What is accepted as an age. */
  public static final String ACCEPTED_AGE =
      "must be a duration of at least 1h in hours, minutes and seconds, for example 720h";

  static final String IS_AGE =
      "self.matches(r'" + Certificates.FORM + "') && duration(self) >= duration('1h')";
}
