package dev.hcp.webhook.admission;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplate;
import dev.hcp.validation.FieldError;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The types of all fields, which are required, and which values an enumeration has: what the rules
 * rely on when they read an object. An API server sees to it as well, but nothing makes sure that
 * its CRD is of this release, or that it is an API server that asks.
 *
 * <p>As in an API server, null stands for a field that is left out, and is nothing in a list.
 */
final class StructuralSchema {
  /** Of metadata, which a CRD does not describe, the parts that rules read. */
  private static final Map<?, ?> METADATA =
      new KubernetesSerialization()
          .unmarshal(
              """
              type: object
              properties:
                name: {type: string}
                namespace: {type: string}
                labels: {type: object, additionalProperties: {type: string}}
                annotations: {type: object, additionalProperties: {type: string}}
                ownerReferences:
                  type: array
                  items:
                    type: object
                    properties:
                      apiVersion: {type: string}
                      kind: {type: string}
                      name: {type: string}
                    required: [apiVersion, kind, name]
              """,
              Map.class);

  /** What is read from a schema. */
  private static final Set<String> READ =
      Set.of(
          "type",
          "format",
          "properties",
          "additionalProperties",
          "items",
          "required",
          "enum",
          "x-kubernetes-int-or-string");

  /** Comes last, since it is made from what stands above. */
  private static final Map<String, StructuralSchema> ALL =
      Map.of(
          HostedControlPlane.KIND,
          load("hostedcontrolplanes"),
          HostedControlPlaneTemplate.KIND,
          load("hostedcontrolplanetemplates"));

  private final Map<?, ?> schema;

  private StructuralSchema(Map<?, ?> schema) {
    this.schema = schema;
  }

  /** That of a kind. */
  static StructuralSchema of(String kind) {
    return Objects.requireNonNull(ALL.get(kind), () -> "no CRD of kind " + kind);
  }

  /** Where an object does not fit. */
  List<FieldError> check(Map<String, Object> object) {
    var errors = new ArrayList<FieldError>();
    checkObject(schema, object, "", errors);
    if (object.get("metadata") instanceof Map<?, ?> metadata) {
      checkObject(METADATA, metadata, "metadata", errors);
    } else if (object.get("metadata") == null) {
      errors.add(missing("metadata"));
    }
    return errors;
  }

  private static void check(
      Map<?, ?> schema, @Nullable Object value, String path, List<FieldError> errors) {
    if (Boolean.TRUE.equals(schema.get("x-kubernetes-int-or-string"))) {
      require(value instanceof String || isWhole(value), value, path, "a string or number", errors);
      return;
    }
    switch (String.valueOf(schema.get("type"))) {
      case "object" -> {
        if (value instanceof Map<?, ?> map) {
          checkObject(schema, map, path, errors);
        } else {
          require(false, value, path, "an object", errors);
        }
      }
      case "array" -> {
        if (value instanceof List<?> list) {
          checkElements(schema, list, path, errors);
        } else {
          require(false, value, path, "a list", errors);
        }
      }
      case "string" -> checkText(schema, value, path, errors);
      case "integer" -> {
        int bits = "int64".equals(schema.get("format")) ? Long.SIZE : Integer.SIZE;
        require(
            isWhole(value) && whole(value).bitLength() < bits,
            value,
            path,
            "a whole number of at most %d bits".formatted(bits),
            errors);
      }
      case "boolean" -> require(value instanceof Boolean, value, path, "true or false", errors);
      default -> {}
    }
  }

  private static void checkObject(
      Map<?, ?> schema, Map<?, ?> object, String path, List<FieldError> errors) {
    if (schema.get("required") instanceof List<?> required) {
      required.stream()
          .filter(name -> object.get(name) == null)
          .forEach(name -> errors.add(missing(join(path, name))));
    }
    if (schema.get("properties") instanceof Map<?, ?> properties) {
      object.forEach((name, value) -> {
        if (value != null && properties.get(name) instanceof Map<?, ?> property) {
          check(property, value, join(path, name), errors);
        }
      });
    } else if (schema.get("additionalProperties") instanceof Map<?, ?> values) {
      object.forEach((key, value) -> {
        var entry = "%s[%s]".formatted(path, key);
        if (value == null) {
          errors.add(missing(entry));
        } else {
          check(values, value, entry, errors);
        }
      });
    }
  }

  private static void checkElements(
      Map<?, ?> schema, List<?> list, String path, List<FieldError> errors) {
    if (schema.get("items") instanceof Map<?, ?> items) {
      for (int i = 0; i < list.size(); i++) {
        var element = "%s[%d]".formatted(path, i);
        if (list.get(i) == null) {
          errors.add(missing(element));
        } else {
          check(items, list.get(i), element, errors);
        }
      }
    }
  }

  private static void checkText(
      Map<?, ?> schema, @Nullable Object value, String path, List<FieldError> errors) {
    require(value instanceof String, value, path, "a string", errors);
    if (value instanceof String && schema.get("enum") instanceof List<?> values) {
      require(
          values.contains(value),
          value,
          path,
          values.stream().map(String::valueOf).collect(Collectors.joining(", ", "one of ", "")),
          errors);
    }
  }

  private static void require(
      boolean condition,
      @Nullable Object value,
      String path,
      String accepted,
      List<FieldError> errors) {
    if (!condition) {
      boolean isPart = value instanceof Map<?, ?> || value instanceof List<?>;
      errors.add(new FieldError(path, isPart ? null : value, "must be %s".formatted(accepted)));
    }
  }

  private static FieldError missing(String path) {
    return new FieldError(path, null, "must be set", FieldError.Reason.REQUIRED);
  }

  private static boolean isWhole(@Nullable Object value) {
    return switch (value) {
      case Integer _, Long _, BigInteger _ -> true;
      case Double number -> number == Math.rint(number) && Math.abs(number) <= Long.MAX_VALUE;
      case null, default -> false;
    };
  }

  private static BigInteger whole(@Nullable Object number) {
    return new BigDecimal(String.valueOf(number)).toBigInteger();
  }

  private static String join(String path, Object name) {
    return path.isEmpty() ? String.valueOf(name) : "%s.%s".formatted(path, name);
  }

  private static StructuralSchema load(String plural) {
    var file = "%s.%s.yaml".formatted(plural, HostedControlPlane.GROUP);
    try (var stream = StructuralSchema.class.getResourceAsStream(file)) {
      if (stream == null) {
        throw new IllegalStateException("%s is not on the class path".formatted(file));
      }
      Map<?, ?> crd = new KubernetesSerialization().unmarshal(stream, Map.class);
      if (crd.get("spec") instanceof Map<?, ?> spec
          && spec.get("versions") instanceof List<?> versions
          && versions.getFirst() instanceof Map<?, ?> version
          && version.get("schema") instanceof Map<?, ?> schema
          && schema.get("openAPIV3Schema") instanceof Map<?, ?> root) {
        return new StructuralSchema(relevant(root));
      }
      throw new IllegalStateException("%s has no schema".formatted(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read %s".formatted(file), e);
    }
  }

  /** A schema without the many texts that are for people. */
  private static Map<?, ?> relevant(Map<?, ?> schema) {
    var kept = new LinkedHashMap<String, Object>();
    schema.forEach((key, value) -> {
      var name = String.valueOf(key);
      if (READ.contains(name)) {
        kept.put(
            name,
            switch (value) {
              case Map<?, ?> properties when name.equals("properties") -> {
                var all = new TreeMap<String, Object>();
                properties.forEach((property, part) -> {
                  if (part instanceof Map<?, ?> map) {
                    all.put(String.valueOf(property), relevant(map));
                  }
                });
                yield all;
              }
              case Map<?, ?> part -> relevant(part);
              default -> value;
            });
      }
    });
    return kept;
  }
}
