package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.ObservedEtcd;
import java.util.Optional;

/**
 * Looks at the members of hosted clusters' etcd and maintains them, beside the passes. A change of
 * what is known of them wakes a pass.
 */
public interface EtcdMembers {
  /** The etcd of a control plane as it answered last; empty before the first look. */
  Optional<ObservedEtcd> last(String namespace, String name);

  /**
   * From now on looks at these members; does nothing if that is under way with the same arguments.
   * Returns at once.
   */
  void keepUp(String namespace, String name, Action.KeepEtcd wanted);

  /** Asks no member any more, breaks off what is under way, and forgets what is known. */
  void forget(String namespace, String name);
}
