package dev.hcp.e2e.image;

/** Images that not every bed needs. */
public enum ImageSet {
  /** Cilium's agent and operator. */
  CILIUM,
  /**
   * What hosted clusters run of the minor versions of Kubernetes before and after that of the
   * management cluster.
   */
  MINORS,
  /** What tests run in hosted clusters. */
  TESTS
}
