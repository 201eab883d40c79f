package dev.hcp.validation;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplate;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The table of what is refused, in {@code src/test/resources/dev/hcp/validation/refused}; its
 * README says how it is written.
 */
public final class RefusedSpecs {
  private static final Path TABLE =
      Path.of("../common/src/test/resources/dev/hcp/validation/refused");

  private static final Set<String> COLUMNS =
      Set.of("title", "by", "kind", "metadata", "spec", "stored", "storedStatus", "messages");

  /** Fields that a template does not have. */
  private static final Set<String> NOT_IN_TEMPLATES =
      Set.of("version", "replicas", "controlPlaneEndpoint");

  private static final KubernetesSerialization YAML = new KubernetesSerialization();
  private static final Pattern SPEC = Pattern.compile("(?<![\\w.])spec\\.");

  private RefusedSpecs() {}

  /** Who refuses. */
  public enum By {
    /** The schema of the CRD. */
    SCHEMA,
    /** A CEL rule of the CRD. */
    CEL,
    /** The webhook, to which the CRD leaves it. */
    WEBHOOK
  }

  /**
   * One row.
   *
   * @param title topic, what is wrong, and kind
   * @param by who refuses
   * @param kind kind of the objects
   * @param stored what is there before an update; null for a creation
   * @param status its status
   * @param object what is asked for, and refused
   * @param messages all that is wrong, in kubectl's form
   */
  public record Case(
      String title,
      By by,
      String kind,
      @Nullable Map<String, Object> stored,
      Map<String, Object> status,
      Map<String, Object> object,
      List<String> messages) {
    @Override
    public String toString() {
      return title;
    }
  }

  /** All rows, those for both kinds twice. */
  public static List<Case> all() {
    try (Stream<Path> files = Files.list(TABLE)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .sorted()
          .flatMap(RefusedSpecs::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the table", e);
    }
  }

  /** Those rows that one of the three refuses. */
  public static List<Case> by(By by) {
    return all().stream().filter(row -> row.by() == by).toList();
  }

  /** A valid object, the smallest there is, on which the rows are laid. */
  public static Map<String, Object> valid(String kind) {
    return parse(
        kind.equals(HostedControlPlaneTemplate.KIND)
            ? """
            apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
            kind: HostedControlPlaneTemplate
            metadata: {name: demo, namespace: default}
            spec:
              template:
                spec:
                  gateway: {namespace: gateways, name: public}
            """
            : """
            apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
            kind: HostedControlPlane
            metadata: {name: demo, namespace: default}
            spec:
              version: v1.36.3
              gateway: {namespace: gateways, name: public}
            """);
  }

  private static Stream<Case> read(Path file) {
    List<Map<String, Object>> rows;
    try (var text = Files.newInputStream(file)) {
      rows = YAML.unmarshal(text, new TypeReference<List<Map<String, Object>>>() {});
    } catch (IOException | RuntimeException e) {
      throw new IllegalStateException("cannot read " + file, e);
    }
    var topic = file.getFileName().toString().replace(".yaml", "");
    return rows.stream().flatMap(row -> cases(topic, row));
  }

  private static Stream<Case> cases(String topic, Map<String, Object> row) {
    var title = "%s: %s".formatted(topic, row.get("title"));
    if (!COLUMNS.containsAll(row.keySet())) {
      throw new IllegalStateException(
          "%s has %s, but the columns are %s".formatted(title, row.keySet(), COLUMNS));
    }
    if (row.get("kind") instanceof String kind) {
      return Stream.of(of(title, kind, row));
    }
    boolean inTemplates =
        !row.containsKey("metadata")
            && !row.containsKey("stored")
            && map(row, "spec").keySet().stream().noneMatch(NOT_IN_TEMPLATES::contains);
    return Stream.of(HostedControlPlane.KIND, HostedControlPlaneTemplate.KIND)
        .limit(inTemplates ? 2 : 1)
        .map(kind -> of(title, kind, row));
  }

  private static Case of(String title, String kind, Map<String, Object> row) {
    boolean update = row.containsKey("stored");
    return new Case(
        kind.equals(HostedControlPlaneTemplate.KIND) ? title + ", in a template" : title,
        switch (String.valueOf(row.get("by"))) {
          case "schema" -> By.SCHEMA;
          case "cel" -> By.CEL;
          case "webhook" -> By.WEBHOOK;
          default ->
              throw new IllegalStateException(
                  "%s: by is %s, expected schema, cel or webhook".formatted(title, row.get("by")));
        },
        kind,
        update ? object(kind, Map.of(), map(row, "stored")) : null,
        map(row, "storedStatus"),
        object(kind, map(row, "metadata"), map(row, "spec")),
        ((List<?>) row.getOrDefault("messages", List.of()))
            .stream().map(message -> message(kind, String.valueOf(message))).toList());
  }

  private static String message(String kind, String message) {
    return kind.equals(HostedControlPlaneTemplate.KIND) && !message.contains("spec.template.")
        ? SPEC.matcher(message).replaceAll("spec.template.spec.")
        : message;
  }

  private static Map<String, Object> object(
      String kind, Map<String, Object> metadata, Map<String, Object> spec) {
    boolean isTemplate = kind.equals(HostedControlPlaneTemplate.KIND);
    return merge(
        valid(kind),
        Map.of(
            "metadata",
            isTemplate ? Map.of() : metadata,
            "spec",
            isTemplate ? Map.of("template", Map.of("metadata", metadata, "spec", spec)) : spec));
  }

  /** As in a JSON merge patch: null removes, maps are merged, all else is replaced. */
  private static Map<String, Object> merge(Map<?, ?> target, Map<?, ?> patch) {
    var merged = new LinkedHashMap<String, Object>();
    target.forEach((key, value) -> merged.put(String.valueOf(key), value));
    patch.forEach((key, value) -> {
      var name = String.valueOf(key);
      switch (value) {
        case null -> merged.remove(name);
        case Map<?, ?> inner ->
            merged.put(
                name, merge(merged.get(name) instanceof Map<?, ?> map ? map : Map.of(), inner));
        default -> merged.put(name, value);
      }
    });
    return merged;
  }

  private static Map<String, Object> map(Map<String, Object> row, String column) {
    var map = new LinkedHashMap<String, Object>();
    if (row.get(column) instanceof Map<?, ?> cell) {
      cell.forEach((key, value) -> map.put(String.valueOf(key), value));
    }
    return map;
  }

  private static Map<String, Object> parse(String yaml) {
    var parsed = new LinkedHashMap<String, Object>();
    ((Map<?, ?>) YAML.unmarshal(yaml, Map.class))
        .forEach((key, value) -> parsed.put(String.valueOf(key), value));
    return parsed;
  }
}
