package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How far a restoration is. */
public enum RestorePhase {
  /** It has not begun. */
  @JsonProperty("Pending")
  PENDING,

  /** The backup is fetched, restored on a new volume and looked at. Nothing else has changed. */
  @JsonProperty("Preparing")
  PREPARING,

  /** The API servers are stopped, and etcd starts with the restored data. */
  @JsonProperty("Switching")
  SWITCHING,

  /** API servers start, and the other members of etcd are made anew. */
  @JsonProperty("Starting")
  STARTING,

  /** The control plane works with the restored data, and those that it had are gone. */
  @JsonProperty("Succeeded")
  SUCCEEDED,

  /** The control plane has the data that it had. */
  @JsonProperty("Failed")
  FAILED;

  /** Whether nothing more is done. */
  public boolean isOver() {
    return this == SUCCEEDED || this == FAILED;
  }
}
