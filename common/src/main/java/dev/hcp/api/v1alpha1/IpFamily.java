package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** Families of IP addresses. */
public enum IpFamily {
  /** Addresses of 32 bits. */
  @JsonProperty("IPv4")
  IPV4,

  /** Addresses of 128 bits. */
  @JsonProperty("IPv6")
  IPV6;

  /** The value as it stands in manifests. */
  public String value() {
    return switch (this) {
      case IPV4 -> "IPv4";
      case IPV6 -> "IPv6";
    };
  }
}
