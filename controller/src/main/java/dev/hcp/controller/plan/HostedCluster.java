package dev.hcp.controller.plan;

import dev.hcp.conditions.ConditionType;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A hosted cluster as it was when last synchronised.
 *
 * @param problem why it cannot be reached; empty if it could be. All else is then older
 * @param nodes its nodes
 * @param apiGroups the API groups that it serves, among them the core group, {@code ""}; empty if
 *     it was never reached
 * @param outcomes what became of each part
 * @param upgrade what another minor version would break; empty if nobody wanted to know
 * @param trust who does not follow the rotation of the Kubernetes CA; empty if nobody wanted to
 *     know
 * @param kms whether its API servers can use their key management services; empty if nobody wanted
 *     to know, or they have none yet
 */
public record HostedCluster(
    Optional<String> problem,
    Nodes nodes,
    Set<String> apiGroups,
    Map<ConditionType, PartOutcome> outcomes,
    Optional<UpgradeFindings> upgrade,
    Optional<TrustFindings> trust,
    Optional<KmsHealth> kms) {
  /** One of which nobody wanted to know what another version would break. */
  public HostedCluster(
      Optional<String> problem,
      Nodes nodes,
      Set<String> apiGroups,
      Map<ConditionType, PartOutcome> outcomes) {
    this(problem, nodes, apiGroups, outcomes, Optional.empty());
  }

  /** One of which nobody wanted to know who follows a rotation, or how its services are. */
  public HostedCluster(
      Optional<String> problem,
      Nodes nodes,
      Set<String> apiGroups,
      Map<ConditionType, PartOutcome> outcomes,
      Optional<UpgradeFindings> upgrade) {
    this(problem, nodes, apiGroups, outcomes, upgrade, Optional.empty(), Optional.empty());
  }

  /** Copies the collections. */
  public HostedCluster {
    apiGroups = Set.copyOf(apiGroups);
    outcomes = Map.copyOf(outcomes);
  }

  /** The same, with what is known of its key management services. */
  public HostedCluster with(Optional<KmsHealth> now) {
    return new HostedCluster(problem, nodes, apiGroups, outcomes, upgrade, trust, now);
  }

  /** Whether it was ever reached. */
  public boolean isKnown() {
    return !apiGroups.isEmpty();
  }

  /**
   * Numbers of nodes.
   *
   * @param ready nodes on which pods can run
   * @param total all nodes
   */
  public record Nodes(int ready, int total) {}
}
