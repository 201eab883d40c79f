package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** When the kubelet pulls an image. */
public enum PullPolicy {
  /** At every start of a container. */
  @JsonProperty("Always")
  ALWAYS,

  /** Only when the node does not have it. */
  @JsonProperty("IfNotPresent")
  IF_NOT_PRESENT,

  /** Never; the node must have it. */
  @JsonProperty("Never")
  NEVER;

  /** The value as it stands in manifests and on command lines. */
  public String value() {
    return switch (this) {
      case ALWAYS -> "Always";
      case IF_NOT_PRESENT -> "IfNotPresent";
      case NEVER -> "Never";
    };
  }
}
