package dev.hcp.e2e.image;

/** Images that not every bed needs. */
public enum ImageSet {
  /** Cilium's agent and operator. */
  CILIUM,
  /** What tests run in hosted clusters. */
  TESTS
}
