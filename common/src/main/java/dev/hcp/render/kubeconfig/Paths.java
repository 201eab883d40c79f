package dev.hcp.render.kubeconfig;

/** Where pods of the control plane find their credentials. */
public final class Paths {
  /** Directory of certificates and keys. */
  public static final String PKI = "/etc/kubernetes/pki";

  private Paths() {}
}
