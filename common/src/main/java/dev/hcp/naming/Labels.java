package dev.hcp.naming;

import java.util.Map;
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
   * Annotation of ListenerSets: the Gateway and port that have worked once, and so stay, as {@code
   * namespace/name:port}.
   */
  public static final String ESTABLISHED_ANNOTATION = "controlplane.cluster.x-k8s.io/established";

  private Labels() {}

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
