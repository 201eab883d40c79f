package dev.hcp.naming;

import java.util.Set;

/**
 * Names of the objects of one control plane. All start from the name of the Cluster.
 *
 * @param cluster name of the Cluster
 */
public record Names(String cluster) {
  /**
   * Longest name of a Cluster whose derived names are all valid. The StatefulSet controller labels
   * every etcd pod with {@code <cluster>-etcd-<revision>}, where the revision takes 10 characters,
   * and a label has at most 63. This leaves room for the longest name of a Service, {@code
   * e-<cluster>-etcd-client}, too.
   */
  public static final int MAX_CLUSTER_NAME = 63 - "-etcd-0123456789".length();

  /** What the names of the certificates of users end with, and no name of an entry may. */
  public static final String USER_CERTIFICATE = "-client";

  /** Finalizer of a HostedControlPlane. */
  public static final String FINALIZER = "hcp.controlplane.cluster.x-k8s.io";

  /** Issuer that signs the three roots with their own keys. */
  public String rootIssuer() {
    return cluster + "-root";
  }

  /** Certificate, Secret and Issuer of the Kubernetes CA. */
  public String kubernetesCa() {
    return cluster + "-ca";
  }

  /**
   * Secret with the Kubernetes CA that is about to follow, by which certificates of nodes are
   * signed already. It is there for as long as that.
   */
  public String nextKubernetesCa() {
    return kubernetesCa() + "-next";
  }

  /** Certificate, Secret and Issuer of the etcd CA. */
  public String etcdCa() {
    return cluster + "-etcd-ca";
  }

  /** Certificate, Secret and Issuer of the front-proxy CA. */
  public String frontProxyCa() {
    return cluster + "-front-proxy-ca";
  }

  /**
   * Secret with the certificates that are trusted in place of one CA: the current one and, during a
   * rotation, others.
   */
  public String bundle(String ca) {
    return ca + "-bundle";
  }

  /**
   * Secret with copies of the root keys, from which a lost CA or service-account Secret is put
   * back.
   */
  public String rootKeys() {
    return cluster + "-root-keys";
  }

  /** Secret with the service-account keys; the name is Cluster API's. */
  public String serviceAccountKeys() {
    return cluster + "-sa";
  }

  /** Certificate and Secret of the API server. */
  public String apiServerCertificate() {
    return cluster + "-apiserver";
  }

  /** Certificate and Secret by which the API server authenticates to kubelets. */
  public String apiServerKubeletClientCertificate() {
    return cluster + "-apiserver-kubelet-client";
  }

  /** Certificate and Secret by which the API server authenticates to aggregated API servers. */
  public String frontProxyCertificate() {
    return cluster + "-front-proxy";
  }

  /**
   * Certificate and Secret with the service-account key of a control plane that the forerunner has
   * made.
   */
  public String formerServiceAccountKeys() {
    return cluster + "-service-account";
  }

  /** Certificate and Secret of the administrator. */
  public String adminCertificate() {
    return cluster + "-admin";
  }

  /** Certificate and Secret of the controller-manager. */
  public String controllerManagerCertificate() {
    return cluster + "-controller-manager";
  }

  /** Certificate and Secret of the scheduler. */
  public String schedulerCertificate() {
    return cluster + "-scheduler";
  }

  /** Certificate and Secret of the konnectivity server, as a client of the API server. */
  public String konnectivityClientCertificate() {
    return cluster + "-konnectivity-client";
  }

  /** Certificate and Secret of this project's controller, as a client of the hosted API server. */
  public String controlPlaneControllerCertificate() {
    return cluster + "-control-plane-controller";
  }

  /** Certificate and Secret of etcd, for clients. */
  public String etcdServerCertificate() {
    return cluster + "-etcd-server";
  }

  /** Certificate and Secret of etcd, for peers. */
  public String etcdPeerCertificate() {
    return cluster + "-etcd-peer";
  }

  /** Certificate and Secret by which the API server authenticates to etcd. */
  public String etcdApiServerClientCertificate() {
    return cluster + "-etcd-apiserver-client";
  }

  /** Certificate and Secret by which this project's controller authenticates to etcd. */
  public String etcdControllerClientCertificate() {
    return cluster + "-etcd-controller-client";
  }

  /** Certificate and Secret by which metrics of the hosted components are read. */
  public String monitoringCertificate() {
    return cluster + "-monitoring";
  }

  /** All Certificates, and their Secrets. */
  public Set<String> certificates() {
    return Set.of(
        kubernetesCa(),
        etcdCa(),
        frontProxyCa(),
        apiServerCertificate(),
        apiServerKubeletClientCertificate(),
        frontProxyCertificate(),
        adminCertificate(),
        controllerManagerCertificate(),
        schedulerCertificate(),
        konnectivityClientCertificate(),
        controlPlaneControllerCertificate(),
        etcdServerCertificate(),
        etcdPeerCertificate(),
        etcdApiServerClientCertificate(),
        etcdControllerClientCertificate(),
        monitoringCertificate());
  }

  /** Secret with the administrator's kubeconfig; the name is Cluster API's. */
  public String adminKubeconfig() {
    return cluster + "-kubeconfig";
  }

  /** Secret with the kubeconfig of a user, by the name of its entry in the spec. */
  public String kubeconfig(String entry) {
    return kubeconfigs() + entry;
  }

  /** Certificate of a user, and its Secret, by the name of the entry in the spec. */
  public String kubeconfigCertificate(String entry) {
    return kubeconfig(entry) + USER_CERTIFICATE;
  }

  /** Whether a Secret or Certificate has the name of one of a user. */
  public boolean isOfKubeconfigs(String name) {
    return name.startsWith(kubeconfigs());
  }

  private String kubeconfigs() {
    return adminKubeconfig() + "-";
  }

  /** Secret with the controller-manager's kubeconfig. */
  public String controllerManagerKubeconfig() {
    return cluster + "-kube-controller-manager-kubeconfig";
  }

  /** Secret with the scheduler's kubeconfig. */
  public String schedulerKubeconfig() {
    return cluster + "-kube-scheduler-kubeconfig";
  }

  /** Secret with the konnectivity server's kubeconfig. */
  public String konnectivityKubeconfig() {
    return cluster + "-konnectivity-client-kubeconfig";
  }

  /** Secret with the kubeconfig of this project's controller. */
  public String controlPlaneControllerKubeconfig() {
    return cluster + "-control-plane-controller-kubeconfig";
  }

  /** Deployment of the API server. */
  public String apiServer() {
    return cluster + "-api-server";
  }

  /** Deployment of the controller-manager. */
  public String controllerManager() {
    return cluster + "-controller-manager";
  }

  /** Deployment of the scheduler. */
  public String scheduler() {
    return cluster + "-scheduler";
  }

  /** StatefulSet of etcd. */
  public String etcd() {
    return cluster + "-etcd";
  }

  /** Pod, and so member, of etcd. */
  public String etcdMember(int ordinal) {
    return etcd() + "-" + ordinal;
  }

  /** ConfigMap that says which etcd, and which data, the cluster has. */
  public String etcdIdentity() {
    return etcd() + "-identity";
  }

  /** ConfigMap that says how many members etcd has, and whether they may found a cluster. */
  public String etcdMembership() {
    return etcd() + "-membership";
  }

  /**
   * Pod in which a backup is restored for a test, Secret with what it needs for that, and network
   * policy of it.
   */
  public String restoreDrill() {
    return cluster + "-restore-drill";
  }

  /**
   * Pod in which a backup is restored on a volume of etcd, Secret with what it needs for that, and
   * network policy of it.
   */
  public String restore() {
    return cluster + "-restore";
  }

  /** Headless Service of the etcd members. */
  public String etcdPeerService() {
    return "e-" + etcd();
  }

  /** Service for clients of etcd. */
  public String etcdClientService() {
    return "e-" + etcd() + "-client";
  }

  /** Service of the API server and of the konnectivity server. */
  public String apiServerService() {
    return "s-" + cluster;
  }

  /** TLSRoute of the API server. */
  public String apiServerRoute() {
    return cluster;
  }

  /** TLSRoute of the konnectivity server; also the ConfigMap of its egress configuration. */
  public String konnectivity() {
    return cluster + "-konnectivity";
  }

  /** Network policy of what the API server calls by a DNS name. */
  public String namedServers() {
    return cluster + "-named-servers";
  }

  /** Network policy of the pods that belong to no component with a policy of its own. */
  public String defaultDeny() {
    return cluster + "-default-deny";
  }

  /** ListenerSet and TCPRoute of the port of the Gateway that only this cluster has. */
  public String inClusterAccess() {
    return cluster + "-in-cluster";
  }

  /** ConfigMap with the configuration of token authentication. */
  public String authentication() {
    return cluster + "-authentication";
  }

  /** Secret with the keys by which API servers encrypt what they store, and with their use. */
  public String encryption() {
    return cluster + "-encryption";
  }

  /** Secret with the configuration of auditing. */
  public String audit() {
    return cluster + "-audit-webhook";
  }
}
