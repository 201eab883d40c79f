package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Where Service {@code default/kubernetes} of a hosted cluster leads. */
public enum InClusterAccess {
  /** To the address of the API server's own Service. */
  @JsonProperty("LoadBalancer")
  LOAD_BALANCER,

  /** To the Gateway's address and a port that only this cluster has. */
  @JsonProperty("Gateway")
  GATEWAY
}
