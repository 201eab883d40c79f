package dev.hcp.controller.plan;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The machines of a Cluster as they were when last looked at.
 *
 * @param problem why they could not be looked at; empty if they could be. All else is then older
 * @param deployments its MachineDeployments, sorted by name; none where Cluster API does not serve
 *     them
 * @param nodes names of the MachineDeployments to which nodes belong, by names of the nodes; others
 *     belong to none
 */
public record Machines(
    Optional<String> problem, List<Deployment> deployments, Map<String, String> nodes) {
  /** Copies the collections. */
  public Machines {
    deployments = List.copyOf(deployments);
    nodes = Map.copyOf(nodes);
  }

  /**
   * A MachineDeployment.
   *
   * @param resourceVersion which version of it was seen
   * @param after its {@code spec.rollout.after}
   * @param settled whether all its machines are as it says, and available
   * @param standstill why it replaces no machines, whatever it is told, in words; empty if it does
   * @param obstacle why it cannot be told to replace its machines, in words; empty if it can
   */
  public record Deployment(
      String namespace,
      String name,
      String uid,
      String resourceVersion,
      Optional<Instant> after,
      boolean settled,
      Optional<String> standstill,
      Optional<String> obstacle) {}
}
