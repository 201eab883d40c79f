package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;

/** How much of a request is recorded. */
public enum AuditLevel {
  /** Nothing. */
  @JsonProperty("None")
  NONE,

  /** User, time, resource and verb. */
  @JsonProperty("Metadata")
  METADATA,

  /** Metadata and the request body. */
  @JsonProperty("Request")
  REQUEST,

  /** Metadata, request and response bodies. */
  @JsonProperty("RequestResponse")
  REQUEST_RESPONSE;

  /** The value as it stands in manifests and on command lines. */
  public String value() {
    return switch (this) {
      case NONE -> "None";
      case METADATA -> "Metadata";
      case REQUEST -> "Request";
      case REQUEST_RESPONSE -> "RequestResponse";
    };
  }
}
