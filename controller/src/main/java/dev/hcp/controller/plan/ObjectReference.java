package dev.hcp.controller.plan;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;

/**
 * A Secret or ConfigMap that a spec names.
 *
 * @param type which of both
 * @param namespace its namespace
 * @param name its name
 */
public record ObjectReference(Class<? extends HasMetadata> type, String namespace, String name) {
  /** A Secret. */
  public static ObjectReference secret(String namespace, String name) {
    return new ObjectReference(Secret.class, namespace, name);
  }

  /** A ConfigMap. */
  public static ObjectReference configMap(String namespace, String name) {
    return new ObjectReference(ConfigMap.class, namespace, name);
  }

  /** Kind and name, for people. */
  public String describe() {
    return "%s %s".formatted(type.getSimpleName(), name);
  }
}
