package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Under which address a kubeconfig reaches the API server. */
public enum KubeconfigServer {
  /** Under the endpoint of the control plane, through the Gateway. */
  @JsonProperty("Public")
  PUBLIC,

  /** Under the name of its Service, which only pods of the management cluster can resolve. */
  @JsonProperty("Internal")
  INTERNAL
}
