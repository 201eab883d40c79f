package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** As whom the store of backups is asked. */
public enum CredentialsSource {
  /** As who the access key in the Secret belongs to. */
  @JsonProperty("Secret")
  SECRET,

  /** As a role that the controller assumes by the token of its service account. */
  @JsonProperty("WebIdentity")
  WEB_IDENTITY,

  /** As the controller itself, by what AWS gives its pod. */
  @JsonProperty("Controller")
  CONTROLLER
}
