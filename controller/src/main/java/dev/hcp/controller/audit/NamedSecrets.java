package dev.hcp.controller.audit;

import dev.hcp.controller.plan.SecretReference;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * Follows Secrets that specs name, beside the passes. A change of one wakes a pass. They carry no
 * label by which they could be watched together.
 */
public interface NamedSecrets {
  /**
   * The Secrets that are followed for a control plane, as far as it is known whether they exist.
   */
  Map<SecretReference, Optional<Secret>> last(String namespace, String name);

  /** From now on follows these Secrets for a control plane, and no others. Returns at once. */
  void follow(String namespace, String name, Collection<SecretReference> secrets);

  /** Follows nothing any more for a control plane. */
  void forget(String namespace, String name);
}
