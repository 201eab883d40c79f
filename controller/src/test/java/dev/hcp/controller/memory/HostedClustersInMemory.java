package dev.hcp.controller.memory;

import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.Part;
import dev.hcp.controller.plan.PartOutcome;
import dev.hcp.controller.plan.UpgradeFindings;
import dev.hcp.controller.workload.HostedClusters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Hosted clusters without nodes that take whatever they are given. */
public final class HostedClustersInMemory implements HostedClusters {
  private final Map<String, HostedCluster> clusters = new HashMap<>();
  private final Map<String, Part> kubernetes = new HashMap<>();
  private List<String> tooOld = List.of();
  private List<String> deprecated = List.of();
  private List<String> unavailable = List.of();

  /** From the next look on, this is what another minor version would break. */
  public void breaks(List<String> kubelets, List<String> apis, List<String> webhooks) {
    tooOld = kubelets;
    deprecated = apis;
    unavailable = webhooks;
  }

  /** Where a controller last let Service {@code default/kubernetes} lead, if any ever did. */
  public Optional<Part> kubernetes(String namespace, String name) {
    return Optional.ofNullable(kubernetes.get(namespace + "/" + name));
  }

  /** The process starts again and knows nothing of hosted clusters, which stay as they are. */
  public void restart() {
    clusters.clear();
  }

  /** No hosted clusters yet. */
  public HostedClustersInMemory() {}

  /** The same hosted clusters, to be changed apart. */
  public HostedClustersInMemory(HostedClustersInMemory other) {
    clusters.putAll(other.clusters);
    kubernetes.putAll(other.kubernetes);
    breaks(other.tooOld, other.deprecated, other.unavailable);
  }

  /** All hosted clusters as they are. */
  public Map<String, HostedCluster> all() {
    return Map.copyOf(clusters);
  }

  @Override
  public Optional<HostedCluster> last(String namespace, String name) {
    return Optional.ofNullable(clusters.get(namespace + "/" + name));
  }

  @Override
  public void keepUp(String namespace, String name, Action.SyncWorkload wanted) {
    var outcomes = new HashMap<ConditionType, PartOutcome>();
    for (var part : wanted.parts()) {
      if (part.condition() == ConditionType.KUBERNETES_ENDPOINTS) {
        kubernetes.put(namespace + "/" + name, part);
      }
      outcomes.put(part.condition(), new PartOutcome(part, Optional.empty(), List.of()));
    }
    clusters.put(
        namespace + "/" + name,
        new HostedCluster(
            Optional.empty(),
            new HostedCluster.Nodes(0, 0),
            Set.of("apps"),
            outcomes,
            wanted
                .upgrade()
                .map(check ->
                    new UpgradeFindings(
                        check.to(), tooOld, deprecated, unavailable, Optional.empty()))));
  }

  @Override
  public void forget(String namespace, String name) {
    clusters.remove(namespace + "/" + name);
  }
}
