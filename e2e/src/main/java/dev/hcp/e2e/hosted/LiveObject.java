package dev.hcp.e2e.hosted;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * An object as the API server stores it, of whatever kind.
 *
 * @param json all of it
 */
public record LiveObject(JsonNode json) {
  /** Metadata that the API server writes, or that says nothing of what the object is. */
  private static final List<String> VOLATILE_METADATA =
      List.of(
          "creationTimestamp",
          "deletionGracePeriodSeconds",
          "deletionTimestamp",
          "generation",
          "managedFields",
          "resourceVersion",
          "uid");

  /** What the management cluster gives a Service. */
  private static final List<String> ALLOCATED =
      List.of("clusterIP", "clusterIPs", "healthCheckNodePort");

  private static final List<String> WRITTEN_BY_DEPLOYMENTS =
      List.of("deployment.kubernetes.io/revision");

  /** Its kind. */
  public String kind() {
    return json.path("kind").asText();
  }

  /** Its name. */
  public String name() {
    return json.at("/metadata/name").asText();
  }

  /** Its uid, which no other object ever has. */
  public String uid() {
    return json.at("/metadata/uid").asText();
  }

  /** Changes with every write. */
  public String resourceVersion() {
    return json.at("/metadata/resourceVersion").asText();
  }

  /** Whether it is on its way out. */
  public boolean isBeingDeleted() {
    return json.at("/metadata").has("deletionTimestamp");
  }

  /** The value of a label; empty if it has no such label. */
  public String label(String key) {
    return json.at("/metadata/labels").path(key).asText();
  }

  /** The value of an annotation; empty if it has no such annotation. */
  public String annotation(String key) {
    return json.at("/metadata/annotations").path(key).asText();
  }

  /** Whether {@code manager} has written any of its fields. */
  public boolean isWrittenBy(String manager) {
    return StreamSupport.stream(json.at("/metadata/managedFields").spliterator(), false)
        .anyMatch(entry -> entry.path("manager").asText().equals(manager));
  }

  /** What it is, without what a cluster adds to every object and without its status. */
  public ObjectNode content() {
    ObjectNode content = json.deepCopy();
    content.remove("status");
    if (content.path("metadata") instanceof ObjectNode metadata) {
      metadata.remove(VOLATILE_METADATA);
      if (metadata.path("annotations") instanceof ObjectNode annotations) {
        annotations.remove(WRITTEN_BY_DEPLOYMENTS);
        if (annotations.isEmpty()) {
          metadata.remove("annotations");
        }
      }
    }
    if (kind().equals("Service") && content.path("spec") instanceof ObjectNode spec) {
      spec.remove(ALLOCATED);
      spec.path("ports")
          .forEach(port -> {
            if (port instanceof ObjectNode fields) {
              fields.remove("nodePort");
            }
          });
    }
    return content;
  }

  @Override
  public String toString() {
    return kind() + "/" + name();
  }
}
