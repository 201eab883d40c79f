package dev.hcp.validation;

import dev.hcp.model.Lists;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Labels, annotations, and what selects by labels. */
final class LabelRules {
  static final String KEY_FORM =
      "must be a name of at most 63 letters, digits, '-', '_' or '.', with a letter or digit at"
          + " both ends, and if need be a domain and '/' in front, for example example.com/role";
  private static final String VALUE_FORM =
      "must be empty, or at most 63 letters, digits, '-', '_' or '.', with a letter or digit at"
          + " both ends";
  private static final String OWNED =
      "must be another key: this one is the controller's or Kubernetes'";

  /** Annotations of pods with which the API server takes a pod for something else. */
  private static final List<String> MEANINGFUL_ANNOTATIONS =
      List.of(
          "container.apparmor.security.beta.kubernetes.io/",
          "kubernetes.io/config.mirror",
          "scheduler.alpha.kubernetes.io/tolerations");

  private LabelRules() {}

  static void key(Field field, @Nullable String key) {
    field.require(key != null && QualifiedNames.isKey(key), key, KEY_FORM);
  }

  static void value(Field field, @Nullable String value) {
    field.require(value != null && QualifiedNames.isValue(value), value, VALUE_FORM);
  }

  static void labels(Field field, @Nullable Map<String, String> labels) {
    sorted(labels)
        .forEach((key, value) -> {
          key(field.key(key), key);
          value(field.key(key), value);
        });
  }

  static void podLabels(Field field, @Nullable Map<String, String> labels) {
    labels(field, labels);
    for (var key : sorted(labels).keySet()) {
      field.key(key).require(!Labels.isReservedLabel(key), key, OWNED);
    }
  }

  static void podAnnotations(Field field, @Nullable Map<String, String> annotations) {
    var all = sorted(annotations);
    for (var key : all.keySet()) {
      // Their names, unlike those of labels, are read without regard to case.
      key(field.key(key), key.toLowerCase(Locale.ROOT));
      field
          .key(key)
          .require(
              !Labels.isReservedAnnotation(key)
                  && MEANINGFUL_ANNOTATIONS.stream().noneMatch(key::startsWith),
              key,
              OWNED);
    }
    long bytes = QualifiedNames.bytes(all);
    field.require(
        bytes <= QualifiedNames.MOST_ANNOTATION_BYTES,
        bytes,
        "must be at most %d bytes, keys and values together"
            .formatted(QualifiedNames.MOST_ANNOTATION_BYTES));
  }

  static void selector(Field field, @Nullable LabelSelector selector) {
    if (selector == null) {
      return;
    }
    labels(field.at("matchLabels"), selector.getMatchLabels());
    var expressions = Lists.orEmpty(selector.getMatchExpressions());
    for (int i = 0; i < expressions.size(); i++) {
      requirement(field.at("matchExpressions").index(i), expressions.get(i));
    }
  }

  /** Labels whose values are taken from the pod itself, in addition to a selector. */
  static void selectorKeys(
      Field field, @Nullable List<String> keys, @Nullable LabelSelector selector) {
    var all = Lists.orEmpty(keys);
    var selected = selected(selector);
    var seen = new HashSet<String>();
    for (int i = 0; i < all.size(); i++) {
      var key = all.get(i);
      key(field.index(i), key);
      field.index(i).require(seen.add(key), key, "must differ from the other keys");
      field
          .index(i)
          .require(!selected.contains(key), key, "must be a label that labelSelector does not use");
    }
  }

  private static Set<String> selected(@Nullable LabelSelector selector) {
    if (selector == null) {
      return Set.of();
    }
    var keys = new HashSet<>(sorted(selector.getMatchLabels()).keySet());
    Lists.orEmpty(selector.getMatchExpressions()).forEach(part -> keys.add(part.getKey()));
    return keys;
  }

  private static void requirement(Field field, LabelSelectorRequirement requirement) {
    key(field.at("key"), requirement.getKey());
    var values = Lists.orEmpty(requirement.getValues());
    switch (requirement.getOperator()) {
      case "In", "NotIn" -> values(field.at("values"), values);
      case "Exists", "DoesNotExist" -> noValues(field.at("values"), values);
      case null, default ->
          field
              .at("operator")
              .reject(requirement.getOperator(), "must be In, NotIn, Exists or DoesNotExist");
    }
  }

  static void values(Field field, List<String> values) {
    field.require(
        !values.isEmpty(), null, "must have at least one value with operator In or NotIn");
    for (int i = 0; i < values.size(); i++) {
      value(field.index(i), values.get(i));
    }
  }

  static void noValues(Field field, List<String> values) {
    field.require(
        values.isEmpty(),
        String.join(",", values),
        "must be left out with operator Exists or DoesNotExist");
  }

  /** An error message must not depend on the order of a map. */
  private static Map<String, String> sorted(@Nullable Map<String, String> labels) {
    return labels == null ? Map.of() : new TreeMap<>(labels);
  }
}
