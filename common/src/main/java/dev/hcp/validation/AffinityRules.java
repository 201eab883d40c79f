package dev.hcp.validation;

import dev.hcp.model.Lists;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Affinity, as the API server takes it in a pod. */
final class AffinityRules {
  private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
  private static final String PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
  private static final int HIGHEST_WEIGHT = 100;
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,18}");

  /** The only field of a node by which it can be selected. */
  private static final String NODE_NAME = "metadata.name";

  private AffinityRules() {}

  static void check(Field field, @Nullable Affinity affinity) {
    if (affinity == null) {
      return;
    }
    checkNodes(field.at("nodeAffinity"), affinity.getNodeAffinity());
    if (affinity.getPodAffinity() != null) {
      checkPods(
          field.at("podAffinity"),
          affinity.getPodAffinity().getRequiredDuringSchedulingIgnoredDuringExecution(),
          affinity.getPodAffinity().getPreferredDuringSchedulingIgnoredDuringExecution());
    }
    if (affinity.getPodAntiAffinity() != null) {
      checkPods(
          field.at("podAntiAffinity"),
          affinity.getPodAntiAffinity().getRequiredDuringSchedulingIgnoredDuringExecution(),
          affinity.getPodAntiAffinity().getPreferredDuringSchedulingIgnoredDuringExecution());
    }
  }

  static void checkNodes(Field field, @Nullable NodeAffinity affinity) {
    if (affinity == null) {
      return;
    }
    var required = affinity.getRequiredDuringSchedulingIgnoredDuringExecution();
    if (required != null) {
      var terms = Lists.orEmpty(required.getNodeSelectorTerms());
      var termsField = field.at(REQUIRED).at("nodeSelectorTerms");
      termsField.require(!terms.isEmpty(), null, "must have at least one term");
      for (int i = 0; i < terms.size(); i++) {
        checkTerm(termsField.index(i), terms.get(i));
      }
    }
    var preferred = Lists.orEmpty(affinity.getPreferredDuringSchedulingIgnoredDuringExecution());
    for (int i = 0; i < preferred.size(); i++) {
      var term = field.at(PREFERRED).index(i);
      checkWeight(term.at("weight"), preferred.get(i).getWeight());
      if (preferred.get(i).getPreference() == null) {
        term.at("preference").reject(null, "must be set");
      } else {
        checkTerm(term.at("preference"), preferred.get(i).getPreference());
      }
    }
  }

  private static void checkTerm(Field field, NodeSelectorTerm term) {
    var labels = Lists.orEmpty(term.getMatchExpressions());
    for (int i = 0; i < labels.size(); i++) {
      checkLabel(field.at("matchExpressions").index(i), labels.get(i));
    }
    var fields = Lists.orEmpty(term.getMatchFields());
    for (int i = 0; i < fields.size(); i++) {
      checkField(field.at("matchFields").index(i), fields.get(i));
    }
  }

  private static void checkLabel(Field field, NodeSelectorRequirement requirement) {
    LabelRules.key(field.at("key"), requirement.getKey());
    var values = Lists.orEmpty(requirement.getValues());
    switch (requirement.getOperator()) {
      case "In", "NotIn" -> LabelRules.values(field.at("values"), values);
      case "Exists", "DoesNotExist" -> LabelRules.noValues(field.at("values"), values);
      case "Gt", "Lt" ->
          field
              .at("values")
              .require(
                  values.size() == 1 && INTEGER.matcher(values.getFirst()).matches(),
                  String.join(",", values),
                  "must be one integer with operator Gt or Lt");
      case null, default ->
          field
              .at("operator")
              .reject(
                  requirement.getOperator(), "must be In, NotIn, Exists, DoesNotExist, Gt or Lt");
    }
  }

  private static void checkField(Field field, NodeSelectorRequirement requirement) {
    field
        .at("key")
        .require(
            NODE_NAME.equals(requirement.getKey()), requirement.getKey(), "must be " + NODE_NAME);
    field
        .at("operator")
        .require(
            "In".equals(requirement.getOperator()) || "NotIn".equals(requirement.getOperator()),
            requirement.getOperator(),
            "must be In or NotIn");
    var values = Lists.orEmpty(requirement.getValues());
    field
        .at("values")
        .require(
            values.size() == 1 && DnsNames.isSubdomain(values.getFirst()),
            String.join(",", values),
            "must be the name of one node");
  }

  private static void checkPods(
      Field field,
      @Nullable List<PodAffinityTerm> required,
      @Nullable List<WeightedPodAffinityTerm> preferred) {
    var terms = Lists.orEmpty(required);
    for (int i = 0; i < terms.size(); i++) {
      checkTerm(field.at(REQUIRED).index(i), terms.get(i));
    }
    var weighted = Lists.orEmpty(preferred);
    for (int i = 0; i < weighted.size(); i++) {
      var term = field.at(PREFERRED).index(i);
      checkWeight(term.at("weight"), weighted.get(i).getWeight());
      if (weighted.get(i).getPodAffinityTerm() == null) {
        term.at("podAffinityTerm").reject(null, "must be set");
      } else {
        checkTerm(term.at("podAffinityTerm"), weighted.get(i).getPodAffinityTerm());
      }
    }
  }

  private static void checkTerm(Field field, PodAffinityTerm term) {
    LabelRules.selector(field.at("labelSelector"), term.getLabelSelector());
    LabelRules.selector(field.at("namespaceSelector"), term.getNamespaceSelector());
    LabelRules.key(field.at("topologyKey"), term.getTopologyKey());
    var namespaces = Lists.orEmpty(term.getNamespaces());
    for (int i = 0; i < namespaces.size(); i++) {
      DnsNames.label(field.at("namespaces").index(i), namespaces.get(i));
    }
    checkKeys(field.at("matchLabelKeys"), term, term.getMatchLabelKeys());
    checkKeys(field.at("mismatchLabelKeys"), term, term.getMismatchLabelKeys());
    var both = Lists.orEmpty(term.getMismatchLabelKeys());
    var matched = new HashSet<>(Lists.orEmpty(term.getMatchLabelKeys()));
    for (int i = 0; i < both.size(); i++) {
      field
          .at("mismatchLabelKeys")
          .index(i)
          .require(
              !matched.contains(both.get(i)), both.get(i), "must not be in matchLabelKeys too");
    }
  }

  private static void checkKeys(Field field, PodAffinityTerm term, @Nullable List<String> keys) {
    LabelRules.selectorKeys(field, keys, term.getLabelSelector());
    field.require(
        Lists.orEmpty(keys).isEmpty() || term.getLabelSelector() != null,
        String.join(",", Lists.orEmpty(keys)),
        "must come with labelSelector");
  }

  private static void checkWeight(Field field, @Nullable Integer weight) {
    field.require(
        weight != null && weight >= 1 && weight <= HIGHEST_WEIGHT, weight, "must be 1 to 100");
  }
}
