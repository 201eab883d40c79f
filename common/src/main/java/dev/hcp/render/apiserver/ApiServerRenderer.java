package dev.hcp.render.apiserver;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.Mount;
import dev.hcp.flags.Program;
import dev.hcp.model.Cidr;
import dev.hcp.model.ControlPlane;
import dev.hcp.model.DefaultRequests;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.render.Metadata;
import dev.hcp.render.audit.AuditRenderer;
import dev.hcp.render.authentication.AuthenticationRenderer;
import dev.hcp.render.encryption.EncryptionRenderer;
import dev.hcp.render.encryption.KeyRing;
import dev.hcp.render.encryption.KmsRenderer;
import dev.hcp.render.exposure.ExposureRenderer;
import dev.hcp.render.konnectivity.KonnectivityRenderer;
import dev.hcp.render.kubeconfig.KubeconfigRenderer;
import dev.hcp.render.kubeconfig.Paths;
import dev.hcp.render.pki.PkiRenderer;
import dev.hcp.render.pki.SigningKeys;
import dev.hcp.render.pod.Arguments;
import dev.hcp.render.pod.Images;
import dev.hcp.render.pod.Placement;
import dev.hcp.render.pod.Pods;
import dev.hcp.render.pod.Probes;
import dev.hcp.render.pod.TlsFlags;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The API servers. */
public final class ApiServerRenderer {
  /** Name of the container, also of the executable and of the image's repository. */
  public static final String CONTAINER = "kube-apiserver";

  /** The check of an API server's readiness that asks its key management services. */
  public static final String KMS_CHECK = "kms-providers";

  private static final String CERTIFICATES_VOLUME = "api-server-certificates";
  private static final String EGRESS_VOLUME = "konnectivity-config";

  /** Time for which a stopping API server goes on serving, until load balancers have noticed. */
  private static final int SHUTDOWN_DELAY_SECONDS = 10;

  private static final int TERMINATION_GRACE_SECONDS = 75;
  private static final int REVISION_HISTORY = 2;
  private static final String RECONCILER_TYPE = "endpoint-reconciler-type";
  private static final String NO_RECONCILER = "none";

  private ApiServerRenderer() {}

  /**
   * The Deployment.
   *
   * @param endpoint public address
   * @param readable keys by which, and resources of which, the API servers can decrypt what is
   *     stored; empty if the controller has nothing encrypted, nor had
   * @param tokens by which keys tokens of service accounts are signed and trusted
   */
  public static Deployment deployment(
      ControlPlane controlPlane,
      ControlPlaneEndpoint endpoint,
      Optional<KeyRing> readable,
      SigningKeys.Files tokens) {
    var cluster = controlPlane.names().cluster();
    var settings = controlPlane.apiServer();
    var mounts = mounts(controlPlane);
    var volumes = new ArrayList<Volume>();
    volumes.add(certificates(controlPlane, tokens));
    volumes.add(
        new VolumeBuilder()
            .withName(EGRESS_VOLUME)
            .withNewConfigMap()
            .withName(controlPlane.names().konnectivity())
            .endConfigMap()
            .build());
    volumes.addAll(KonnectivityRenderer.volumes(controlPlane));
    volumes.add(AuthenticationRenderer.volume(controlPlane));
    volumes.addAll(AuditRenderer.volumes(controlPlane));
    if (readable.isPresent()) {
      volumes.add(EncryptionRenderer.volume(controlPlane));
      volumes.addAll(KmsRenderer.volumes(readable.get()));
    }
    mounts.forEach((name, mount) -> volumes.add(userVolume(name, mount)));
    return new DeploymentBuilder()
        .withMetadata(
            Metadata.of(controlPlane, controlPlane.names().apiServer(), Component.API_SERVER))
        .withNewSpec()
        .withReplicas(controlPlane.firstApiServers())
        .withRevisionHistoryLimit(REVISION_HISTORY)
        .withNewSelector()
        .withMatchLabels(Labels.selector(cluster, Component.API_SERVER))
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
                Labels.of(cluster, Component.API_SERVER),
                annotations(controlPlane, readable, tokens)))
        .withSpec(
            Pods.spec(controlPlane, settings)
                .withTerminationGracePeriodSeconds((long) TERMINATION_GRACE_SECONDS)
                .withTolerations(Placement.tolerations(settings, List.of()))
                .withAffinity(Placement.affinity(settings, controlPlane, Component.ETCD))
                .withTopologySpreadConstraints(
                    Placement.spread(settings, Labels.selector(cluster, Component.API_SERVER)))
                .withInitContainers(
                    Stream.concat(
                            readable.stream().flatMap(r -> KmsRenderer.containers(r).stream()),
                            AuditRenderer.forwarder(controlPlane).stream())
                        .toList())
                .withContainers(
                    container(controlPlane, endpoint, mounts, readable),
                    KonnectivityRenderer.container(controlPlane))
                .withVolumes(volumes)
                .build())
        .endTemplate()
        .endSpec()
        .build();
  }

  /** What the user mounts, by name of the volume. */
  private static SortedMap<String, Mount> mounts(ControlPlane controlPlane) {
    var settings = controlPlane.apiServer();
    return settings == null || settings.mounts() == null
        ? new TreeMap<>()
        : new TreeMap<>(settings.mounts());
  }

  /**
   * A Deployment whose pods start anew whenever etcd went on with the data of one member.
   *
   * @param recoveries how often it did
   */
  public static Deployment after(int recoveries, Deployment deployment) {
    return recoveries == 0
        ? deployment
        : deployment
            .edit()
            .editSpec()
            .editTemplate()
            .editMetadata()
            .addToAnnotations(Labels.RECOVERIES_ANNOTATION, Integer.toString(recoveries))
            .endMetadata()
            .endTemplate()
            .endSpec()
            .build();
  }

  /** The disruption budget; none if there is never more than one API server. */
  public static Optional<PodDisruptionBudget> disruptionBudget(ControlPlane controlPlane) {
    return Pods.disruptionBudget(
        controlPlane,
        controlPlane.names().apiServer(),
        Component.API_SERVER,
        controlPlane.mostApiServers());
  }

  /**
   * Whether an API server writes the Endpoints of the hosted cluster's own Service {@code
   * kubernetes}, which it does unless told otherwise.
   *
   * @param arguments of its container
   */
  public static boolean writesEndpoints(List<String> arguments) {
    return !arguments.contains("--%s=%s".formatted(RECONCILER_TYPE, NO_RECONCILER));
  }

  private static Container container(
      ControlPlane controlPlane,
      ControlPlaneEndpoint endpoint,
      Map<String, Mount> userMounts,
      Optional<KeyRing> readable) {
    boolean encrypted = readable.isPresent();
    var settings = controlPlane.apiServer();
    var mounts = new ArrayList<VolumeMount>();
    mounts.add(Pods.readOnly(CERTIFICATES_VOLUME, Paths.PKI));
    mounts.add(Pods.readOnly(EGRESS_VOLUME, KonnectivityRenderer.EGRESS_DIRECTORY));
    mounts.add(KonnectivityRenderer.socketMount());
    mounts.add(AuthenticationRenderer.mount());
    mounts.addAll(AuditRenderer.mounts(controlPlane));
    if (encrypted) {
      mounts.add(EncryptionRenderer.mount());
      mounts.addAll(KmsRenderer.mounts(readable.get()));
    }
    userMounts.forEach((name, mount) -> mounts.add(Pods.readOnly(name, mount.path())));
    return new ContainerBuilder()
        .withName(CONTAINER)
        .withImage(
            Images.reference(controlPlane, settings, CONTAINER, controlPlane.version().imageTag()))
        .withImagePullPolicy(Images.pullPolicy(settings))
        .withCommand(CONTAINER)
        .withArgs(
            Arguments.of(
                Program.KUBE_APISERVER, settings, flags(controlPlane, endpoint, encrypted)))
        .withEnv(Pods.env(settings))
        .withPorts(
            new ContainerPortBuilder()
                .withName(ExposureRenderer.API_PORT)
                .withContainerPort(ControlPlane.API_SERVER_PORT)
                .withProtocol("TCP")
                .build())
        .withResources(Pods.resources(settings, DefaultRequests.API_SERVER))
        .withSecurityContext(Pods.restrictedWithLowPorts())
        .withStartupProbe(Probes.startup("HTTPS", ExposureRenderer.API_PORT, "/livez"))
        .withReadinessProbe(Probes.readiness("HTTPS", ExposureRenderer.API_PORT, readyz(readable)))
        .withLivenessProbe(Probes.liveness("HTTPS", ExposureRenderer.API_PORT, "/livez"))
        .withVolumeMounts(mounts)
        .build();
  }

  /**
   * An API server does without its key management service for much of what it does, and without
   * this all would be taken out of service at once when the service fails. Before it is used, it
   * has to work.
   */
  private static String readyz(Optional<KeyRing> readable) {
    return readable.filter(ring -> !ring.services().isEmpty() && !ring.isServiceNext()).isPresent()
        ? "/readyz?exclude=" + KMS_CHECK
        : "/readyz";
  }

  private static Map<String, String> flags(
      ControlPlane controlPlane, ControlPlaneEndpoint endpoint, boolean encrypted) {
    var issuer = AuthenticationRenderer.OWN_ISSUER;
    var flags = new TreeMap<String, String>();
    flags.put("allow-privileged", "true");
    flags.put("api-audiences", issuer + "," + KonnectivityRenderer.AUDIENCE);
    flags.put("authentication-config", AuthenticationRenderer.path(controlPlane));
    flags.putAll(AuditRenderer.flags(controlPlane));
    flags.put("authorization-mode", "Node,RBAC");
    flags.put("client-ca-file", Paths.PKI + "/ca.crt");
    flags.put(
        "egress-selector-config-file",
        KonnectivityRenderer.EGRESS_DIRECTORY + "/" + KonnectivityRenderer.EGRESS_FILE);
    flags.put("enable-admission-plugins", "NodeRestriction");
    flags.put("enable-bootstrap-token-auth", "true");
    if (encrypted) {
      flags.putAll(EncryptionRenderer.flags());
    }
    // The controller writes them, and no other address of the cluster restarts an API server.
    flags.put(RECONCILER_TYPE, NO_RECONCILER);
    flags.put("etcd-cafile", Paths.PKI + "/etcd/ca.crt");
    flags.put("etcd-certfile", Paths.PKI + "/apiserver-etcd-client.crt");
    flags.put("etcd-keyfile", Paths.PKI + "/apiserver-etcd-client.key");
    flags.put(
        "etcd-servers",
        "https://%s.%s.svc:2379"
            .formatted(controlPlane.names().etcdClientService(), controlPlane.namespace()));
    flags.put("external-hostname", String.valueOf(endpoint.host()));
    flags.put("goaway-chance", "0.001");
    flags.put("kubelet-certificate-authority", Paths.PKI + "/ca.crt");
    flags.put("kubelet-client-certificate", Paths.PKI + "/apiserver-kubelet-client.crt");
    flags.put("kubelet-client-key", Paths.PKI + "/apiserver-kubelet-client.key");
    flags.put("kubelet-preferred-address-types", "InternalIP,InternalDNS,Hostname");
    flags.put("profiling", "false");
    flags.put("proxy-client-cert-file", Paths.PKI + "/front-proxy-client.crt");
    flags.put("proxy-client-key-file", Paths.PKI + "/front-proxy-client.key");
    flags.put("requestheader-allowed-names", "front-proxy-client");
    flags.put("requestheader-client-ca-file", Paths.PKI + "/front-proxy-ca.crt");
    flags.put("requestheader-extra-headers-prefix", "X-Remote-Extra-");
    flags.put("requestheader-group-headers", "X-Remote-Group");
    flags.put("requestheader-username-headers", "X-Remote-User");
    flags.put("secure-port", String.valueOf(ControlPlane.API_SERVER_PORT));
    flags.put("service-account-issuer", issuer);
    flags.put("service-account-jwks-uri", KubeconfigRenderer.url(endpoint) + "/openid/v1/jwks");
    flags.put("service-account-key-file", Paths.PKI + "/sa.pub");
    flags.put("service-account-lookup", "true");
    flags.put("service-account-signing-key-file", Paths.PKI + "/sa.key");
    flags.put(
        "service-cluster-ip-range",
        controlPlane.networks().services().stream()
            .map(Cidr::toString)
            .collect(Collectors.joining(",")));
    flags.put("shutdown-delay-duration", SHUTDOWN_DELAY_SECONDS + "s");
    flags.put("tls-cert-file", Paths.PKI + "/apiserver.crt");
    flags.putAll(TlsFlags.OF_KUBERNETES);
    flags.put("tls-private-key-file", Paths.PKI + "/apiserver.key");
    return flags;
  }

  private static Map<String, String> annotations(
      ControlPlane controlPlane, Optional<KeyRing> readable, SigningKeys.Files tokens) {
    var annotations = new TreeMap<>(AuditRenderer.annotations(controlPlane));
    readable.map(EncryptionRenderer::annotations).ifPresent(annotations::putAll);
    annotations.putAll(tokens.trustedBy());
    annotations.put(Labels.VERSION_ANNOTATION, controlPlane.version().toString());
    return annotations;
  }

  private static Volume certificates(ControlPlane controlPlane, SigningKeys.Files tokens) {
    var names = controlPlane.names();
    return Pods.projected(
        CERTIFICATES_VOLUME,
        List.of(
            Pods.secret(names.bundle(names.kubernetesCa()), PkiRenderer.BUNDLE_KEY, "ca.crt"),
            Pods.secret(
                names.bundle(names.frontProxyCa()), PkiRenderer.BUNDLE_KEY, "front-proxy-ca.crt"),
            Pods.keyPair(names.frontProxyCertificate(), "front-proxy-client"),
            Pods.secret(
                names.serviceAccountKeys(), tokens.trusted(), "sa.pub", tokens.signing(), "sa.key"),
            Pods.keyPair(names.apiServerCertificate(), "apiserver"),
            Pods.keyPair(names.apiServerKubeletClientCertificate(), "apiserver-kubelet-client"),
            Pods.secret(names.bundle(names.etcdCa()), PkiRenderer.BUNDLE_KEY, "etcd/ca.crt"),
            Pods.keyPair(names.etcdApiServerClientCertificate(), "apiserver-etcd-client")));
  }

  private static Volume userVolume(String name, Mount mount) {
    return new VolumeBuilder()
        .withName(name)
        .withConfigMap(mount.configMap())
        .withSecret(mount.secret())
        .build();
  }
}
