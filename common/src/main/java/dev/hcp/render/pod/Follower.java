package dev.hcp.render.pod;

import dev.hcp.api.v1alpha1.ScalablePod;
import dev.hcp.flags.Program;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.DefaultRequests;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.Metadata;
import dev.hcp.render.kubeconfig.KubeconfigRenderer;
import dev.hcp.render.kubeconfig.Paths;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A component that is a client of the API server and elects a leader among its pods:
 * controller-manager or scheduler.
 *
 * @param component the component
 * @param program the program; its name is that of the executable, of the container and of the
 *     image's repository
 * @param name name of the Deployment
 * @param port port of the health endpoints, by HTTPS
 * @param readinessPath path that tells whether it works
 * @param livenessPath path that tells whether it hangs
 * @param kubeconfig name of the Secret with its kubeconfig
 * @param certificates its certificates, which include those that the kubeconfig names
 * @param flags flags besides those for kubeconfig and leader election
 * @param requests what it requests by default
 */
public record Follower(
    Component component,
    Program program,
    String name,
    int port,
    String readinessPath,
    String livenessPath,
    String kubeconfig,
    List<VolumeProjection> certificates,
    Map<String, String> flags,
    DefaultRequests requests) {
  private static final String PORT_NAME = "probe-port";
  private static final String CERTIFICATES_VOLUME = "certificates";
  private static final String KUBECONFIG_VOLUME = "kubeconfig";
  private static final String KUBECONFIG_DIRECTORY = "/etc/kubernetes/kubeconfig";
  private static final String KUBECONFIG = KUBECONFIG_DIRECTORY + "/kubeconfig";
  private static final int REVISION_HISTORY = 2;

  /** Copies the collections. */
  public Follower {
    certificates = List.copyOf(certificates);
    flags = Map.copyOf(flags);
  }

  /**
   * The Deployment. Leader election is always on: even with one replica two pods run during a
   * rollout.
   *
   * @param settings the user's settings
   */
  public Deployment deployment(ControlPlane controlPlane, @Nullable ScalablePod settings) {
    var cluster = controlPlane.names().cluster();
    return new DeploymentBuilder()
        .withMetadata(Metadata.of(controlPlane, name, component))
        .withNewSpec()
        .withReplicas(ControlPlane.followerReplicas(settings))
        .withRevisionHistoryLimit(REVISION_HISTORY)
        .withNewSelector()
        .withMatchLabels(Labels.selector(cluster, component))
        .endSelector()
        .withNewStrategy()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withMaxSurge(new IntOrString(1))
        .withMaxUnavailable(new IntOrString(0))
        .endRollingUpdate()
        .endStrategy()
        .withNewTemplate()
        .withMetadata(
            Pods.metadata(
                settings,
                Labels.of(cluster, component),
                Map.of(Labels.VERSION_ANNOTATION, controlPlane.followerVersion().toString())))
        .withSpec(
            Pods.spec(controlPlane, settings)
                .withTolerations(Placement.tolerations(settings, List.of()))
                .withAffinity(Placement.affinity(settings, controlPlane, Component.API_SERVER))
                .withTopologySpreadConstraints(
                    Placement.spread(settings, Labels.selector(cluster, component)))
                .addToContainers(
                    new ContainerBuilder()
                        .withName(program.title())
                        .withImage(
                            Images.reference(
                                controlPlane,
                                settings,
                                program.title(),
                                controlPlane.followerVersion().imageTag()))
                        .withImagePullPolicy(Images.pullPolicy(settings))
                        .withCommand(program.title())
                        .withArgs(Arguments.of(program, settings, allFlags()))
                        .withEnv(Pods.env(settings))
                        .withPorts(
                            new ContainerPortBuilder()
                                .withName(PORT_NAME)
                                .withContainerPort(port)
                                .withProtocol("TCP")
                                .build())
                        .withResources(Pods.resources(settings, requests))
                        .withSecurityContext(Pods.restricted())
                        .withStartupProbe(Probes.startup("HTTPS", PORT_NAME, livenessPath))
                        .withReadinessProbe(Probes.readiness("HTTPS", PORT_NAME, readinessPath))
                        .withLivenessProbe(Probes.liveness("HTTPS", PORT_NAME, livenessPath))
                        .withVolumeMounts(
                            Pods.readOnly(CERTIFICATES_VOLUME, Paths.PKI),
                            Pods.readOnly(KUBECONFIG_VOLUME, KUBECONFIG_DIRECTORY))
                        .build())
                .withVolumes(
                    Pods.projected(CERTIFICATES_VOLUME, certificates),
                    Pods.projected(
                        KUBECONFIG_VOLUME,
                        List.of(Pods.secret(kubeconfig, KubeconfigRenderer.KEY, "kubeconfig"))))
                .build())
        .endTemplate()
        .endSpec()
        .build();
  }

  /** The disruption budget; none for a single pod. */
  public Optional<PodDisruptionBudget> disruptionBudget(
      ControlPlane controlPlane, @Nullable ScalablePod settings) {
    return Pods.disruptionBudget(
        controlPlane, name, component, ControlPlane.followerReplicas(settings));
  }

  private Map<String, String> allFlags() {
    var all = new TreeMap<>(flags);
    all.put("authentication-kubeconfig", KUBECONFIG);
    all.put("authorization-kubeconfig", KUBECONFIG);
    all.put("bind-address", "0.0.0.0");
    all.put("kubeconfig", KUBECONFIG);
    all.put("leader-elect", "true");
    all.put("profiling", "false");
    all.putAll(TlsFlags.OF_KUBERNETES);
    return all;
  }
}
