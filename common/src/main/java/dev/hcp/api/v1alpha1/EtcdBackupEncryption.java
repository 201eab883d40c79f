package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * Encryption of snapshots before they leave the controller, by AES-256-GCM. Without the key a
 * backup is worth nothing: keep it elsewhere too.
 *
 * @param secretName Name of the Secret that holds the key.
 * @param secretNamespace Namespace of the Secret. Default: that of the HostedControlPlane. In any
 *     other a ReferenceGrant of the Gateway API has to allow it.
 * @param key Key of the Secret that holds the encryption key: 32 bytes, or these in base64.
 *     Default: `encryptionKey`.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record EtcdBackupEncryption(
    @Required String secretName, @Nullable String secretNamespace, @Nullable String key) {

  /** Key of the Secret that holds the encryption key, by default too. */
  public String keyOfEncryptionKey() {
    return key == null ? "encryptionKey" : key;
  }
}
