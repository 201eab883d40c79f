package dev.hcp.controller.memory;

import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.Part;
import dev.hcp.controller.plan.PartOutcome;
import dev.hcp.controller.plan.TrustCheck;
import dev.hcp.controller.plan.TrustFindings;
import dev.hcp.controller.plan.UpgradeFindings;
import dev.hcp.controller.workload.HostedClusters;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Hosted clusters, at first without nodes, that take whatever they are given. */
public final class HostedClustersInMemory implements HostedClusters {
  private final Map<String, HostedCluster> clusters = new HashMap<>();
  private final Map<String, Part> kubernetes = new HashMap<>();
  private List<String> tooOld = List.of();
  private List<String> deprecated = List.of();
  private List<String> unavailable = List.of();
  private final TreeMap<String, Instant> nodes = new TreeMap<>();
  private final Map<String, String> annotated = new HashMap<>();
  private List<String> namespaces = List.of();
  private Optional<String> problem = Optional.empty();

  /** A node joins, or joins anew. */
  public void join(String node, Instant time) {
    nodes.put(node, time);
  }

  /** A node goes. */
  public void leave(String node) {
    nodes.remove(node);
  }

  /** All nodes that there are, with the time at which they have joined. */
  public Map<String, Instant> nodes() {
    return Map.copyOf(nodes);
  }

  /** A node is annotated with a request for another Kubernetes CA. */
  public void annotate(String node, String request) {
    annotated.put(node, request);
  }

  /** From the next look on, pods of these namespaces are given something else to trust. */
  public void distrust(String... others) {
    namespaces = List.of(others);
  }

  /** From the next look on, hosted clusters do not answer, for this reason, or do again. */
  public void answer(Optional<String> reason) {
    problem = reason;
  }

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
    nodes.putAll(other.nodes);
    annotated.putAll(other.annotated);
    namespaces = other.namespaces;
    problem = other.problem;
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
    var known = clusters.get(namespace + "/" + name);
    if (problem.isPresent() && known != null) {
      clusters.put(
          namespace + "/" + name,
          new HostedCluster(
              problem,
              known.nodes(),
              known.apiGroups(),
              known.outcomes(),
              known.upgrade(),
              known.trust(),
              known.kms()));
      return;
    }
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
            new HostedCluster.Nodes(nodes.size(), nodes.size()),
            Set.of("apps"),
            outcomes,
            wanted
                .upgrade()
                .map(check ->
                    new UpgradeFindings(
                        check.to(), tooOld, deprecated, unavailable, Optional.empty())),
            wanted.trust().map(this::find),
            Optional.empty()));
  }

  private TrustFindings find(TrustCheck check) {
    return new TrustFindings(
        check,
        nodes.size(),
        check
            .joined()
            .map(time ->
                nodes.entrySet().stream()
                    .filter(node -> node.getValue().isBefore(time))
                    .map(Map.Entry::getKey)
                    .filter(node -> !check.request().equals(annotated.get(node)))
                    .toList())
            .orElse(List.of()),
        check.authorities().isPresent() ? namespaces : List.of(),
        Optional.empty());
  }

  @Override
  public void forget(String namespace, String name) {
    clusters.remove(namespace + "/" + name);
  }
}
