package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Which nodes of the management cluster pass on what reaches the Service from outside. */
public enum ExternalTrafficPolicy {
  /** All nodes; the source address is lost. */
  @JsonProperty("Cluster")
  CLUSTER,

  /** Only nodes that run an API server; the source address is kept. */
  @JsonProperty("Local")
  LOCAL;

  /** The value as it stands in manifests. */
  public String value() {
    return switch (this) {
      case CLUSTER -> "Cluster";
      case LOCAL -> "Local";
    };
  }
}
