package dev.hcp.api.v1alpha1;

import org.jspecify.annotations.Nullable;

/** What the user may set for a pod with one main container. */
public interface PodSettings extends ContainerSettings {
  /** Name of the PriorityClass of the pods. */
  @Nullable String priorityClassName();
}
