package dev.hcp.controller.backup;

import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.plan.BackupState;
import java.util.Optional;

/** Makes backups of control planes, beside the passes. A change of what is known wakes a pass. */
public interface Backups {
  /** What is known of the backups of a control plane; empty if none are wanted of it. */
  Optional<BackupState> last(String namespace, String name);

  /**
   * From now on makes these backups; does nothing if that is under way with the same arguments.
   * Returns at once.
   *
   * @param remembered what was known when the process started; counts only until more is known
   */
  void keepUp(String namespace, String name, BackupOrder order, BackupState remembered);

  /** Makes no backups any more, breaks off one that is under way, and forgets what is known. */
  void forget(String namespace, String name);
}
