package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How kube-proxy programs the nodes' kernels. */
public enum ProxyMode {
  /** By nftables. */
  @JsonProperty("nftables")
  NFTABLES,

  /** By iptables. */
  @JsonProperty("iptables")
  IPTABLES;

  /** The value as it stands in manifests and on command lines. */
  public String value() {
    return switch (this) {
      case NFTABLES -> "nftables";
      case IPTABLES -> "iptables";
    };
  }
}
