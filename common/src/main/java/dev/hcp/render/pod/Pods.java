package dev.hcp.render.pod;

import dev.hcp.api.v1alpha1.ContainerSettings;
import dev.hcp.api.v1alpha1.PodSettings;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.Metadata;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.CapabilitiesBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the pods of all components have in common. */
public final class Pods {
  private static final long USER = 1000L;

  /** Mode of files with secrets. */
  public static final int SECRET_MODE = 0440;

  private static final int AFFINITY_WEIGHT = 100;
  private static final String HOST = "kubernetes.io/hostname";
  private static final String ZONE = "topology.kubernetes.io/zone";

  private Pods() {}

  /**
   * A pod that talks to no Kubernetes API by itself and passes the Pod Security level
   * <em>restricted</em>.
   */
  public static PodSpecBuilder spec(@Nullable PodSettings settings) {
    return new PodSpecBuilder()
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withPriorityClassName(settings == null ? null : settings.priorityClassName())
        .withNewSecurityContext()
        .withRunAsUser(USER)
        .withRunAsGroup(USER)
        .withFsGroup(USER)
        .withRunAsNonRoot(true)
        .withNewSeccompProfile()
        .withType("RuntimeDefault")
        .endSeccompProfile()
        .endSecurityContext();
  }

  /** What a container may do: as little as possible. */
  public static SecurityContext restricted() {
    return securityContext(new CapabilitiesBuilder().withDrop("ALL").build());
  }

  /**
   * Like {@link #restricted}, with the right to bind low ports. Needed by images whose binary
   * carries that file capability, as kube-apiserver's does: the kernel refuses to start it
   * otherwise.
   */
  public static SecurityContext restrictedWithLowPorts() {
    return securityContext(
        new CapabilitiesBuilder().withDrop("ALL").withAdd("NET_BIND_SERVICE").build());
  }

  /** The user's resources, or the given requests. */
  public static ResourceRequirements resources(
      @Nullable ContainerSettings settings, String cpu, String memory) {
    if (settings != null && settings.resources() != null) {
      return settings.resources();
    }
    return new ResourceRequirementsBuilder()
        .withRequests(Map.of("cpu", new Quantity(cpu), "memory", new Quantity(memory)))
        .build();
  }

  /**
   * Spreads the pods of a component over hosts, and over zones where there are several.
   *
   * @param perRevision whether each revision of a Deployment is spread on its own, so that a
   *     rollout is not held up by the pods that it replaces
   */
  public static List<TopologySpreadConstraint> spread(
      ControlPlane controlPlane, Component component, boolean perRevision) {
    return List.of(
        spread(controlPlane, component, perRevision, HOST, "DoNotSchedule"),
        spread(controlPlane, component, perRevision, ZONE, "ScheduleAnyway"));
  }

  /** Prefers hosts on which pods of another component run. */
  public static Affinity near(ControlPlane controlPlane, Component other) {
    return new AffinityBuilder()
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

  /** At most one pod of several may be evicted at a time; a single pod may be evicted. */
  public static Optional<PodDisruptionBudget> disruptionBudget(
      ControlPlane controlPlane, String name, Component component, int replicas) {
    if (replicas <= 1) {
      return Optional.empty();
    }
    return Optional.of(
        new PodDisruptionBudgetBuilder()
            .withMetadata(Metadata.of(controlPlane, name, component))
            .withNewSpec()
            .withMaxUnavailable(new IntOrString(1))
            .withNewSelector()
            .withMatchLabels(Labels.selector(controlPlane.names().cluster(), component))
            .endSelector()
            .endSpec()
            .build());
  }

  /** A volume that joins files of several Secrets. */
  public static Volume projected(String name, List<VolumeProjection> sources) {
    return new VolumeBuilder()
        .withName(name)
        .withNewProjected()
        .withDefaultMode(SECRET_MODE)
        .withSources(sources)
        .endProjected()
        .build();
  }

  /** Files of one Secret in a projected volume: key to path, in pairs. */
  public static VolumeProjection secret(String secret, String... keysAndPaths) {
    var items = new ArrayList<KeyToPath>();
    for (int i = 0; i < keysAndPaths.length; i += 2) {
      items.add(new KeyToPath(keysAndPaths[i], null, keysAndPaths[i + 1]));
    }
    return new VolumeProjectionBuilder()
        .withNewSecret()
        .withName(secret)
        .withItems(items)
        .endSecret()
        .build();
  }

  /** Certificate and key of one Secret in a projected volume. */
  public static VolumeProjection keyPair(String secret, String path) {
    return secret(secret, "tls.crt", path + ".crt", "tls.key", path + ".key");
  }

  /** A read-only mount. */
  public static VolumeMount readOnly(String volume, String path) {
    return new VolumeMountBuilder().withName(volume).withMountPath(path).withReadOnly(true).build();
  }

  private static TopologySpreadConstraint spread(
      ControlPlane controlPlane,
      Component component,
      boolean perRevision,
      String topology,
      String whenUnsatisfiable) {
    return new TopologySpreadConstraintBuilder()
        .withTopologyKey(topology)
        .withMaxSkew(1)
        .withWhenUnsatisfiable(whenUnsatisfiable)
        .withNodeTaintsPolicy("Honor")
        .withNodeAffinityPolicy("Honor")
        .withNewLabelSelector()
        .withMatchLabels(Labels.selector(controlPlane.names().cluster(), component))
        .endLabelSelector()
        .withMatchLabelKeys(perRevision ? List.of("pod-template-hash") : List.of())
        .build();
  }

  private static SecurityContext securityContext(Capabilities capabilities) {
    return new SecurityContextBuilder()
        .withPrivileged(false)
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withCapabilities(capabilities)
        .build();
  }
}
