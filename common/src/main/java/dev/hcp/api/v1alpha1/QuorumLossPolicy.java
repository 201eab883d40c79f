package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What is done when a majority of etcd's members has lost its data for good. */
public enum QuorumLossPolicy {
  /** Nothing, until a person has decided. */
  @JsonProperty("Never")
  NEVER,

  /** The cluster goes on with the data of the member that has the most. */
  @JsonProperty("FromSurvivor")
  FROM_SURVIVOR,

  /** The newest backup is restored. */
  @JsonProperty("FromBackup")
  FROM_BACKUP
}
