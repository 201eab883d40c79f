package dev.hcp.controller.kube;

import dev.hcp.controller.plan.ObjectReference;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * Follows Secrets and ConfigMaps that specs name, beside the passes. A change of one wakes a pass.
 * They carry no label by which they could be watched together.
 */
public interface NamedObjects {
  /**
   * The objects that are followed for a control plane, as far as it is known whether they exist. Of
   * ConfigMaps the values are left out.
   */
  Map<ObjectReference, Optional<HasMetadata>> last(String namespace, String name);

  /** From now on follows these objects for a control plane, and no others. Returns at once. */
  void follow(String namespace, String name, Collection<ObjectReference> objects);

  /** Follows nothing any more for a control plane. */
  void forget(String namespace, String name);
}
