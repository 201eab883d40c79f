package dev.hcp.conditions;

import java.util.Arrays;
import java.util.Optional;

/** Types of conditions. */
public enum ConditionType {
  /** Sums up all others: everything is as the spec says. */
  READY("Ready"),
  /** The API server can be used, perhaps during a rollout. */
  AVAILABLE("Available"),
  /** The three roots are issued. */
  CA_CERTIFICATES("CACertificatesReady"),
  /** The Secrets with trusted certificates are written. */
  CA_BUNDLES("CABundleReady"),
  /** All other certificates and the service-account keys are there. */
  CERTIFICATES("CertificatesReady"),
  /** The Service of the API server has an address. */
  API_SERVER_SERVICE("APIServerServiceReady"),
  /** The endpoint is known and published. */
  CONTROL_PLANE_ENDPOINT("SyncControlPlaneEndpointReady"),
  /** The Gateway leads to the API server and to the konnectivity server. */
  TLS_ROUTES("APIServerTLSRoutesReady"),
  /** Pods of the hosted cluster have a way to the API server. */
  IN_CLUSTER_ACCESS("InClusterAccessReady"),
  /** Service default/kubernetes leads there, where the controller keeps it. */
  KUBERNETES_ENDPOINTS("KubernetesEndpointsReady"),
  /** All etcd members serve. */
  ETCD("EtcdClusterReady"),
  /** Backups of etcd are made; only where they are wanted, and no part of {@code Ready}. */
  BACKUP("BackupReady"),
  /**
   * The newest backup was restored for a test; only where that is wanted, and no part of {@code
   * Ready}.
   */
  BACKUP_RESTORABLE("BackupRestorable"),
  /** The kubeconfigs of the components are written. */
  INTERNAL_KUBECONFIGS("InternalKubeconfigReady"),
  /** The administrator's kubeconfig is written. */
  ADMIN_KUBECONFIG("AdminKubeconfigReady"),
  /** The kubeconfigs of users are written; only where there are any. */
  KUBECONFIGS("KubeconfigsReady"),
  /** The configuration of token authentication is written. */
  AUTHENTICATION("AuthenticationReady"),
  /** Audit events go to all receivers, or to standard output; only where something is audited. */
  AUDIT("AuditReady"),
  /** What API servers store is encrypted as the spec says. */
  ENCRYPTION("EncryptionReady"),
  /** All API servers serve what the spec says. */
  API_SERVER("APIServerDeploymentsReady"),
  /**
   * The number of API servers follows the load; only where that is wanted, and no part of {@code
   * Ready}.
   */
  AUTOSCALING("APIServerAutoscalingReady"),
  /** Pods get the size that they need; only where that is wanted, and no part of {@code Ready}. */
  VERTICAL_AUTOSCALING("VerticalAutoscalingReady"),
  /** All controller-managers run what the spec says. */
  CONTROLLER_MANAGER("ControllerManagerReady"),
  /** All schedulers run what the spec says. */
  SCHEDULER("SchedulerReady"),
  /** Network policies close the control plane, or are disabled. */
  NETWORK_POLICIES("NetworkPoliciesReady"),
  /** The roles that joining nodes need are in the hosted cluster. */
  WORKLOAD_RBAC("WorkloadRBACReady"),
  /** The hosted cluster tells joining nodes its CA. */
  WORKLOAD_CLUSTER_INFO("WorkloadClusterInfoReady"),
  /** The hosted cluster tells kubeadm about itself. */
  WORKLOAD_KUBEADM_CONFIG("WorkloadKubeadmConfigReady"),
  /** The hosted cluster tells kubelets their configuration. */
  WORKLOAD_KUBELET_CONFIG("WorkloadKubeletConfigReady"),
  /** kube-proxy runs on the nodes, or is disabled. */
  WORKLOAD_KUBE_PROXY("WorkloadKubeProxyReady"),
  /** CoreDNS runs in the hosted cluster, or is disabled. */
  WORKLOAD_COREDNS("WorkloadCoreDNSReady"),
  /** Konnectivity agents are connected, or are disabled. */
  WORKLOAD_KONNECTIVITY("WorkloadKonnectivityReady"),
  /** Network policies close the add-ons of the hosted cluster, or are disabled. */
  WORKLOAD_NETWORK_POLICIES("WorkloadNetworkPoliciesReady"),
  /** Sums up all that the hosted cluster shall hold. */
  WORKLOAD("WorkloadSetupReady"),
  /** A key is being replaced on request; only where one was requested. */
  ROTATING("Rotating"),
  /** Another minor version is held back by what it would break; only while one lies ahead. */
  UPGRADE_BLOCKED("UpgradeBlocked"),
  /** API servers are being replaced. */
  ROLLING_OUT("RollingOut"),
  /** API servers are being added. */
  SCALING_UP("ScalingUp"),
  /** API servers are being removed. */
  SCALING_DOWN("ScalingDown"),
  /** A backup is being restored; only while one is. */
  RESTORING("Restoring"),
  /** The backup was restored; of a HostedControlPlaneRestore. */
  RESTORED("Restored"),
  /** The control plane has no pods, by choice; only published while that is wanted. */
  HIBERNATED("Hibernated"),
  /** Nothing is changed because the Cluster or this object is paused. */
  PAUSED("Paused"),
  /** The control plane is being taken down. */
  DELETING("Deleting");

  private final String value;

  ConditionType(String value) {
    this.value = value;
  }

  /** Whether a type as it stands in manifests is one of these. */
  public static boolean isKnown(String value) {
    return of(value).isPresent();
  }

  /** The type that stands so in manifests. */
  public static Optional<ConditionType> of(String value) {
    return Arrays.stream(values()).filter(known -> known.value.equals(value)).findFirst();
  }

  /** The type as it stands in manifests. */
  public String value() {
    return value;
  }
}
