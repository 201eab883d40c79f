package dev.hcp.fuzz;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplate;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes objects of one kind, the same one from the same seed. Half of them are as a careful user
 * would write them; the others have up to three mistakes.
 */
public final class SpecGenerator {
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  /**
   * Characters of the largest object: etcd takes no more than 1.5 MiB, and a review with two of
   * them is not yet too large to be read.
   */
  private static final int LARGEST = 1_000_000;

  private final String kind;
  private final Map<String, Object> spec;

  private SpecGenerator(String kind, Map<String, Object> spec) {
    this.kind = kind;
    this.spec = spec;
  }

  /** A generator for a kind, by its CRD. */
  public static SpecGenerator of(String kind) {
    var file =
        Path.of(
            "../config/crd/%ss.%s.yaml"
                .formatted(kind.toLowerCase(Locale.ROOT), HostedControlPlane.GROUP));
    try {
      var crd = map(YAML.unmarshal(Files.readString(file), Map.class));
      var version = map(((List<?>) map(crd.get("spec")).get("versions")).getFirst());
      var root = map(map(version.get("schema")).get("openAPIV3Schema"));
      return new SpecGenerator(kind, map(map(root.get("properties")).get("spec")));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file.toAbsolutePath(), e);
    }
  }

  /** An object, with mistakes or without. */
  public Map<String, Object> object(long seed) {
    var chance = new Chance(seed);
    var object = valid(chance);
    if (chance.oneIn(2)) {
      Mutations.apply(chance, object, 1 + chance.below(3));
    }
    return Mutations.size(object, LARGEST) > LARGEST ? valid(seed) : object;
  }

  /** An object without mistakes, as far as the generator knows the rules. */
  public Map<String, Object> valid(long seed) {
    return valid(new Chance(seed));
  }

  /** A changed copy of an object: some fields from another, and perhaps mistakes. */
  public Map<String, Object> changed(Map<String, Object> object, long seed) {
    var chance = new Chance(~seed);
    var copy = map(Mutations.copy(object));
    var other = map(valid(chance).get("spec"));
    if (copy.get("spec") instanceof Map<?, ?> && !chance.oneIn(4)) {
      var changed = map(copy.get("spec"));
      for (int i = chance.below(3); i >= 0; i--) {
        var field = chance.oneOf(List.copyOf(other.keySet()));
        changed.put(field, other.get(field));
      }
    }
    if (chance.oneIn(2)) {
      Mutations.apply(chance, copy, 1);
    }
    return Mutations.size(copy, LARGEST) > LARGEST ? object : copy;
  }

  private Map<String, Object> valid(Chance chance) {
    var object = new LinkedHashMap<String, Object>();
    object.put("apiVersion", HostedControlPlane.GROUP + "/" + HostedControlPlane.VERSION);
    object.put("kind", kind);
    var metadata = new LinkedHashMap<String, Object>();
    metadata.put("name", "plane");
    metadata.put("namespace", "clusters");
    if (kind.equals(HostedControlPlane.KIND) && chance.oneIn(2)) {
      metadata.put("labels", new LinkedHashMap<>(Map.of("cluster.x-k8s.io/cluster-name", "demo")));
      var owner = new LinkedHashMap<String, Object>();
      owner.put("apiVersion", "cluster.x-k8s.io/v1beta2");
      owner.put("kind", "Cluster");
      owner.put("name", "demo");
      owner.put("uid", "00000000-0000-0000-0000-000000000002");
      metadata.put("ownerReferences", new ArrayList<>(List.of(owner)));
    }
    object.put("metadata", metadata);
    object.put("spec", value(chance, "spec", spec));
    return object;
  }

  private Object value(Chance chance, String path, Map<String, Object> schema) {
    return switch (String.valueOf(schema.get("type"))) {
      case "object" -> {
        var object =
            schema.get("properties") instanceof Map<?, ?> properties
                ? fields(chance, path, map(properties), schema)
                : entries(chance, path, map(schema.get("additionalProperties")));
        Coherence.mend(chance, path, object);
        yield object;
      }
      case "array" -> {
        var list = new ArrayList<>();
        int length = (Plausible.isNeverEmpty(path) ? 1 : 0) + chance.below(3);
        for (int i = 0; i < length; i++) {
          list.add(value(chance, path + "[]", map(schema.get("items"))));
        }
        Coherence.mend(list);
        yield list;
      }
      default -> Plausible.value(chance, path, schema);
    };
  }

  private Map<String, Object> fields(
      Chance chance, String path, Map<String, Object> properties, Map<String, Object> schema) {
    var required = schema.get("required") instanceof List<?> names ? names : List.of();
    var object = new LinkedHashMap<String, Object>();
    int deep = path.split("\\.", -1).length;
    new TreeMap<>(properties)
        .forEach((name, property) -> {
          if (required.contains(name)
              || Plausible.isWanted(path, name)
              || chance.oneIn(deep > 3 ? 4 : 3)) {
            object.put(name, value(chance, path + "." + name, map(property)));
          }
        });
    return object;
  }

  private Map<String, Object> entries(Chance chance, String path, Map<String, Object> schema) {
    var object = new LinkedHashMap<String, Object>();
    for (int i = chance.below(4); i > 0; i--) {
      var key = Plausible.key(chance, path);
      object.put(
          key,
          path.endsWith(".args")
              ? Plausible.argument(chance, path, key)
              : value(chance, path + "{}", schema));
    }
    return object;
  }

  @SuppressWarnings("unchecked") // JSON objects
  static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  /** Both kinds, of which the first is the more frequent. */
  public static List<String> kinds() {
    return List.of(HostedControlPlane.KIND, HostedControlPlaneTemplate.KIND);
  }
}
