package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Who may take the lock from an object before its time is over. */
public enum ObjectLockMode {
  /** Those whom the store lets bypass locks; the controller never does. */
  @JsonProperty("Governance")
  GOVERNANCE,

  /** Nobody. */
  @JsonProperty("Compliance")
  COMPLIANCE
}
