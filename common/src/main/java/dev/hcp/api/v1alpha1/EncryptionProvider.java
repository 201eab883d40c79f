package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Who keeps the key by which API servers encrypt what they store. */
public enum EncryptionProvider {
  /** The controller makes the key and keeps it in the management cluster. */
  @JsonProperty("Managed")
  MANAGED,

  /** A key management service, which API servers reach by a plugin beside them. */
  @JsonProperty("KMS")
  KMS
}
