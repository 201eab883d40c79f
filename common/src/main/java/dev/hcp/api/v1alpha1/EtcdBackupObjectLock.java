package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;

/**
 * A lock that the store puts on every backup: until it is over, nobody can delete or overwrite it.
 * The bucket must have been made with object lock.
 *
 * @param mode Governance: those whom the store lets bypass locks can delete a backup all the same.
 *     Compliance: nobody can, not even the owner of the bucket.
 * @param days How many days a backup is locked from when it was begun, 1 to 36500.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record EtcdBackupObjectLock(
    @Required ObjectLockMode mode,
    @Required @Min(1) @Max(EtcdBackupObjectLock.LONGEST) Integer days) {

  /** Most days. */
  public static final int LONGEST = 36_500;
}
