package dev.hcp.controller.workload;

import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.HostedCluster;
import java.util.Optional;

/**
 * Keeps up the objects inside hosted clusters, beside the passes. A change of what is known of a
 * hosted cluster wakes a pass.
 */
public interface HostedClusters {
  /** The hosted cluster of a control plane as last seen; empty before the first look. */
  Optional<HostedCluster> last(String namespace, String name);

  /**
   * From now on keeps these parts up; does nothing if that is under way with the same arguments.
   * Returns at once.
   *
   * @param wanted what, and how the hosted cluster is reached
   */
  void keepUp(String namespace, String name, Action.SyncWorkload wanted);

  /** Does nothing in the hosted cluster any more, and forgets what is known of it. */
  void forget(String namespace, String name);
}
