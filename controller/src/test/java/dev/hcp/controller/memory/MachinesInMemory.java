package dev.hcp.controller.memory;

import dev.hcp.controller.machines.MachineLooks;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Machines;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Looks at the machines in a management cluster whenever somebody wants to know. */
public final class MachinesInMemory implements MachineLooks {
  private final ManagementCluster cluster;
  private final Map<String, String> clusters = new HashMap<>();

  /** Nobody wants to know yet. */
  public MachinesInMemory(ManagementCluster cluster) {
    this.cluster = cluster;
  }

  /** The process starts again. */
  public void restart() {
    clusters.clear();
  }

  @Override
  public Optional<Machines> last(String namespace, String name) {
    return Optional.ofNullable(clusters.get(namespace + "/" + name))
        .map(wanted -> cluster.machines(namespace, wanted));
  }

  @Override
  public void keepUp(String namespace, String name, Action.LookAtMachines wanted) {
    clusters.put(namespace + "/" + name, wanted.cluster());
  }

  @Override
  public void forget(String namespace, String name) {
    clusters.remove(namespace + "/" + name);
  }
}
