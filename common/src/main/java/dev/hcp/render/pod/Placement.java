package dev.hcp.render.pod;

import dev.hcp.api.v1alpha1.PlacementSettings;
import dev.hcp.api.v1alpha1.PodSettings;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.Lists;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * On which nodes the pods of a component run: where the user wants them, or else where they are
 * best off. Tolerations and labels of nodes are added to the defaults; an affinity replaces the
 * default of its kind, and constraints of spread replace all of them.
 */
public final class Placement {
  private static final int AFFINITY_WEIGHT = 100;
  private static final String HOST = "kubernetes.io/hostname";
  private static final String ZONE = "topology.kubernetes.io/zone";

  /** Label that tells the pods of each revision of a Deployment apart. */
  private static final List<String> REVISION = List.of("pod-template-hash");

  private Placement() {}

  /** Labels that nodes must have, sorted. */
  public static Map<String, String> nodeSelector(
      @Nullable PodSettings settings, Map<String, String> owned) {
    return Pods.with(settings == null ? null : settings.nodeSelector(), owned);
  }

  /** Taints that are tolerated. */
  public static List<Toleration> tolerations(
      @Nullable PlacementSettings settings, List<Toleration> defaults) {
    return Stream.concat(
            defaults.stream(),
            Lists.orEmpty(settings == null ? null : settings.tolerations()).stream()
                .map(Placement::withoutEmptyFields))
        .toList();
  }

  /** Nothing but the user's affinity. */
  public static @Nullable Affinity affinity(@Nullable PlacementSettings settings) {
    return settings == null ? null : settings.affinity();
  }

  /**
   * The user's affinity, or else a preference for hosts on which pods of another component run. The
   * preference stays beside a user's affinity to nodes, or anti-affinity, which it does not
   * contradict.
   */
  public static Affinity affinity(
      @Nullable PlacementSettings settings, ControlPlane controlPlane, Component other) {
    var user = affinity(settings);
    if (user != null && user.getPodAffinity() != null) {
      return user;
    }
    return (user == null ? new AffinityBuilder() : user.edit())
        .withNewPodAffinity()
        .addNewPreferredDuringSchedulingIgnoredDuringExecution()
        .withWeight(AFFINITY_WEIGHT)
        .withNewPodAffinityTerm()
        .withTopologyKey(HOST)
        .withNewLabelSelector()
        .withMatchLabels(Labels.selector(controlPlane.names().cluster(), other))
        .endLabelSelector()
        .endPodAffinityTerm()
        .endPreferredDuringSchedulingIgnoredDuringExecution()
        .endPodAffinity()
        .build();
  }

  /**
   * Spreads the pods of a Deployment: over hosts, and over zones where there are several. Each
   * revision is spread by itself, so that a rollout is not held up by the pods that it replaces.
   *
   * @param selector labels by which the pods are selected
   */
  public static List<TopologySpreadConstraint> spread(
      @Nullable PlacementSettings settings, Map<String, String> selector) {
    return spread(settings, selector, REVISION);
  }

  /** Spreads the pods of a StatefulSet, which replaces its pods one by one. */
  public static List<TopologySpreadConstraint> spreadOfReplaced(
      @Nullable PlacementSettings settings, Map<String, String> selector) {
    return spread(settings, selector, List.of());
  }

  private static List<TopologySpreadConstraint> spread(
      @Nullable PlacementSettings settings, Map<String, String> selector, List<String> labelKeys) {
    var user = settings == null ? null : settings.topologySpreadConstraints();
    var constraints =
        user == null
            ? List.of(constraint(HOST, "DoNotSchedule"), constraint(ZONE, "ScheduleAnyway"))
            : user;
    return constraints.stream()
        .map(constraint ->
            constraint.getLabelSelector() == null
                ? counting(constraint, selector, labelKeys)
                : constraint)
        .toList();
  }

  private static TopologySpreadConstraint constraint(String topology, String whenUnsatisfiable) {
    return new TopologySpreadConstraintBuilder()
        .withTopologyKey(topology)
        .withMaxSkew(1)
        .withWhenUnsatisfiable(whenUnsatisfiable)
        .withNodeTaintsPolicy("Honor")
        .withNodeAffinityPolicy("Honor")
        .build();
  }

  /** A constraint without a selector would count no pods, and so do nothing. */
  private static TopologySpreadConstraint counting(
      TopologySpreadConstraint constraint, Map<String, String> selector, List<String> labelKeys) {
    var keys = Lists.orEmpty(constraint.getMatchLabelKeys());
    return constraint
        .edit()
        .withNewLabelSelector()
        .withMatchLabels(selector)
        .endLabelSelector()
        .withMatchLabelKeys(keys.isEmpty() ? labelKeys : keys)
        .build();
  }

  /** The API server does not keep empty fields, which mean the same as none. */
  private static Toleration withoutEmptyFields(Toleration toleration) {
    return toleration
        .edit()
        .withKey(emptyAsNull(toleration.getKey()))
        .withOperator(emptyAsNull(toleration.getOperator()))
        .withValue(emptyAsNull(toleration.getValue()))
        .withEffect(emptyAsNull(toleration.getEffect()))
        .build();
  }

  private static @Nullable String emptyAsNull(@Nullable String text) {
    return "".equals(text) ? null : text;
  }
}
