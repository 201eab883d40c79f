package dev.hcp.render.pod;

import dev.hcp.api.v1alpha1.ContainerSettings;
import dev.hcp.api.v1alpha1.PodSettings;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.DefaultRequests;
import dev.hcp.model.Lists;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.Metadata;
import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.CapabilitiesBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the pods of all components have in common. */
public final class Pods {
  private static final long USER = 1000L;

  /** Mode of files with secrets. */
  public static final int SECRET_MODE = 0440;

  private Pods() {}

  /**
   * A pod of the management cluster: it talks to no Kubernetes API by itself and passes the Pod
   * Security level <em>restricted</em>.
   */
  public static PodSpecBuilder spec(ControlPlane controlPlane, @Nullable PodSettings settings) {
    return confined()
        .withPriorityClassName(settings == null ? null : settings.priorityClassName())
        .withNodeSelector(Placement.nodeSelector(settings, Map.of()))
        .withImagePullSecrets(Images.pullSecrets(controlPlane, settings));
  }

  /** A pod that passes the Pod Security level <em>restricted</em>, without anything of the user. */
  public static PodSpecBuilder confined() {
    return new PodSpecBuilder()
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
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

  /**
   * Metadata of a pod template.
   *
   * @param labels labels that the controller decides
   * @param annotations annotations that the controller decides
   */
  public static ObjectMeta metadata(
      @Nullable PodSettings settings, Map<String, String> labels, Map<String, String> annotations) {
    return new ObjectMetaBuilder()
        .withLabels(with(settings == null ? null : settings.podLabels(), labels))
        .withAnnotations(with(settings == null ? null : settings.podAnnotations(), annotations))
        .build();
  }

  /** The user's entries and the controller's, which win, sorted. */
  static Map<String, String> with(@Nullable Map<String, String> user, Map<String, String> owned) {
    var all = new TreeMap<String, String>();
    if (user != null) {
      all.putAll(user);
    }
    all.putAll(owned);
    return all;
  }

  /**
   * Environment variables of a container: those of the controller, to which the user's can refer,
   * and then the user's, of which those are dropped that the controller decides.
   */
  public static List<EnvVar> env(@Nullable ContainerSettings settings, EnvVar... owned) {
    var names = Arrays.stream(owned).map(EnvVar::getName).collect(Collectors.toSet());
    return Stream.concat(
            Arrays.stream(owned),
            Lists.orEmpty(settings == null ? null : settings.env()).stream()
                .filter(variable -> !names.contains(variable.getName()))
                .map(Pods::withoutEmptyValue))
        .toList();
  }

  /** The API server does not keep an empty value, which means the same as none. */
  private static EnvVar withoutEmptyValue(EnvVar variable) {
    return "".equals(variable.getValue()) ? variable.edit().withValue(null).build() : variable;
  }

  /**
   * The command of a program of this project in the controller's image, beside the one that the
   * image starts by itself.
   *
   * @param program name of its main class
   */
  public static List<String> program(String program) {
    return List.of(
        "java",
        "-XX:MaxRAMPercentage=50",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        "-cp",
        "@/app/jib-classpath-file",
        program);
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

  /** The user's resources, and the defaults where the user says nothing of a resource. */
  public static ResourceRequirements resources(
      @Nullable ContainerSettings settings, DefaultRequests defaults) {
    return resources(
        settings, new ResourceRequirementsBuilder().withRequests(defaults.amounts()).build());
  }

  /** The user's resources, and the given requests where the user says nothing of a resource. */
  public static ResourceRequirements resources(
      @Nullable ContainerSettings settings, String cpu, String memory) {
    return resources(
        settings,
        new ResourceRequirementsBuilder()
            .withRequests(Map.of("cpu", new Quantity(cpu), "memory", new Quantity(memory)))
            .build());
  }

  /**
   * The user's resources, completed by defaults: for each resource either everything is the user's,
   * or everything the default, so that no request exceeds its limit. A pod whose containers have no
   * requests is the first to go when a node runs short.
   */
  public static ResourceRequirements resources(
      @Nullable ContainerSettings settings, ResourceRequirements defaults) {
    var user = settings == null ? null : settings.resources();
    if (user == null) {
      return defaults;
    }
    var named = new HashSet<>(orEmpty(user.getRequests()).keySet());
    named.addAll(orEmpty(user.getLimits()).keySet());
    return user.edit()
        .withRequests(completed(user.getRequests(), defaults.getRequests(), named))
        .withLimits(completed(user.getLimits(), defaults.getLimits(), named))
        .build();
  }

  private static Map<String, Quantity> completed(
      @Nullable Map<String, Quantity> user,
      @Nullable Map<String, Quantity> defaults,
      Set<String> named) {
    var all = new TreeMap<>(orEmpty(user));
    orEmpty(defaults)
        .forEach((resource, quantity) -> {
          if (!named.contains(resource)) {
            all.put(resource, quantity);
          }
        });
    return all;
  }

  private static Map<String, Quantity> orEmpty(@Nullable Map<String, Quantity> quantities) {
    return quantities == null ? Map.of() : quantities;
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
            // A broken pod that may not go would keep its node from being drained. Members of etcd
            // are to get the time to become healthy.
            .withUnhealthyPodEvictionPolicy(component == Component.ETCD ? null : "AlwaysAllow")
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

  private static SecurityContext securityContext(Capabilities capabilities) {
    return new SecurityContextBuilder()
        .withPrivileged(false)
        .withAllowPrivilegeEscalation(false)
        .withReadOnlyRootFilesystem(true)
        .withCapabilities(capabilities)
        .build();
  }
}
