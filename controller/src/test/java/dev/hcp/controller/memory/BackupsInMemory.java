package dev.hcp.controller.memory;

import dev.hcp.controller.backup.Backups;
import dev.hcp.controller.plan.BackupOrder;
import dev.hcp.controller.plan.BackupState;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Backups of which tests say what became of them. */
public final class BackupsInMemory implements Backups {
  private final Map<String, BackupOrder> orders = new HashMap<>();
  private final Map<String, BackupState> states = new HashMap<>();

  /** What is wanted of a control plane; empty if nothing is. */
  public Optional<BackupOrder> order(String namespace, String name) {
    return Optional.ofNullable(orders.get(namespace + "/" + name));
  }

  /** Says what is known from now on. */
  public void know(String namespace, String name, BackupState state) {
    states.put(namespace + "/" + name, state);
  }

  /** The process starts again, and knows nothing. */
  public void restart() {
    orders.clear();
    states.clear();
  }

  @Override
  public Optional<BackupState> last(String namespace, String name) {
    return Optional.ofNullable(states.get(namespace + "/" + name));
  }

  @Override
  public void keepUp(String namespace, String name, BackupOrder order, BackupState remembered) {
    orders.put(namespace + "/" + name, order);
    states.putIfAbsent(namespace + "/" + name, remembered);
  }

  @Override
  public void forget(String namespace, String name) {
    orders.remove(namespace + "/" + name);
    states.remove(namespace + "/" + name);
  }
}
