package dev.hcp.controller.kube;

/** Opens hosted clusters. */
@FunctionalInterface
public interface HostedKubes {
  /**
   * Opens a hosted cluster; makes no request yet.
   *
   * @param kubeconfig where it is, and with which credentials
   * @throws IllegalArgumentException if that is no usable kubeconfig
   */
  HostedKube open(String kubeconfig);
}
