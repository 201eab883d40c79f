package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of volumes when the control plane that they belong to is deleted. */
public enum VolumeRetention {
  /** They are deleted, too. */
  @JsonProperty("Delete")
  DELETE,

  /** Their claims stay. */
  @JsonProperty("Retain")
  RETAIN
}
