package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of the size that is recommended for pods. */
public enum VerticalAutoscalingMode {
  /** It is shown. */
  @JsonProperty("Off")
  OFF,

  /** Pods get it. */
  @JsonProperty("Auto")
  AUTO
}
