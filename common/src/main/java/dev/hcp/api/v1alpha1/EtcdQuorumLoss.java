package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of etcd when a majority of its members has lost its data.
 *
 * @param policy Never: nothing is done until a person has decided. FromSurvivor: the cluster goes
 *     on with the data of the member that has the most of them, and writes that only the others had
 *     are lost. FromBackup: the newest backup is restored, by a HostedControlPlaneRestore that is
 *     made for that, and all later writes are lost. Default: Never.
 * @param maxBackupAge Age up to which a backup is restored, at least 1h, for example `24h`; only
 *     with FromBackup. Default: any.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value = "!has(self.maxBackupAge) || (has(self.policy) && self.policy == 'FromBackup')",
    messageExpression =
        "'\"' + self.maxBackupAge + '\": must not be set unless policy is FromBackup'",
    fieldPath = ".maxBackupAge")
public record EtcdQuorumLoss(
    @Nullable QuorumLossPolicy policy,
    @Size(max = EtcdBackupRetention.LONGEST_AGE)
        @ValidationRule(
            value = EtcdBackupRetention.IS_AGE,
            message = EtcdBackupRetention.ACCEPTED_AGE)
        @Nullable String maxBackupAge) {}
