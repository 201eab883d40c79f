package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Who replaces the machines of a cluster whose Kubernetes CA is rotated. */
public enum MachineRollout {
  /** The controller, by `spec.rollout.after` of one MachineDeployment after the other. */
  @JsonProperty("OneByOne")
  ONE_BY_ONE,

  /** The user. */
  @JsonProperty("Manual")
  MANUAL
}
