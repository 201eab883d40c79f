package dev.hcp.render.konnectivity;

import dev.hcp.api.v1alpha1.Container;
import dev.hcp.flags.Program;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.DefaultRequests;
import dev.hcp.naming.Component;
import dev.hcp.render.Metadata;
import dev.hcp.render.kubeconfig.KubeconfigRenderer;
import dev.hcp.render.kubeconfig.Paths;
import dev.hcp.render.pki.PkiRenderer;
import dev.hcp.render.pod.Arguments;
import dev.hcp.render.pod.Images;
import dev.hcp.render.pod.Pods;
import dev.hcp.render.pod.Probes;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The konnectivity server, a container beside each API server: agents in the hosted cluster dial
 * it, and the API server reaches nodes and pods through it by a socket that both containers share.
 */
public final class KonnectivityRenderer {
  /** Container of the server. */
  public static final String CONTAINER = "konnectivity-server";

  /** Port that agents dial. */
  public static final int AGENT_PORT = 8132;

  /** Name of {@link #AGENT_PORT}. */
  public static final String AGENT_PORT_NAME = "konnectivity";

  /** Audience of the tokens that agents present. */
  public static final String AUDIENCE = "system:konnectivity-server";

  /** Where the API server finds the egress configuration. */
  public static final String EGRESS_DIRECTORY = "/etc/kubernetes/egress/configurations";

  /** File name of the egress configuration. */
  public static final String EGRESS_FILE = "egress-selector-configuration.yaml";

  /** Port for debugging, on the loopback interface. */
  public static final int ADMIN_PORT = 8133;

  /** Port of its probes. */
  public static final int HEALTH_PORT = 8134;

  private static final String HEALTH_PORT_NAME = "k-health";
  private static final String SOCKET_DIRECTORY = "/run/konnectivity";
  private static final String SOCKET = SOCKET_DIRECTORY + "/konnectivity-agent.sock";
  private static final String SOCKET_VOLUME = "konnectivity-uds";
  private static final String CERTIFICATES_VOLUME = "konnectivity-certificates";
  private static final String KUBECONFIG_VOLUME = "konnectivity-kubeconfig";
  private static final String KUBECONFIG_DIRECTORY = "/etc/kubernetes/konnectivity";
  private static final String KUBECONFIG_FILE = "konnectivity-server.conf";

  private KonnectivityRenderer() {}

  /**
   * The ConfigMap that tells the API server to reach the hosted cluster's network through the
   * shared socket.
   */
  public static ConfigMap egressConfiguration(ControlPlane controlPlane) {
    return new ConfigMapBuilder()
        .withMetadata(
            Metadata.of(controlPlane, controlPlane.names().konnectivity(), Component.KONNECTIVITY))
        .withData(
            Map.of(
                EGRESS_FILE,
                """
                apiVersion: apiserver.k8s.io/v1beta1
                kind: EgressSelectorConfiguration
                egressSelections:
                - name: cluster
                  connection:
                    proxyProtocol: GRPC
                    transport:
                      uds:
                        udsName: %s
                """
                    .formatted(SOCKET)))
        .build();
  }

  /** The container. */
  public static io.fabric8.kubernetes.api.model.Container container(ControlPlane controlPlane) {
    var settings = settings(controlPlane);
    var flags = new TreeMap<String, String>();
    flags.put("admin-port", String.valueOf(ADMIN_PORT));
    flags.put("agent-namespace", "kube-system");
    flags.put("agent-port", String.valueOf(AGENT_PORT));
    flags.put("agent-service-account", "konnectivity-agent");
    flags.put("authentication-audience", AUDIENCE);
    flags.put("cluster-cert", Paths.PKI + "/server.crt");
    flags.put("cluster-key", Paths.PKI + "/server.key");
    flags.put("enable-lease-controller", "true");
    flags.put("health-port", String.valueOf(HEALTH_PORT));
    // Finds out that an agent's node is gone; agents are asked through a tunnel that may stay open.
    flags.put("keepalive-time", "30s");
    flags.put("kubeconfig", KUBECONFIG_DIRECTORY + "/" + KUBECONFIG_FILE);
    flags.put("mode", "grpc");
    flags.put("server-port", "0");
    flags.put("uds-name", SOCKET);
    return new ContainerBuilder()
        .withName(CONTAINER)
        .withImage(
            Images.reference(
                controlPlane,
                settings,
                "kas-network-proxy/proxy-server",
                controlPlane.components().konnectivity()))
        .withImagePullPolicy(Images.pullPolicy(settings))
        .withArgs(Arguments.of(Program.KONNECTIVITY_SERVER, settings, flags))
        .withEnv(Pods.env(settings))
        .withPorts(
            port(AGENT_PORT_NAME, AGENT_PORT),
            port("k-admin", ADMIN_PORT),
            port(HEALTH_PORT_NAME, HEALTH_PORT))
        .withResources(Pods.resources(settings, DefaultRequests.KONNECTIVITY_SERVER))
        .withSecurityContext(Pods.restricted())
        .withStartupProbe(Probes.startup("HTTP", HEALTH_PORT_NAME, "/healthz"))
        .withReadinessProbe(Probes.readiness("HTTP", HEALTH_PORT_NAME, "/healthz"))
        .withLivenessProbe(Probes.liveness("HTTP", HEALTH_PORT_NAME, "/healthz"))
        .withVolumeMounts(
            Pods.readOnly(CERTIFICATES_VOLUME, Paths.PKI),
            Pods.readOnly(KUBECONFIG_VOLUME, KUBECONFIG_DIRECTORY),
            new VolumeMountBuilder()
                .withName(SOCKET_VOLUME)
                .withMountPath(SOCKET_DIRECTORY)
                .build())
        .build();
  }

  /** The volumes of the container; the first is shared with the API server. */
  public static List<Volume> volumes(ControlPlane controlPlane) {
    var names = controlPlane.names();
    return List.of(
        new VolumeBuilder()
            .withName(SOCKET_VOLUME)
            .withNewEmptyDir()
            .withMedium("Memory")
            .withNewSizeLimit("1Mi")
            .endEmptyDir()
            .build(),
        Pods.projected(
            CERTIFICATES_VOLUME,
            List.of(
                Pods.secret(
                    names.bundle(names.kubernetesCa()), PkiRenderer.BUNDLE_KEY, "bundle.crt"),
                Pods.keyPair(names.konnectivityClientCertificate(), "client"),
                Pods.keyPair(names.apiServerCertificate(), "server"))),
        Pods.projected(
            KUBECONFIG_VOLUME,
            List.of(
                Pods.secret(
                    names.konnectivityKubeconfig(), KubeconfigRenderer.KEY, KUBECONFIG_FILE))));
  }

  /** Mounts of the API server: the shared socket. */
  public static io.fabric8.kubernetes.api.model.VolumeMount socketMount() {
    return new VolumeMountBuilder().withName(SOCKET_VOLUME).withMountPath(SOCKET_DIRECTORY).build();
  }

  private static @Nullable Container settings(ControlPlane controlPlane) {
    var apiServer = controlPlane.apiServer();
    return apiServer == null ? null : apiServer.konnectivity();
  }

  private static ContainerPort port(String name, int port) {
    return new ContainerPortBuilder()
        .withName(name)
        .withContainerPort(port)
        .withProtocol("TCP")
        .build();
  }
}
