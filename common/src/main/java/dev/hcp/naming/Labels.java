package dev.hcp.naming;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Labels of generated objects, on the management cluster. */
public final class Labels {
  /** Cluster that an object belongs to; defined by Cluster API. */
  public static final String CLUSTER_NAME = "cluster.x-k8s.io/cluster-name";

  /** Part of the control plane that an object belongs to. */
  public static final String COMPONENT = "app.kubernetes.io/component";

  /** By whom an object is kept up; informers select on it. Never part of a selector of pods. */
  public static final String MANAGED_BY = "app.kubernetes.io/managed-by";

  /** Value of {@link #MANAGED_BY}; also the field manager of all writes. */
  public static final String MANAGER = "hosted-control-plane-controller";

  /** Whether a certificate is that of an authority ({@code ca}) or not ({@code client}). */
  public static final String CERTIFICATE_KIND = "controlplane.cluster.x-k8s.io/certificate-kind";

  /** Marks Secrets that hold a kubeconfig. */
  public static final String KUBECONFIG = "controlplane.cluster.x-k8s.io/kubeconfig";

  /** User name inside a kubeconfig. */
  public static final String KUBECONFIG_USERNAME =
      "controlplane.cluster.x-k8s.io/kubeconfig-username";

  /** Annotation of pod templates, and so of pods: the Kubernetes version that the pod runs. */
  public static final String VERSION_ANNOTATION = "controlplane.cluster.x-k8s.io/version";

  /**
   * Annotation of pod templates: changes with what an API server reads of auditing at its start.
   */
  public static final String AUDIT_ANNOTATION = "controlplane.cluster.x-k8s.io/audit";

  /**
   * Annotation of pod templates, and so of pods: changes with what an API server can decrypt from
   * its start on.
   */
  public static final String ENCRYPTION_ANNOTATION = "controlplane.cluster.x-k8s.io/encryption";

  /**
   * Annotation of pod templates, and so of pods, once keys of service accounts were rotated: their
   * numbers. Of API servers those that are trusted, the one first by which they sign; of
   * controller-managers the one by which they sign.
   */
  public static final String SERVICE_ACCOUNT_KEYS_ANNOTATION =
      "controlplane.cluster.x-k8s.io/service-account-keys";

  /**
   * Annotation of ListenerSets: the Gateway and port that have worked once, and so stay, as {@code
   * namespace/name:port}.
   */
  public static final String ESTABLISHED_ANNOTATION = "controlplane.cluster.x-k8s.io/established";

  /**
   * Annotation of HostedControlPlanes, by which users ask for a backup: there is one for each new
   * value.
   */
  public static final String BACKUP_ANNOTATION = "controlplane.cluster.x-k8s.io/backup";

  /**
   * Annotation of HostedControlPlanes, by which users have one deleted without the final snapshot
   * of etcd that its spec wants. Only the value {@code true} counts.
   */
  public static final String SKIP_FINAL_SNAPSHOT_ANNOTATION =
      "controlplane.cluster.x-k8s.io/skip-final-snapshot";

  /**
   * Annotation of HostedControlPlanes that are being deleted: the final snapshot of etcd is made.
   * UID of the object, a blank, and the name of the snapshot in the store.
   */
  public static final String FINAL_SNAPSHOT_ANNOTATION =
      "controlplane.cluster.x-k8s.io/final-snapshot";

  /**
   * Annotation of HostedControlPlanes, by which users let a minor version come though deprecated
   * APIs are in use or webhooks cannot answer: the minor version, such as {@code v1.36}. It says
   * nothing of any other one.
   */
  public static final String SKIP_UPGRADE_CHECKS_ANNOTATION =
      "controlplane.cluster.x-k8s.io/skip-upgrade-checks";

  /**
   * Annotation of pod templates: the time in the spec after which pods were last started anew for
   * its sake.
   */
  public static final String ROLLOUT_AFTER_ANNOTATION =
      "controlplane.cluster.x-k8s.io/rollout-after";

  /**
   * Annotation of pods of etcd whose member has no data and is to join the cluster: all members of
   * the cluster, itself included, in the form of etcd's flag {@code initial-cluster}.
   */
  public static final String JOIN_ANNOTATION = "controlplane.cluster.x-k8s.io/etcd-join";

  /**
   * Annotation of pod templates: how often etcd went on with the data of one member. API servers
   * start anew with it: they may have seen more than that member had.
   */
  public static final String RECOVERIES_ANNOTATION =
      "controlplane.cluster.x-k8s.io/etcd-recoveries";

  /**
   * Annotation of HostedControlPlanes, by which users ask for a backup to be restored for a test:
   * that is done once for each new value. The pod in which it is done repeats it.
   */
  public static final String RESTORE_DRILL_ANNOTATION =
      "controlplane.cluster.x-k8s.io/restore-drill";

  /** Annotation of the pod of a restore drill: name of the backup. */
  public static final String DRILL_BACKUP_ANNOTATION =
      "controlplane.cluster.x-k8s.io/restore-drill-backup";

  /** Annotation of the pod of a restore drill: bytes of the snapshot. */
  public static final String DRILL_SIZE_ANNOTATION =
      "controlplane.cluster.x-k8s.io/restore-drill-size";

  /** Annotation of the pod of a restore drill: when the drill was begun. */
  public static final String DRILL_TIME_ANNOTATION =
      "controlplane.cluster.x-k8s.io/restore-drill-time";

  /**
   * Annotation of the pod in which a backup is restored, and of the volume's claim: identity of the
   * HostedControlPlaneRestore.
   */
  public static final String RESTORE_ANNOTATION = "controlplane.cluster.x-k8s.io/restore";

  /** Annotation of the pod in which a backup is restored: which attempt it is, from 1 on. */
  public static final String RESTORE_ATTEMPT_ANNOTATION =
      "controlplane.cluster.x-k8s.io/restore-attempt";

  /**
   * Annotation of HostedControlPlanes that {@code clusterctl move} must not take away for now; the
   * value says why. Defined by clusterctl, which waits a while for its removal.
   */
  public static final String BLOCK_MOVE_ANNOTATION = "clusterctl.cluster.x-k8s.io/block-move";

  /**
   * Annotation of a node of a hosted cluster: the request for a rotation of the Kubernetes CA for
   * which the user has done by hand what joining anew would do.
   */
  public static final String NODE_AUTHORITY_ANNOTATION =
      "controlplane.cluster.x-k8s.io/kubernetes-ca";

  /**
   * Annotation of pods of the controller-manager while the Kubernetes CA is being rotated: number
   * of the CA by which they sign certificates of nodes.
   */
  public static final String SIGNER_ANNOTATION = "controlplane.cluster.x-k8s.io/ca-signer";

  /** Annotation of events: the trace of the pass in which it happened, if traces are made. */
  public static final String TRACE_ANNOTATION = "controlplane.cluster.x-k8s.io/trace-id";

  /** Prefix of the labels and annotations by which the controller keeps notes. */
  private static final String NOTES = "controlplane.cluster.x-k8s.io/";

  /** Labels by which pods are selected, in the management cluster and in hosted ones. */
  private static final Set<String> SELECTORS =
      Set.of(
          CLUSTER_NAME,
          COMPONENT,
          "k8s-app",
          "kubernetes.io/cluster-service",
          "kubernetes.io/name");

  /** Labels that the controller or Kubernetes gives to pods, and that select none. */
  private static final Set<String> OTHERS =
      Set.of(
          MANAGED_BY,
          "apps.kubernetes.io/pod-index",
          "controller-revision-hash",
          "pod-template-generation",
          "pod-template-hash",
          "statefulset.kubernetes.io/pod-name");

  private Labels() {}

  /** Whether pods are selected by a label, by Services, disruption budgets and network policies. */
  public static boolean isSelectorLabel(String key) {
    return SELECTORS.contains(key);
  }

  /** Whether a label of pods is not the user's to set. */
  public static boolean isReservedLabel(String key) {
    return isSelectorLabel(key) || OTHERS.contains(key) || key.startsWith(NOTES);
  }

  /** Whether an annotation of pods is not the user's to set. */
  public static boolean isReservedAnnotation(String key) {
    return key.startsWith(NOTES);
  }

  /**
   * Annotation of pod templates, and so of pods, once a CA was rotated: numbers of the CAs that are
   * trusted in its place. Pods that have certificates of it name that one first whose they have.
   *
   * <p>Add-ons of the hosted cluster name the one that came last.
   *
   * @param authority {@code ca}, {@code etcd-ca} or {@code front-proxy-ca}
   */
  public static String authorityAnnotation(String authority) {
    return NOTES + authority;
  }

  /** Labels that every object of a cluster has. */
  public static Map<String, String> of(String cluster) {
    var labels = new TreeMap<String, String>();
    labels.put(CLUSTER_NAME, cluster);
    labels.put(MANAGED_BY, MANAGER);
    return labels;
  }

  /** Labels of an object of one component. */
  public static Map<String, String> of(String cluster, Component component) {
    var labels = of(cluster);
    labels.put(COMPONENT, component.label());
    return labels;
  }

  /**
   * Labels by which the pods of a component are selected. They must never change: selectors are
   * immutable.
   */
  public static Map<String, String> selector(String cluster, Component component) {
    var labels = new TreeMap<String, String>();
    labels.put(CLUSTER_NAME, cluster);
    labels.put(COMPONENT, component.label());
    return labels;
  }
}
