package dev.hcp.render.workload;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.KonnectivityClient;
import dev.hcp.flags.Program;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.konnectivity.KonnectivityRenderer;
import dev.hcp.render.pod.Arguments;
import dev.hcp.render.pod.Images;
import dev.hcp.render.pod.Pods;
import dev.hcp.render.pod.Probes;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Konnectivity agents: they dial the servers beside the API servers, which reach nodes and pods
 * through them. Each agent connects to every server, so that one agent is enough for all of them.
 */
public final class KonnectivityAgentRenderer {
  private static final String NAME = "konnectivity-agent";
  private static final String CONFIG_VOLUME = "config";
  private static final String CONFIG_DIRECTORY = "/etc/konnectivity";
  private static final String KUBECONFIG = "kubeconfig.conf";
  private static final String TOKEN_VOLUME = "konnectivity-agent-token";
  private static final String TOKEN_DIRECTORY = "/var/run/secrets/tokens";
  private static final String TOKEN_FILE = "konnectivity-agent-token";
  private static final long TOKEN_SECONDS = 3600;
  private static final int ADMIN_PORT = 8133;
  private static final int HEALTH_PORT = 8134;
  private static final String HEALTH_PORT_NAME = "health";

  private KonnectivityAgentRenderer() {}

  /**
   * All their objects.
   *
   * @param nodes number of ready nodes
   */
  public static AddOn render(ControlPlane controlPlane, ControlPlaneEndpoint endpoint, int nodes) {
    var settings = controlPlane.spec().konnectivityClient();
    int replicas = ControlPlane.addOnReplicas(settings, nodes);
    var selector = Labels.selector(controlPlane.names().cluster(), Component.KONNECTIVITY);
    var desired = new ArrayList<HasMetadata>();
    var absent = new ArrayList<HasMetadata>();
    desired.add(AddOnPods.serviceAccount(NAME));
    desired.addAll(
        Rbac.role(
            HostedMetadata.SYSTEM,
            NAME,
            Rbac.rule("coordination.k8s.io", List.of("leases"), "get", "list", "watch"),
            Rbac.serviceAccount(NAME)));
    desired.add(
        new ConfigMapBuilder()
            .withMetadata(HostedMetadata.of(HostedMetadata.SYSTEM, NAME))
            .withData(Map.of(KUBECONFIG, HostedKubeconfig.text(endpoint)))
            .build());
    desired.add(
        AddOnPods.deployment(
            NAME,
            selector,
            Map.of("k8s-app", NAME),
            replicas,
            settings,
            container(controlPlane, endpoint, settings),
            List.of(configVolume(), tokenVolume())));
    (replicas > 1 ? desired : absent).add(AddOnPods.disruptionBudget(NAME, selector));
    var addOn = new AddOn(desired, absent);
    return controlPlane.isKonnectivityDisabled() ? addOn.disabled() : addOn;
  }

  private static Container container(
      ControlPlane controlPlane,
      ControlPlaneEndpoint endpoint,
      @Nullable KonnectivityClient settings) {
    var flags = new TreeMap<String, String>();
    flags.put("admin-server-port", String.valueOf(ADMIN_PORT));
    // Of its own for each pod: two agents of one node are two ways to it.
    flags.put("agent-id", "$(POD_NAME)");
    flags.put("ca-cert", HostedKubeconfig.SERVICE_ACCOUNT + "/ca.crt");
    flags.put("count-server-leases", "true");
    flags.put("health-server-port", String.valueOf(HEALTH_PORT));
    flags.put("keepalive-time", "45s");
    flags.put("kubeconfig", CONFIG_DIRECTORY + "/" + KUBECONFIG);
    flags.put("proxy-server-host", ControlPlane.konnectivityHost(endpoint));
    flags.put("proxy-server-port", String.valueOf(endpoint.port()));
    flags.put("service-account-token-path", TOKEN_DIRECTORY + "/" + TOKEN_FILE);
    return new ContainerBuilder()
        .withName(NAME)
        .withImage(
            Images.reference(
                controlPlane,
                settings,
                "kas-network-proxy/proxy-agent",
                controlPlane.components().konnectivity()))
        .withImagePullPolicy(Images.pullPolicy(settings))
        .withArgs(Arguments.of(Program.KONNECTIVITY_AGENT, settings, flags))
        .withEnv(
            Pods.env(
                settings,
                new EnvVarBuilder()
                    .withName("POD_NAME")
                    .withNewValueFrom()
                    .withNewFieldRef("v1", "metadata.name")
                    .endValueFrom()
                    .build()))
        .withPorts(port("admin", ADMIN_PORT), port(HEALTH_PORT_NAME, HEALTH_PORT))
        .withResources(Pods.resources(settings, "10m", "32Mi"))
        .withSecurityContext(Pods.restricted())
        // Says whether it is connected to a server.
        .withReadinessProbe(Probes.readiness("HTTP", HEALTH_PORT_NAME, "/readyz"))
        .withLivenessProbe(Probes.liveness("HTTP", HEALTH_PORT_NAME, "/healthz"))
        .withVolumeMounts(
            Pods.readOnly(CONFIG_VOLUME, CONFIG_DIRECTORY),
            Pods.readOnly(TOKEN_VOLUME, TOKEN_DIRECTORY))
        .build();
  }

  private static Volume configVolume() {
    return new VolumeBuilder()
        .withName(CONFIG_VOLUME)
        .withNewConfigMap()
        .withName(NAME)
        .endConfigMap()
        .build();
  }

  private static Volume tokenVolume() {
    return new VolumeBuilder()
        .withName(TOKEN_VOLUME)
        .withNewProjected()
        .addNewSource()
        .withNewServiceAccountToken(KonnectivityRenderer.AUDIENCE, TOKEN_SECONDS, TOKEN_FILE)
        .endSource()
        .endProjected()
        .build();
  }

  private static ContainerPort port(String name, int port) {
    return new ContainerPortBuilder()
        .withName(name)
        .withContainerPort(port)
        .withProtocol("TCP")
        .build();
  }
}
