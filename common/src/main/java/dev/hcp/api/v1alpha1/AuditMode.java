package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How the API server delivers audit events. */
public enum AuditMode {
  /** Asynchronously, in batches. */
  @JsonProperty("batch")
  BATCH,

  /** Before the response is sent. */
  @JsonProperty("blocking")
  BLOCKING,

  /** Before the response is sent, and a failure fails the request. */
  @JsonProperty("blocking-strict")
  BLOCKING_STRICT;

  /** The value as it stands in manifests and on command lines. */
  public String value() {
    return switch (this) {
      case BATCH -> "batch";
      case BLOCKING -> "blocking";
      case BLOCKING_STRICT -> "blocking-strict";
    };
  }
}
