package dev.hcp.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.ConfigMapKeySelector;
import io.fabric8.kubernetes.api.model.ConfigMapVolumeSource;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.ObjectFieldSelector;
import io.fabric8.kubernetes.api.model.PodAffinity;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodAntiAffinity;
import io.fabric8.kubernetes.api.model.PreferredSchedulingTerm;
import io.fabric8.kubernetes.api.model.ResourceClaim;
import io.fabric8.kubernetes.api.model.ResourceFieldSelector;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import io.fabric8.kubernetes.api.model.SecretVolumeSource;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

  /** As in Kubernetes' own schemas of pods. */
  private static final Set<Class<?>> ATOMIC =
      Set.of(
          ConfigMapKeySelector.class,
          LabelSelector.class,
          LocalObjectReference.class,
          NodeSelector.class,
          NodeSelectorTerm.class,
          ObjectFieldSelector.class,
          ResourceFieldSelector.class,
          SecretKeySelector.class);

  private static final List<String> POLICIES = List.of("Honor", "Ignore");

  private static final Map<Class<?>, Map<String, List<String>>> VALUES =
      Map.of(
          LabelSelectorRequirement.class,
          Map.of("operator", List.of("In", "NotIn", "Exists", "DoesNotExist")),
          NodeSelectorRequirement.class,
          Map.of("operator", List.of("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt")),
          TopologySpreadConstraint.class,
          Map.of(
              "nodeAffinityPolicy",
              POLICIES,
              "nodeTaintsPolicy",
              POLICIES,
              "whenUnsatisfiable",
              List.of("DoNotSchedule", "ScheduleAnyway")));

  private static final Map<Class<?>, ModelDoc> DOCS =
      Stream.of(volumesAndResources(), variables(), selectors(), affinity(), placement())
          .flatMap(part -> part.entrySet().stream())
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));

  private KubernetesModel() {}

  private record ModelDoc(String text, Map<String, String> fields, List<String> required) {}

  private static Map<Class<?>, ModelDoc> volumesAndResources() {
    return Map.of(
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
  }

  private static Map<Class<?>, ModelDoc> variables() {
    return Map.of(
        EnvVar.class,
        new ModelDoc(
            "An environment variable.",
            Map.of(
                "name",
                "Name of the variable.",
                "value",
                "Value; `$(NAME)` stands for an earlier variable. Default: empty.",
                "valueFrom",
                "Where the value comes from; excludes `value`."),
            List.of("name")),
        EnvVarSource.class,
        new ModelDoc(
            "Source of a value: exactly one.",
            Map.of(
                "configMapKeyRef",
                "Key of a ConfigMap.",
                "fieldRef",
                "Field of the pod.",
                "resourceFieldRef",
                "Request or limit of a container.",
                "secretKeyRef",
                "Key of a Secret."),
            List.of()),
        ConfigMapKeySelector.class,
        keySelector("ConfigMap"),
        SecretKeySelector.class,
        keySelector("Secret"),
        ObjectFieldSelector.class,
        new ModelDoc(
            "Field of the pod.",
            Map.of("apiVersion", "Default: v1.", "fieldPath", "Field, as `status.podIP`."),
            List.of("fieldPath")),
        ResourceFieldSelector.class,
        new ModelDoc(
            "Request or limit of a container.",
            Map.of(
                "containerName",
                "Container. Default: this one.",
                "divisor",
                "Unit of the value. Default: 1.",
                "resource",
                "Resource, as `limits.cpu`."),
            List.of("resource")),
        LocalObjectReference.class,
        new ModelDoc("A Secret.", Map.of("name", "Name of the Secret."), List.of("name")));
  }

  private static ModelDoc keySelector(String kind) {
    return new ModelDoc(
        "Key of a %s.".formatted(kind),
        Map.of(
            "key",
            "The key.",
            "name",
            "Name of the %s.".formatted(kind),
            "optional",
            "Whether it may be missing. Default: false."),
        List.of("key", "name"));
  }

  private static Map<Class<?>, ModelDoc> selectors() {
    var key = "Label.";
    var operator = "In, NotIn, Exists or DoesNotExist.";
    var values = "Values, for In and NotIn.";
    return Map.of(
        LabelSelector.class,
        new ModelDoc(
            "Selects by labels; all conditions must hold.",
            Map.of(
                "matchExpressions",
                "Conditions on labels.",
                "matchLabels",
                "Labels, label to value."),
            List.of()),
        LabelSelectorRequirement.class,
        new ModelDoc(
            "A condition on a label.",
            Map.of("key", key, "operator", operator, "values", values),
            List.of("key", "operator")),
        NodeSelector.class,
        new ModelDoc(
            "Selects nodes.",
            Map.of("nodeSelectorTerms", "Terms, of which one must hold."),
            List.of("nodeSelectorTerms")),
        NodeSelectorTerm.class,
        new ModelDoc(
            "Conditions on a node; all must hold.",
            Map.of(
                "matchExpressions",
                "Conditions on labels.",
                "matchFields",
                "Conditions on `metadata.name`."),
            List.of()),
        NodeSelectorRequirement.class,
        new ModelDoc(
            "A condition on a node.",
            Map.of(
                "key",
                key,
                "operator",
                "In, NotIn, Exists, DoesNotExist, Gt or Lt.",
                "values",
                "Values, for In and NotIn; one integer for Gt and Lt."),
            List.of("key", "operator")));
  }

  private static Map<Class<?>, ModelDoc> affinity() {
    var required = "What must hold when a pod is scheduled.";
    var preferred = "What is preferred when a pod is scheduled.";
    var pods =
        Map.of(
            "preferredDuringSchedulingIgnoredDuringExecution",
            preferred,
            "requiredDuringSchedulingIgnoredDuringExecution",
            required);
    return Map.of(
        Affinity.class,
        new ModelDoc(
            "Nodes and pods to be near to, or far from.",
            Map.of(
                "nodeAffinity",
                "Nodes that the pods need, or prefer.",
                "podAffinity",
                "Pods to be near to.",
                "podAntiAffinity",
                "Pods to be far from."),
            List.of()),
        NodeAffinity.class,
        new ModelDoc("Nodes that the pods need, or prefer.", pods, List.of()),
        PreferredSchedulingTerm.class,
        new ModelDoc(
            "A preference.",
            Map.of("preference", "Conditions on the node.", "weight", "Weight, 1 to 100."),
            List.of("preference", "weight")),
        PodAffinity.class,
        new ModelDoc("Pods to be near to.", pods, List.of()),
        PodAntiAffinity.class,
        new ModelDoc("Pods to be far from.", pods, List.of()),
        WeightedPodAffinityTerm.class,
        new ModelDoc(
            "A preference.",
            Map.of("podAffinityTerm", "The pods.", "weight", "Weight, 1 to 100."),
            List.of("podAffinityTerm", "weight")),
        PodAffinityTerm.class,
        new ModelDoc(
            "Pods, and how near is near.",
            Map.of(
                "labelSelector",
                "Selects the pods.",
                "matchLabelKeys",
                "Labels in which the pods must be the same.",
                "mismatchLabelKeys",
                "Labels in which the pods must differ.",
                "namespaceSelector",
                "Namespaces of the pods, besides `namespaces`.",
                "namespaces",
                "Namespaces of the pods. Default: that of the pod itself.",
                "topologyKey",
                "Label of nodes; equal values are near."),
            List.of("topologyKey")));
  }

  private static Map<Class<?>, ModelDoc> placement() {
    return Map.of(
        Toleration.class,
        new ModelDoc(
            "Taints that are tolerated.",
            Map.of(
                "effect",
                "NoSchedule, PreferNoSchedule or NoExecute. Default: all.",
                "key",
                "Key of the taint. Default: all, with Exists.",
                "operator",
                "Equal or Exists. Default: Equal.",
                "tolerationSeconds",
                "How long a NoExecute taint is tolerated. Default: for ever.",
                "value",
                "Value of the taint, for Equal."),
            List.of()),
        TopologySpreadConstraint.class,
        new ModelDoc(
            "How pods are spread.",
            Map.of(
                "labelSelector",
                "Pods that count. Default: those of the component, each revision by itself.",
                "matchLabelKeys",
                "Labels in which pods that count must be the same.",
                "maxSkew",
                "Most by which numbers of pods may differ.",
                "minDomains",
                "Least number of domains, with DoNotSchedule.",
                "nodeAffinityPolicy",
                "Whether unsuitable nodes are left out: Honor or Ignore. Default: Honor.",
                "nodeTaintsPolicy",
                "Whether tainted nodes are left out: Honor or Ignore. Default: Ignore.",
                "topologyKey",
                "Label of nodes; each value is a domain.",
                "whenUnsatisfiable",
                "DoNotSchedule or ScheduleAnyway."),
            List.of("maxSkew", "topologyKey", "whenUnsatisfiable")));
  }

  /** Fields that are not offered: they need something in the pod that cannot be set. */
  static Set<String> withheldOf(Class<?> model) {
    return model == EnvVarSource.class ? Set.of("fileKeyRef") : Set.of();
  }

  /** Whether objects of a type are replaced as a whole by a server-side apply. */
  static boolean isAtomic(Class<?> model) {
    return ATOMIC.contains(model);
  }

  /** All values that a field may have; empty if that cannot be said by a list. */
  static List<String> valuesOf(Class<?> model, String field) {
    return VALUES.getOrDefault(model, Map.of()).getOrDefault(field, List.of());
  }

  /** Least and greatest value of a number. */
  static Optional<Range> rangeOf(String field) {
    return switch (field) {
      case "weight" -> Optional.of(new Range(1.0, 100.0));
      case "maxSkew", "minDomains" -> Optional.of(new Range(1.0, (double) Integer.MAX_VALUE));
      default -> Optional.empty();
    };
  }

  /** Least and greatest value of a number. */
  record Range(double least, double most) {}

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
