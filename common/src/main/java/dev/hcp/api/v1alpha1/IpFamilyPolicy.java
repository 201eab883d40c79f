package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How many IP families a Service has. */
public enum IpFamilyPolicy {
  /** One. */
  @JsonProperty("SingleStack")
  SINGLE_STACK,

  /** Two if the management cluster has two. */
  @JsonProperty("PreferDualStack")
  PREFER_DUAL_STACK,

  /** Two. */
  @JsonProperty("RequireDualStack")
  REQUIRE_DUAL_STACK;

  /** The value as it stands in manifests. */
  public String value() {
    return switch (this) {
      case SINGLE_STACK -> "SingleStack";
      case PREFER_DUAL_STACK -> "PreferDualStack";
      case REQUIRE_DUAL_STACK -> "RequireDualStack";
    };
  }
}
