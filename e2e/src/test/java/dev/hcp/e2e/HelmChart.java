package dev.hcp.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hcp.e2e.cluster.Provider;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.SourceTree;
import dev.hcp.e2e.tools.Toolbox;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The provider's Helm chart, as the bed's Helm sees it; no cluster is asked. */
final class HelmChart {
  /** What the tests call a release. */
  static final String RELEASE = "hcp";

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  private final Path path;
  private final Command helm;

  private HelmChart(Path path, Command helm) {
    this.path = path;
    this.helm = helm;
  }

  private static HelmChart at(Path path) {
    var source = SourceTree.locate(System.getenv());
    var cache = Cache.locate(System.getenv());
    var program = Toolbox.command("helm", source, cache, Progress.onStandardError());
    var own = Path.of("target", "helm").toAbsolutePath().toString();
    return new HelmChart(
        path,
        Command.of(program.toString())
            .env(
                Stream.of("CACHE", "CONFIG", "DATA")
                    .collect(Collectors.toMap("HELM_%s_HOME"::formatted, _ -> own))));
  }

  /** The folder that is checked in. */
  static HelmChart inTheSource() {
    return at(SourceTree.locate(System.getenv()).root().resolve("chart"));
  }

  /** The package that the build makes of it. */
  static HelmChart released() {
    return at(SourceTree.locate(System.getenv()).chartPackage());
  }

  /** Where it is. */
  Path path() {
    return path;
  }

  /** Helm's own opinion. */
  Command lint() {
    return helm.with("lint", "--strict", path.toString(), "--namespace", Provider.NAMESPACE);
  }

  /** Renders it in {@code namespace} with {@code values}, a YAML text. */
  Command template(String namespace, String values) {
    return helm.with("template", RELEASE, path.toString(), "--namespace", namespace)
        .with("--skip-tests", "--values", "-")
        .input(values);
  }

  /** What is installed with {@code values}, a YAML text. */
  Rendered render(String values) {
    return Rendered.of(template(Provider.NAMESPACE, values).output());
  }

  /** A YAML text as a tree. */
  static JsonNode yaml(String text) {
    // Without a first line that is nothing but YAML, "{a: b}" would be taken for JSON.
    return YAML.unmarshal("---\n" + text, JsonNode.class);
  }

  /**
   * Objects by kind and name, as in {@code Deployment/name}.
   *
   * @param objects all of them
   */
  record Rendered(Map<String, JsonNode> objects) {
    /** The objects of a text with several documents. */
    static Rendered of(String documents) {
      var objects = new TreeMap<String, JsonNode>();
      for (var document : documents.split("(?m)^---$")) {
        var object = yaml(document);
        if (object == null || object.isNull() || object.isMissingNode()) {
          continue;
        }
        var key = object.at("/kind").asText() + "/" + object.at("/metadata/name").asText();
        if (objects.put(key, object) != null) {
          throw new IllegalArgumentException("there are two of " + key);
        }
      }
      return new Rendered(objects);
    }

    /** All but those of {@code kind}. */
    Rendered without(String kind) {
      var rest = new TreeMap<>(objects);
      rest.keySet().removeIf(key -> key.startsWith(kind + "/"));
      return new Rendered(rest);
    }

    /** Each changed. */
    Rendered changed(UnaryOperator<JsonNode> change) {
      var changed = new TreeMap<String, JsonNode>();
      objects.forEach((key, object) -> changed.put(key, change.apply(object.deepCopy())));
      return new Rendered(changed);
    }

    /**
     * What {@code pointer} points to in {@code object}; a missing node if there is no such thing.
     */
    JsonNode at(String object, String pointer) {
      return Optional.ofNullable(objects.get(object))
          .orElseThrow(
              () -> new IllegalArgumentException("no %s in %s".formatted(object, objects.keySet())))
          .at(pointer);
    }

    /** The value of an environment variable of the only container; empty if it is not set. */
    String variable(String deployment, String name) {
      var variables = at(deployment, "/spec/template/spec/containers/0/env");
      return StreamSupport.stream(variables.spliterator(), false)
          .filter(variable -> variable.path("name").asText().equals(name))
          .map(variable -> variable.path("value").asText())
          .findFirst()
          .orElse("");
    }

    /** The objects of {@code kind}. */
    List<JsonNode> ofKind(String kind) {
      return objects.values().stream()
          .filter(object -> object.path("kind").asText().equals(kind))
          .toList();
    }
  }

  /** An object without what Helm says about itself and its release. */
  static JsonNode withoutHelm(JsonNode object) {
    if (object.path("metadata") instanceof ObjectNode metadata) {
      removeFrom(
          metadata,
          "labels",
          "app.kubernetes.io/instance",
          "app.kubernetes.io/managed-by",
          "app.kubernetes.io/version",
          "helm.sh/chart");
      removeFrom(metadata, "annotations", "helm.sh/resource-policy");
    }
    return object;
  }

  private static void removeFrom(ObjectNode metadata, String field, String... keys) {
    if (metadata.path(field) instanceof ObjectNode entries) {
      entries.remove(List.of(keys));
      if (entries.isEmpty()) {
        metadata.remove(field);
      }
    }
  }
}
