package dev.hcp.naming;

/** The parts of a control plane, by the value of the label {@code app.kubernetes.io/component}. */
public enum Component {
  /** kube-apiserver, with the konnectivity server beside it. */
  API_SERVER("api-server"),
  /** kube-controller-manager. */
  CONTROLLER_MANAGER("controller-manager"),
  /** kube-scheduler. */
  SCHEDULER("scheduler"),
  /** etcd. */
  ETCD("etcd"),
  /** Configuration of konnectivity. */
  KONNECTIVITY("konnectivity"),
  /** Configuration of token authentication. */
  AUTHENTICATION("authentication"),
  /** Configuration of auditing. */
  AUDIT("audit"),
  /** Keys and configuration of encryption at rest. */
  ENCRYPTION("encryption"),
  /** Kubeconfigs. */
  KUBECONFIG("kubeconfig"),
  /** A throw-away etcd, in which a backup is restored for a test. */
  RESTORE_DRILL("restore-drill"),
  /** A pod in which a backup is restored on a volume of etcd. */
  RESTORE("restore");

  private final String label;

  Component(String label) {
    this.label = label;
  }

  /** Value of the label. */
  public String label() {
    return label;
  }
}
