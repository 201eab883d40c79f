package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * As whom the store is asked. All but `Secret` are identities of the controller: whoever runs it
 * has to allow them for the namespace and the bucket, by its setting `BACKUP_IDENTITIES`.
 *
 * @param source Secret: by the access key in the Secret. WebIdentity: as the role in `roleARN`,
 *     which the controller assumes by the token of its service account. Controller: as the
 *     controller itself, by what AWS gives its pod: EKS Pod Identity, IRSA, an instance profile.
 *     The Secret needs no access key then.
 * @param roleARN The role, for example `arn:aws:iam::123456789012:role/backups`. Needed for
 *     WebIdentity, and for nothing else.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value = "self.source != 'WebIdentity' || has(self.roleARN)",
    message = "\"WebIdentity\": needs roleARN, the role to assume",
    fieldPath = ".source")
@ValidationRule(
    value = "self.source == 'WebIdentity' || !has(self.roleARN)",
    messageExpression =
        "'\"' + self.roleARN + '\": must not be set because source is ' + self.source",
    fieldPath = ".roleARN")
public record EtcdBackupCredentials(
    @Required CredentialsSource source,
    @Size(max = EtcdBackupCredentials.LONGEST_ROLE)
        @ValidationRule(
            value = "self.matches(r'" + EtcdBackupCredentials.ROLE + "')",
            message = EtcdBackupCredentials.ACCEPTED_ROLE)
        @Nullable String roleARN) {

  /** Longest name of a role. */
  public static final int LONGEST_ROLE = 512;

  /** Form of the name of a role. */
  public static final String ROLE =
      "^arn:[a-z0-9-]+:iam::[0-9]*:role/[-A-Za-z0-9_+=,.@/]*[-A-Za-z0-9_+=,.@]$";

  /** What is accepted as a role. */
  public static final String ACCEPTED_ROLE =
      "must be the ARN of a role, for example arn:aws:iam::123456789012:role/backups";
}
