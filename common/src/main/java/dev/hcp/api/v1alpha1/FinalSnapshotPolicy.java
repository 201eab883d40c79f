package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Whether etcd is backed up for the last time before it is removed. */
public enum FinalSnapshotPolicy {
  /** It is not. */
  @JsonProperty("Never")
  NEVER,

  /** When the control plane is deleted, which waits for that. */
  @JsonProperty("OnDeletion")
  ON_DELETION
}
