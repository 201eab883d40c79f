package dev.hcp.controller.machines;

import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Machines;
import java.util.Optional;

/**
 * Looks at the machines of Clusters, beside the passes, for as long as somebody wants to know. A
 * change of what is known of those of one wakes a pass.
 */
public interface MachineLooks {
  /** The machines of a control plane's Cluster as last seen; empty before the first look. */
  Optional<Machines> last(String namespace, String name);

  /**
   * Looks at them from now on; does nothing if that is under way. Returns at once.
   *
   * @param wanted whose machines
   */
  void keepUp(String namespace, String name, Action.LookAtMachines wanted);

  /** Looks no more, and forgets what is known. */
  void forget(String namespace, String name);
}
