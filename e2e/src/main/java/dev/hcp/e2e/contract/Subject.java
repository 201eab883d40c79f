package dev.hcp.e2e.contract;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The provider to be tried, by one of its control planes.
 *
 * @param group API group of its kinds
 * @param version version of the control plane's kind
 * @param kind kind of the control plane
 * @param namespace namespace of the Cluster
 * @param cluster name of the Cluster
 * @param components its components YAML, beside which its metadata YAML is expected; empty if what
 *     is in them is not to be looked at
 */
public record Subject(
    String group,
    String version,
    String kind,
    String namespace,
    String cluster,
    Optional<Path> components) {
  /** The group of the providers of Kubernetes' own organisation, which others use too. */
  static final String USUAL_GROUP = "controlplane.cluster.x-k8s.io";

  /** Reads {@code GROUP/VERSION/KIND} and {@code NAMESPACE/CLUSTER}. */
  public static Subject parse(String kind, String cluster, Optional<Path> components) {
    var parts = kind.split("/", -1);
    var names = cluster.split("/", -1);
    if (parts.length != 3 || names.length != 2) {
      throw new IllegalArgumentException(
          "wanted GROUP/VERSION/KIND and NAMESPACE/CLUSTER, not %s and %s"
              .formatted(kind, cluster));
    }
    return new Subject(parts[0], parts[1], parts[2], names[0], names[1], components);
  }

  /** As it stands in objects. */
  String apiVersion() {
    return group + "/" + version;
  }

  /** Kind of its templates. */
  String templateKind() {
    return kind + "Template";
  }

  /** Name of the definition of a kind, as Cluster API works it out. */
  String definitionName(String ofKind) {
    return plural(ofKind.toLowerCase(Locale.ROOT)) + "." + group;
  }

  private static String plural(String word) {
    if (word.matches(".*(s|x|z|ch|sh)")) {
      return word + "es";
    }
    return word.matches(".*[^aeiou]y") ? word.substring(0, word.length() - 1) + "ies" : word + "s";
  }

  @Override
  public String toString() {
    return "%s/%s of Cluster %s/%s".formatted(apiVersion(), kind, namespace, cluster);
  }
}
