package dev.hcp.schema;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The fields of all kinds as a page for people: a table for each object that has fields. */
final class ApiPage {
  private static final List<String> OBJECT_FIELDS = List.of("apiVersion", "kind", "metadata");

  private final StringBuilder text =
      new StringBuilder(
          """
          <!-- Generated from the Java types of the API: change those and run "make generate". -->
          # API

          An asterisk marks required fields. Rules that concern several fields are in
          [Concepts](concepts.md#admission).
          """);

  /** Under which heading the fields of an object are listed, by its shape: many have the same. */
  private final Map<Map<String, JSONSchemaProps>, String> headings = new LinkedHashMap<>();

  /** Adds a kind. */
  void add(CustomResourceDefinition definition) {
    var names = definition.getSpec().getNames();
    var version = definition.getSpec().getVersions().getFirst();
    var schema = version.getSchema().getOpenAPIV3Schema();
    text.append(
        """

        ## %s

        `%s/%s`, short name `%s`. %s
        """
            .formatted(
                names.getKind(),
                definition.getSpec().getGroup(),
                version.getName(),
                String.join("`, `", names.getShortNames()),
                schema.getDescription()));
    var parts = new TreeMap<>(schema.getProperties());
    parts.keySet().removeAll(OBJECT_FIELDS);
    parts.forEach((name, part) -> list(names.getKind(), name, part));
  }

  /** The whole page. */
  String text() {
    return text.toString();
  }

  /**
   * Lists the fields of an object, and of the objects in it unless their shape is known already.
   */
  private void list(String kind, String path, JSONSchemaProps object) {
    var inner = new LinkedHashMap<String, JSONSchemaProps>();
    collect(kind, path, object, inner);
    inner.forEach(this::table);
  }

  private void collect(
      String kind, String path, JSONSchemaProps object, Map<String, JSONSchemaProps> inner) {
    var heading = "%s `%s`".formatted(kind, path);
    if (headings.putIfAbsent(object.getProperties(), heading) != null) {
      return;
    }
    inner.put(heading, object);
    new TreeMap<>(object.getProperties())
        .forEach((name, field) ->
            inner(field)
                .ifPresent(value ->
                    collect(kind, "%s.%s%s".formatted(path, name, suffix(field)), value, inner)));
  }

  private void table(String heading, JSONSchemaProps object) {
    text.append("\n### %s\n\n".formatted(heading));
    if (object.getDescription() != null) {
      text.append(object.getDescription()).append("\n\n");
    }
    text.append("| Field | Type | Meaning |\n|---|---|---|\n");
    new TreeMap<>(object.getProperties())
        .forEach((name, field) ->
            text.append(
                "| `%s`%s | %s | %s |\n"
                    .formatted(
                        name,
                        object.getRequired().contains(name) ? " \\*" : "",
                        type(field),
                        cell(field.getDescription()))));
  }

  private String type(JSONSchemaProps field) {
    var items = items(field);
    var values = values(field);
    if (items != null) {
      return "list of " + type(items);
    }
    if (values != null) {
      return "map to " + type(values);
    }
    if (Boolean.TRUE.equals(field.getXKubernetesIntOrString())) {
      return "quantity";
    }
    return inner(field)
        .map(object -> headings.get(object.getProperties()))
        .map(heading -> "[object](#%s)".formatted(anchor(heading)))
        .orElse("date-time".equals(field.getFormat()) ? "time" : field.getType());
  }

  /** What GitHub makes of a heading. */
  private static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replace(' ', '-').replaceAll("[^a-z0-9-]", "");
  }

  private static String cell(@Nullable String description) {
    return description == null ? "" : description.replace("|", "\\|").replace('\n', ' ');
  }

  /** The object that a field is, or that its elements or values are; empty if none has fields. */
  private static Optional<JSONSchemaProps> inner(JSONSchemaProps field) {
    var items = items(field);
    var values = values(field);
    var object = items == null ? values == null ? field : values : items;
    return Optional.of(object)
        .filter(value -> value.getProperties() != null && !value.getProperties().isEmpty());
  }

  private static String suffix(JSONSchemaProps field) {
    return items(field) == null ? values(field) == null ? "" : ".*" : "[]";
  }

  private static @Nullable JSONSchemaProps items(JSONSchemaProps field) {
    return field.getItems() == null ? null : field.getItems().getSchema();
  }

  private static @Nullable JSONSchemaProps values(JSONSchemaProps field) {
    return field.getAdditionalProperties() == null
        ? null
        : field.getAdditionalProperties().getSchema();
  }
}
