package dev.hcp.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.ConfigMapVolumeSource;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.ResourceClaim;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.SecretVolumeSource;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;

/**
 * What is to be said of the types of Kubernetes itself that the API is made of, whose model classes
 * have neither descriptions nor constraints.
 */
final class KubernetesModel {
  /** Values of the status of a condition. */
  static final List<JsonNode> CONDITION_STATUSES =
      List.of(new TextNode("True"), new TextNode("False"), new TextNode("Unknown"));

  private static final String DEFAULT_MODE =
      "Permission bits of files that say nothing else, 0 to 511 (octal 0777). Default: 420 (octal"
          + " 0644).";

  private static final String ITEMS =
      "Keys that become files, and where. Without it every key becomes a file of its name.";

  private static final Map<Class<?>, ModelDoc> DOCS =
      Map.of(
          ResourceRequirements.class,
          new ModelDoc(
              "Compute resources of a container.",
              Map.of(
                  "claims",
                  "Resource claims of the pod that the container uses.",
                  "limits",
                  "Most of each resource that the container may use, resource name to quantity.",
                  "requests",
                  "Least of each resource that the container needs, resource name to quantity."
                      + " Default: the limit."),
              List.of()),
          ResourceClaim.class,
          new ModelDoc(
              "A resource claim of the pod.",
              Map.of(
                  "name",
                  "Name of the claim, as in the pod's list of claims.",
                  "request",
                  "Request of that claim to use. Default: all of them."),
              List.of("name")),
          SecretVolumeSource.class,
          new ModelDoc(
              "Files of a Secret.",
              Map.of(
                  "defaultMode",
                  DEFAULT_MODE,
                  "items",
                  ITEMS,
                  "optional",
                  "Whether the pod starts without the Secret or its keys. Default: false.",
                  "secretName",
                  "Name of the Secret."),
              List.of()),
          ConfigMapVolumeSource.class,
          new ModelDoc(
              "Files of a ConfigMap.",
              Map.of(
                  "defaultMode",
                  DEFAULT_MODE,
                  "items",
                  ITEMS,
                  "name",
                  "Name of the ConfigMap.",
                  "optional",
                  "Whether the pod starts without the ConfigMap or its keys. Default: false."),
              List.of()),
          KeyToPath.class,
          new ModelDoc(
              "A key that becomes a file.",
              Map.of(
                  "key",
                  "The key.",
                  "mode",
                  "Permission bits of the file, 0 to 511 (octal 0777). Default: `defaultMode` of"
                      + " the volume.",
                  "path",
                  "Path of the file below the mount path; relative, without `..`."),
              List.of("key", "path")));

  private KubernetesModel() {}

  private record ModelDoc(String text, Map<String, String> fields, List<String> required) {}

  /** Description of a type. */
  static String descriptionOf(Class<?> model) {
    return docOf(model).text();
  }

  /** Description of a field of a type. */
  static String descriptionOf(Class<?> model, String field) {
    var text = docOf(model).fields().get(field);
    if (text == null) {
      throw new IllegalStateException(
          "no description for %s of %s: add it here".formatted(field, model.getName()));
    }
    return text;
  }

  /** Fields of a type that must be set. */
  static List<String> requiredOf(Class<?> model) {
    return docOf(model).required();
  }

  /** Type of a field of a type. */
  static Type typeOf(Class<?> model, String field) {
    try {
      return model.getDeclaredField(field).getGenericType();
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("%s has no %s".formatted(model.getName(), field), e);
    }
  }

  private static ModelDoc docOf(Class<?> model) {
    var doc = DOCS.get(model);
    if (doc == null) {
      throw new IllegalStateException(
          "no description for %s: add it here".formatted(model.getName()));
    }
    return doc;
  }
}
