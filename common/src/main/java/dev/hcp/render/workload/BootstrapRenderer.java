package dev.hcp.render.workload;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.GoDuration;
import dev.hcp.model.Cidr;
import dev.hcp.model.ControlPlane;
import dev.hcp.render.kubeconfig.KubeconfigRenderer;
import dev.hcp.render.pki.PkiRenderer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What {@code kubeadm join} needs of a cluster, under the names and with the rights that kubeadm
 * itself would give it.
 */
public final class BootstrapRenderer {
  /** Group of machines that join by a token. */
  static final String BOOTSTRAPPERS = "system:bootstrappers:kubeadm:default-node-token";

  private static final String NODES = "system:nodes";
  private static final String APPROVE = "system:certificates.k8s.io:certificatesigningrequests:";
  private static final String CLUSTER_INFO = "cluster-info";
  private static final String KUBEADM_CONFIG = "kubeadm-config";
  private static final String KUBELET_CONFIG = "kubelet-config";

  private BootstrapRenderer() {}

  /** Roles and bindings of joining nodes, of nodes, and of the control plane itself. */
  public static List<HasMetadata> roles() {
    var objects = new ArrayList<HasMetadata>();
    objects.add(
        Rbac.clusterBinding(
            "kubeadm:cluster-admins", "cluster-admin", Rbac.group(PkiRenderer.ADMINS)));
    objects.add(
        Rbac.clusterBinding(
            "kubeadm:apiserver-kubelet-client",
            "system:kubelet-api-admin",
            Rbac.user(PkiRenderer.KUBELET_CLIENT)));
    objects.add(Rbac.clusterRole("kubeadm:get-nodes", Rbac.rule("", List.of("nodes"), "get")));
    objects.add(
        Rbac.clusterBinding("kubeadm:get-nodes", "kubeadm:get-nodes", Rbac.group(BOOTSTRAPPERS)));
    objects.add(
        Rbac.clusterBinding(
            "kubeadm:kubelet-bootstrap", "system:node-bootstrapper", Rbac.group(BOOTSTRAPPERS)));
    objects.add(
        Rbac.clusterBinding(
            "kubeadm:node-autoapprove-bootstrap",
            APPROVE + "nodeclient",
            Rbac.group(BOOTSTRAPPERS)));
    // "self": a node may renew its own identity, not obtain that of another.
    objects.add(
        Rbac.clusterBinding(
            "kubeadm:node-autoapprove-certificate-rotation",
            APPROVE + "selfnodeclient",
            Rbac.group(NODES)));
    objects.addAll(
        Rbac.role(
            HostedMetadata.PUBLIC,
            "kubeadm:bootstrap-signer-clusterinfo",
            Rbac.readConfigMap(CLUSTER_INFO),
            Rbac.user("system:anonymous")));
    objects.addAll(
        Rbac.role(
            HostedMetadata.SYSTEM,
            "kubeadm:kubelet-config",
            Rbac.readConfigMap(KUBELET_CONFIG),
            Rbac.group(NODES),
            Rbac.group(BOOTSTRAPPERS)));
    objects.addAll(
        Rbac.role(
            HostedMetadata.SYSTEM,
            "kubeadm:nodes-kubeadm-config",
            Rbac.readConfigMap(KUBEADM_CONFIG),
            Rbac.group(BOOTSTRAPPERS),
            Rbac.group(NODES)));
    objects.addAll(konnectivityServer());
    return List.copyOf(objects);
  }

  /**
   * Tells anybody where the cluster is and by which CA it is trusted. The bootstrap signer adds
   * signatures to it, which are not ours.
   *
   * @param authority trusted certificates, base64 of PEM
   */
  public static ConfigMap clusterInfo(ControlPlaneEndpoint endpoint, String authority) {
    return configMap(
        HostedMetadata.PUBLIC,
        CLUSTER_INFO,
        "kubeconfig",
        """
        apiVersion: v1
        kind: Config
        clusters:
        - name: ""
          cluster:
            server: %s
            certificate-authority-data: %s
        contexts: []
        current-context: ""
        users: []
        """
            .formatted(KubeconfigRenderer.url(endpoint), authority));
  }

  /** Tells kubeadm about the cluster. */
  public static ConfigMap kubeadmConfig(ControlPlane controlPlane, ControlPlaneEndpoint endpoint) {
    var networks = controlPlane.networks();
    return configMap(
        HostedMetadata.SYSTEM,
        KUBEADM_CONFIG,
        "ClusterConfiguration",
        """
        apiVersion: kubeadm.k8s.io/%s
        kind: ClusterConfiguration
        clusterName: %s
        controlPlaneEndpoint: "%s"
        kubernetesVersion: %s
        imageRepository: %s
        certificatesDir: /etc/kubernetes/pki
        encryptionAlgorithm: RSA-2048
        caCertificateValidityPeriod: %s
        certificateValidityPeriod: %s
        networking:
          dnsDomain: %s
          podSubnet: "%s"
          serviceSubnet: "%s"
        etcd:
          local:
            dataDir: /var/lib/etcd
        dns:
          disabled: %b
        proxy:
          disabled: %b
        """
            .formatted(
                controlPlane.components().kubeadmConfiguration(),
                controlPlane.names().cluster(),
                KubeconfigRenderer.address(endpoint),
                controlPlane.version(),
                controlPlane.imageRegistry(),
                GoDuration.format(controlPlane.lifetimes().rootCa()),
                GoDuration.format(controlPlane.lifetimes().leaf()),
                networks.serviceDomain(),
                ranges(networks.pods()),
                ranges(networks.services()),
                controlPlane.isCoreDnsDisabled(),
                controlPlane.isKubeProxyDisabled()));
  }

  /**
   * Tells kubelets their configuration: what makes them part of this cluster, and nothing that
   * their own version knows better.
   */
  public static ConfigMap kubeletConfig(ControlPlane controlPlane) {
    var networks = controlPlane.networks();
    return configMap(
        HostedMetadata.SYSTEM,
        KUBELET_CONFIG,
        "kubelet",
        """
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        authentication:
          anonymous:
            enabled: false
          webhook:
            enabled: true
          x509:
            clientCAFile: /etc/kubernetes/pki/ca.crt
        authorization:
          mode: Webhook
        cgroupDriver: systemd
        clusterDNS:
        %sclusterDomain: %s
        rotateCertificates: true
        serverTLSBootstrap: true
        staticPodPath: /etc/kubernetes/manifests
        """
            .formatted(
                networks.dnsServiceAddresses().stream()
                    .map("- \"%s\"\n"::formatted)
                    .collect(Collectors.joining()),
                networks.serviceDomain()));
  }

  /** What the konnectivity server, beside the API server, may do: check tokens, say it is there. */
  private static List<HasMetadata> konnectivityServer() {
    var objects = new ArrayList<HasMetadata>();
    objects.add(
        Rbac.clusterBinding(
            PkiRenderer.KONNECTIVITY_SERVER,
            "system:auth-delegator",
            Rbac.user(PkiRenderer.KONNECTIVITY_SERVER)));
    objects.addAll(
        Rbac.role(
            HostedMetadata.SYSTEM,
            PkiRenderer.KONNECTIVITY_SERVER,
            Rbac.rule(
                "coordination.k8s.io",
                List.of("leases"),
                "get",
                "list",
                "watch",
                "create",
                "update",
                "patch",
                "delete"),
            Rbac.user(PkiRenderer.KONNECTIVITY_SERVER)));
    return objects;
  }

  private static String ranges(List<Cidr> ranges) {
    return ranges.stream().map(Cidr::toString).collect(Collectors.joining(","));
  }

  private static ConfigMap configMap(String namespace, String name, String key, String text) {
    return new ConfigMapBuilder()
        .withMetadata(HostedMetadata.of(namespace, name))
        .withData(Map.of(key, text))
        .build();
  }
}
