package dev.hcp.controller.plan;

import java.util.List;
import java.util.Optional;

/**
 * What was found in a hosted cluster whose Kubernetes CA is rotated.
 *
 * @param check what was to be found out
 * @param nodes number of all nodes
 * @param older names of the nodes that have joined too early, sorted
 * @param namespaces names of the namespaces whose pods are given something else to know API servers
 *     by, sorted
 * @param problem what could not be found out; empty if all was
 */
public record TrustFindings(
    TrustCheck check,
    int nodes,
    List<String> older,
    List<String> namespaces,
    Optional<String> problem) {
  /** Copies the lists. */
  public TrustFindings {
    older = List.copyOf(older);
    namespaces = List.copyOf(namespaces);
  }

  /** Whether all was looked at, and nothing has to change. */
  public boolean isClear() {
    return older.isEmpty() && namespaces.isEmpty() && problem.isEmpty();
  }
}
