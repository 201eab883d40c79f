package dev.hcp.api.v1alpha1;

import org.jspecify.annotations.Nullable;

/** What the user may set for a component that runs as a number of equal pods. */
public interface ReplicaSettings extends PodSettings {
  /** Number of pods. */
  @Nullable Integer replicas();
}
