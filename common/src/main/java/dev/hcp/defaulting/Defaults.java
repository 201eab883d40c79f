package dev.hcp.defaulting;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.version.KubernetesVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The defaults that are written into objects. They are few on purpose: what is not written can
 * follow a later release, and what is written must stay the same, or Cluster API's topology
 * controller would see a difference for ever.
 */
public final class Defaults {
  private static final int REPLICAS = 2;

  private Defaults() {}

  /**
   * What is to be written into an object. An object that is malformed is left to the schema to
   * reject.
   *
   * @param kind kind of the object; templates have neither version nor replicas and get nothing
   * @param object the object as JSON: maps, lists, strings, numbers and booleans
   */
  public static List<Default> of(String kind, Map<String, ?> object) {
    if (!kind.equals(HostedControlPlane.KIND) || !(object.get("spec") instanceof Map<?, ?> spec)) {
      return List.of();
    }
    var defaults = new ArrayList<Default>();
    if (spec.get("version") instanceof String version) {
      KubernetesVersion.tryParse(version)
          .map(KubernetesVersion::toString)
          .filter(normal -> !normal.equals(version))
          .ifPresent(normal -> defaults.add(new Default("/spec/version", normal)));
    }
    if (spec.get("replicas") == null) {
      defaults.add(new Default("/spec/replicas", REPLICAS));
    }
    return List.copyOf(defaults);
  }
}
