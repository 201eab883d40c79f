package dev.hcp.render.workload;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.render.kubeconfig.KubeconfigRenderer;

/**
 * The kubeconfig of a pod in the hosted cluster that must reach the API server before Services
 * work: at its public endpoint, as the pod's ServiceAccount.
 */
final class HostedKubeconfig {
  static final String SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

  private HostedKubeconfig() {}

  static String text(ControlPlaneEndpoint endpoint) {
    return """
    apiVersion: v1
    kind: Config
    clusters:
    - name: default
      cluster:
        server: %1$s
        certificate-authority: %2$s/ca.crt
    users:
    - name: default
      user:
        tokenFile: %2$s/token
    contexts:
    - name: default
      context:
        cluster: default
        user: default
    current-context: default
    """
        .formatted(KubeconfigRenderer.url(endpoint), SERVICE_ACCOUNT);
  }
}
