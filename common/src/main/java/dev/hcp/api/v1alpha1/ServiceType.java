package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Types of Services that an API server can have. */
public enum ServiceType {
  /** An address inside the management cluster's network only. */
  @JsonProperty("ClusterIP")
  CLUSTER_IP,

  /** Also a port on every node of the management cluster. */
  @JsonProperty("NodePort")
  NODE_PORT,

  /** Also an address from outside. */
  @JsonProperty("LoadBalancer")
  LOAD_BALANCER;

  /** The value as it stands in manifests. */
  public String value() {
    return switch (this) {
      case CLUSTER_IP -> "ClusterIP";
      case NODE_PORT -> "NodePort";
      case LOAD_BALANCER -> "LoadBalancer";
    };
  }
}
