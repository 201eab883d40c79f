package dev.hcp.api.v1alpha1;

import org.jspecify.annotations.Nullable;

/** What the user may set for a component that runs as a number of equal pods. */
public interface ReplicaSettings extends PlacementSettings {
  /** Far more than any component needs: a slip of the finger must not flood a cluster. */
  int MOST = 1000;

  /** Number of pods. */
  @Nullable Integer replicas();
}
