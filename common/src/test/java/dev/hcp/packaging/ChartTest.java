package dev.hcp.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.process.BuildInfo;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The Helm chart keeps up with what it is made of. That it renders what {@code config/} does is for
 * the end-to-end tests to say, which have Helm.
 */
class ChartTest {
  private static final Path CHART = Path.of("../chart");
  private static final Path CONFIG = Path.of("../config");
  private static final Path COPIES = CHART.resolve("files/config");

  /** What the chart renders from copies; Deployments are templates of its own. */
  private static final List<String> FOLDERS =
      List.of("certificates", "crd", "manager", "protection", "rbac", "webhook");

  private static final Set<String> NOT_COPIED = Set.of("kustomization.yaml", "deployment.yaml");

  /** Values that are part of a pod as they are. */
  private static final Set<String> WHOLE = Set.of("resources");

  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  @Test
  void thereAreCopiesOfTheSameFiles() {
    assertThat(files(COPIES))
        .as("%s: run \"make generate\", and remove what is not in config any more", COPIES)
        .isEqualTo(
            files(CONFIG).stream()
                .filter(file -> FOLDERS.contains(file.getName(0).toString()))
                .filter(file -> !NOT_COPIED.contains(file.getFileName().toString()))
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  @ParameterizedTest
  @MethodSource("copies")
  void aCopyIsTheSame(Path file) {
    assertThat(Manifests.read(COPIES.resolve(file)).equals(Manifests.read(CONFIG.resolve(file))))
        .as("%s is as in config; if not, run \"make generate\"", COPIES.resolve(file))
        .isTrue();
  }

  static Set<Path> copies() {
    return files(COPIES);
  }

  @Test
  void theVersionIsThatOfTheBuild() {
    assertThat(read("Chart.yaml"))
        .containsEntry("version", BuildInfo.load().version())
        .containsEntry("appVersion", BuildInfo.load().version());
  }

  /** The build can be told others, but then writes them into the package. */
  @Test
  void theImagesAreThoseThatTheBuildMakesWhenItIsToldNothing() {
    assertThat(read("files/images.yaml"))
        .containsEntry("registry", buildProperty("image.registry"))
        .containsEntry("tag", "v" + BuildInfo.load().version());
    assertThat(buildProperty("image.tag")).isEqualTo("v${project.version}");
  }

  @ParameterizedTest
  @MethodSource("values")
  void aValueIsDocumented(String value) {
    assertThat(Manifests.read(Path.of("../docs/install.md"))).contains("`%s`".formatted(value));
  }

  static Set<String> values() {
    return paths("", read("values.yaml"));
  }

  /** That the values are all in the schema is checked by Helm: it knows nothing else. */
  @Test
  void theSchemaKnowsNothingButTheValues() {
    var schema = read("values.schema.json");
    var properties = new TreeSet<String>();
    collect("", schema, map(schema.get("definitions")), properties);
    properties.remove("global");
    assertThat(properties).isEqualTo(values());
  }

  private static void collect(
      String path, Map<?, ?> schema, Map<?, ?> definitions, Set<String> found) {
    for (var property : map(schema.get("properties")).entrySet()) {
      var inner = path.isEmpty() ? property.getKey() : path + "." + property.getKey();
      var node = map(property.getValue());
      if (node.get("$ref") instanceof String reference) {
        node = map(definitions.get(reference.substring(reference.lastIndexOf('/') + 1)));
      }
      if (Boolean.FALSE.equals(node.get("additionalProperties"))
          && !WHOLE.contains(property.getKey())
          && !"affinity".equals(property.getKey())) {
        collect(inner.toString(), node, definitions, found);
      } else {
        found.add(inner.toString());
      }
    }
  }

  private static Set<String> paths(String prefix, Map<?, ?> values) {
    var paths = new TreeSet<String>();
    values.forEach((key, value) -> {
      var path = prefix.isEmpty() ? key.toString() : prefix + "." + key;
      if (value instanceof Map<?, ?> inner && !inner.isEmpty() && !WHOLE.contains(key)) {
        paths.addAll(paths(path, inner));
      } else {
        paths.add(path);
      }
    });
    return paths;
  }

  private static Map<?, ?> map(Object value) {
    assertThat(value).isInstanceOf(Map.class);
    return (Map<?, ?>) value;
  }

  private static String buildProperty(String name) {
    var match =
        Pattern.compile("<%1$s>([^<]*)</%1$s>".formatted(Pattern.quote(name)))
            .matcher(Manifests.read(Path.of("../pom.xml")));
    assertThat(match.find()).as("the property %s in pom.xml", name).isTrue();
    return match.group(1);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> read(String file) {
    return YAML.unmarshal(Manifests.read(CHART.resolve(file)), Map.class);
  }

  private static Set<Path> files(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .map(folder::relativize)
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
