package dev.hcp.e2e.contract;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Where an object is.
 *
 * @param apiVersion group and version
 * @param kind its kind
 * @param namespace its namespace; empty for what is in none
 * @param name its name
 */
record Address(String apiVersion, String kind, String namespace, String name) {
  static Address of(JsonNode object) {
    return new Address(
        object.path("apiVersion").asText(),
        object.path("kind").asText(),
        object.at("/metadata/namespace").asText(),
        Snapshot.name(object));
  }

  static Address secret(String namespace, String name) {
    return new Address("v1", "Secret", namespace, name);
  }
}
