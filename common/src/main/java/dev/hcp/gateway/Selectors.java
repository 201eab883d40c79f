package dev.hcp.gateway;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which namespaces a Gateway or listener is open to. */
final class Selectors {
  private Selectors() {}

  /**
   * Whether a namespace is let in.
   *
   * @param from All, Same, Selector or None
   * @param selector what labels it must have, for Selector
   * @param home namespace of the Gateway
   */
  static boolean letsIn(
      String from,
      @Nullable LabelSelector selector,
      String home,
      String namespace,
      Map<String, String> labels) {
    return switch (from) {
      case "All" -> true;
      case "Same" -> namespace.equals(home);
      case "Selector" -> selector != null && matches(selector, labels);
      default -> false;
    };
  }

  private static boolean matches(LabelSelector selector, Map<String, String> labels) {
    var exact = Objects.requireNonNullElse(selector.getMatchLabels(), Map.<String, String>of());
    return exact.entrySet().stream().allMatch(e -> e.getValue().equals(labels.get(e.getKey())))
        && (selector.getMatchExpressions() == null
            || selector.getMatchExpressions().stream().allMatch(r -> matches(r, labels)));
  }

  private static boolean matches(LabelSelectorRequirement requirement, Map<String, String> labels) {
    var value = labels.get(requirement.getKey());
    return switch (requirement.getOperator()) {
      case "In" -> value != null && requirement.getValues().contains(value);
      case "NotIn" -> value == null || !requirement.getValues().contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      default -> false;
    };
  }
}
