package dev.hcp.version;

/** Which kubelets an API server works with. */
public final class KubeletSkew {
  /** Kubernetes supports kubelets that are up to this many minor versions older. */
  public static final int MOST_MINORS_OLDER = 3;

  private KubeletSkew() {}

  /** The oldest minor version of kubelets that an API server works with. */
  public static int oldestMinor(KubernetesVersion apiServer) {
    return apiServer.minor() - MOST_MINORS_OLDER;
  }

  /** Whether a kubelet is too old for an API server. */
  public static boolean isTooOld(KubernetesVersion kubelet, KubernetesVersion apiServer) {
    return kubelet.major() < apiServer.major() || kubelet.minor() < oldestMinor(apiServer);
  }
}
