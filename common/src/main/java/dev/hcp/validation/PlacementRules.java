package dev.hcp.validation;

import dev.hcp.api.v1alpha1.PlacementSettings;
import dev.hcp.model.Lists;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where pods run. What the API server would refuse in a Deployment is refused here. */
final class PlacementRules {
  private static final Set<String> EFFECTS = Set.of("NoSchedule", "PreferNoSchedule", "NoExecute");
  private static final Set<String> UNSATISFIABLE = Set.of("DoNotSchedule", "ScheduleAnyway");
  private static final Set<String> POLICIES = Set.of("Honor", "Ignore");

  private PlacementRules() {}

  static void check(Field field, PlacementSettings settings) {
    var tolerations = Lists.orEmpty(settings.tolerations());
    for (int i = 0; i < tolerations.size(); i++) {
      checkToleration(field.at("tolerations").index(i), tolerations.get(i));
    }
    AffinityRules.check(field.at("affinity"), settings.affinity());
    var constraints = Lists.orEmpty(settings.topologySpreadConstraints());
    for (int i = 0; i < constraints.size(); i++) {
      var constraint = field.at("topologySpreadConstraints").index(i);
      checkConstraint(constraint, constraints.get(i));
      constraint.require(
          isFirst(constraints, i),
          constraints.get(i).getTopologyKey(),
          "must differ from the other constraints in topologyKey or whenUnsatisfiable");
    }
  }

  private static void checkToleration(Field field, Toleration toleration) {
    var key = orEmpty(toleration.getKey());
    var value = orEmpty(toleration.getValue());
    var operator = orEmpty(toleration.getOperator());
    var effect = orEmpty(toleration.getEffect());
    field
        .at("operator")
        .require(
            operator.isEmpty() || operator.equals("Equal") || operator.equals("Exists"),
            operator,
            "must be Equal or Exists");
    field
        .at("effect")
        .require(
            effect.isEmpty() || EFFECTS.contains(effect),
            effect,
            "must be NoSchedule, PreferNoSchedule or NoExecute, or left out for all of them");
    if (key.isEmpty()) {
      field
          .at("operator")
          .require(
              operator.equals("Exists"), operator, "must be Exists without a key, for all taints");
    } else {
      LabelRules.key(field.at("key"), key);
    }
    if (operator.equals("Exists")) {
      field.at("value").require(value.isEmpty(), value, "must be left out with operator Exists");
    } else {
      LabelRules.value(field.at("value"), value);
    }
    field
        .at("tolerationSeconds")
        .require(
            toleration.getTolerationSeconds() == null || effect.equals("NoExecute"),
            toleration.getTolerationSeconds(),
            "must come with effect NoExecute");
  }

  private static void checkConstraint(Field field, TopologySpreadConstraint constraint) {
    var skew = constraint.getMaxSkew();
    field.at("maxSkew").require(skew != null && skew >= 1, skew, "must be at least 1");
    LabelRules.key(field.at("topologyKey"), constraint.getTopologyKey());
    var otherwise = constraint.getWhenUnsatisfiable();
    field
        .at("whenUnsatisfiable")
        .require(
            otherwise != null && UNSATISFIABLE.contains(otherwise),
            otherwise,
            "must be DoNotSchedule or ScheduleAnyway");
    var domains = constraint.getMinDomains();
    field
        .at("minDomains")
        .require(
            domains == null || (domains >= 1 && "DoNotSchedule".equals(otherwise)),
            domains,
            "must be at least 1, and come with whenUnsatisfiable: DoNotSchedule");
    checkPolicy(field.at("nodeAffinityPolicy"), constraint.getNodeAffinityPolicy());
    checkPolicy(field.at("nodeTaintsPolicy"), constraint.getNodeTaintsPolicy());
    LabelRules.selector(field.at("labelSelector"), constraint.getLabelSelector());
    checkKeys(field.at("matchLabelKeys"), constraint);
  }

  private static void checkKeys(Field field, TopologySpreadConstraint constraint) {
    var keys = Lists.orEmpty(constraint.getMatchLabelKeys());
    LabelRules.selectorKeys(field, keys, constraint.getLabelSelector());
    if (constraint.getLabelSelector() == null) {
      for (int i = 0; i < keys.size(); i++) {
        field
            .index(i)
            .require(
                !Labels.isSelectorLabel(keys.get(i)),
                keys.get(i),
                "must be another label: pods of the component are selected by this one");
      }
    }
  }

  private static void checkPolicy(Field field, @Nullable String policy) {
    field.require(policy == null || POLICIES.contains(policy), policy, "must be Honor or Ignore");
  }

  private static boolean isFirst(List<TopologySpreadConstraint> constraints, int index) {
    var constraint = constraints.get(index);
    return constraints.subList(0, index).stream()
        .noneMatch(other ->
            Objects.equals(other.getTopologyKey(), constraint.getTopologyKey())
                && Objects.equals(other.getWhenUnsatisfiable(), constraint.getWhenUnsatisfiable()));
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
