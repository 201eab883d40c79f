package dev.hcp.api.v1alpha1;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the user may set for one container. */
public interface ContainerSettings {
  /** Parts of the image reference that replace the default ones. */
  @Nullable ImageSpec image();

  /** When the kubelet pulls the image. */
  @Nullable PullPolicy imagePullPolicy();

  /** Additional flags, name without dashes to value. */
  @Nullable Map<String, String> args();

  /** Compute resources. */
  @Nullable ResourceRequirements resources();

  /** Environment variables, besides those that the controller decides. */
  @Nullable List<EnvVar> env();
}
