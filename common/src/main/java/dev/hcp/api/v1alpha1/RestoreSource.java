package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * A backup.
 *
 * @param backup Name of the backup, that of its objects without folder and ending, such as
 *     `20260821T023011Z-3f9a2c1b`. Default: the newest one.
 * @param upToTime The newest backup that was begun at this time or earlier.
 * @param sinceTime The time at which it was begun or later: an older one is not restored.
 * @param cluster The Cluster whose backup it is. Default: the one of the HostedControlPlane.
 * @param secret Secret with address and credentials of the store. Default: the one of the
 *     HostedControlPlane's `etcd.backup`, with its encryption key.
 * @param encryption The key by which the backup was encrypted, if it was; only with `secret`.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value = "!has(self.backup) || !has(self.upToTime)",
    message = "backup and upToTime exclude each other")
@ValidationRule(
    value = "!has(self.encryption) || has(self.secret)",
    message = "encryption needs secret: the key of etcd.backup belongs to the store of etcd.backup")
public record RestoreSource(
    @Nullable @Pattern("^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}(-final)?$") String backup,
    @Nullable String upToTime,
    @Nullable String sinceTime,
    @Nullable RestoreCluster cluster,
    @Nullable EtcdBackupSecret secret,
    @Nullable EtcdBackupEncryption encryption) {
  /** The newest backup of the control plane itself. */
  public static final RestoreSource NEWEST = new RestoreSource(null, null, null, null, null, null);
}
