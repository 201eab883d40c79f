package dev.hcp.api.v1alpha1;

import io.fabric8.kubernetes.api.model.LocalObjectReference;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the user may set for a pod with one main container. */
public interface PodSettings extends ContainerSettings {
  /** Name of the PriorityClass of the pods. */
  @Nullable String priorityClassName();

  /** Labels that a node must have. */
  @Nullable Map<String, String> nodeSelector();

  /** Labels of the pods, besides those that the controller decides. */
  @Nullable Map<String, String> podLabels();

  /** Annotations of the pods, besides those that the controller decides. */
  @Nullable Map<String, String> podAnnotations();

  /** Secrets with credentials for registries. */
  @Nullable List<LocalObjectReference> imagePullSecrets();
}
