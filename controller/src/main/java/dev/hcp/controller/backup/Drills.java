package dev.hcp.controller.backup;

import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.DrillState;
import java.util.Optional;

/**
 * Says when a backup is to be restored for a test, and which one, and keeps what became of it. The
 * pods in which that is done are made by the passes. A change of what is known wakes a pass.
 */
public interface Drills {
  /** What is known of the drills of a control plane; empty if none are wanted of it. */
  Optional<DrillState> last(String namespace, String name);

  /**
   * From now on has these drills made. When it is the first time, a pod that is there already is
   * the drill that is under way. Returns at once.
   */
  void keepUp(String namespace, String name, Action.KeepDrills wanted);

  /** Has no drills made any more, and forgets what is known. */
  void forget(String namespace, String name);
}
