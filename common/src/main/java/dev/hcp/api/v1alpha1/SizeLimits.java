package dev.hcp.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Between which sizes a container is. */
public interface SizeLimits {
  /** The least that it requests, by resource. */
  @Nullable Map<String, Quantity> minAllowed();

  /** The most that it requests, by resource. */
  @Nullable Map<String, Quantity> maxAllowed();
}
