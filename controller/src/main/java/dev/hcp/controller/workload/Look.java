package dev.hcp.controller.workload;

import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.kube.Failures;
import dev.hcp.controller.kube.HostedKube;
import dev.hcp.controller.plan.Action.SyncWorkload;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.HostedRollout;
import dev.hcp.controller.plan.Part;
import dev.hcp.controller.plan.PartOutcome;
import dev.hcp.controller.plan.PodTrouble;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One look at a hosted cluster, in which everything that is not as wanted is put right.
 *
 * @param kube requests to the cluster
 * @param wanted what it shall hold
 * @param nodes its nodes
 */
record Look(HostedKube kube, SyncWorkload wanted, List<Node> nodes) {

  /** Code of an exception that no HTTP status has caused. */
  private static final int NO_ANSWER = 0;

  private record Key(String apiVersion, String kind, @Nullable String namespace, String name) {
    static Key of(HasMetadata object) {
      return new Key(
          object.getApiVersion(),
          object.getKind(),
          object.getMetadata().getNamespace(),
          object.getMetadata().getName());
    }
  }

  /**
   * Compares all objects, and writes and removes what differs.
   *
   * @throws KubernetesClientException if the cluster does not answer
   */
  HostedCluster synchronise() {
    var groups = kube.apiGroups();
    var examples =
        wanted.parts().stream()
            .flatMap(part -> Stream.concat(part.desired().stream(), part.absent().stream()))
            .toList();
    var live = new HashMap<Key, HasMetadata>();
    kube.owned(examples).forEach(object -> live.put(Key.of(object), object));
    var outcomes = new EnumMap<ConditionType, PartOutcome>(ConditionType.class);
    wanted.parts().forEach(part -> outcomes.put(part.condition(), bringAbout(part, live)));
    return new HostedCluster(
        Optional.empty(),
        count(nodes),
        groups,
        outcomes,
        wanted.upgrade().map(check -> new UpgradeLook(kube, check, nodes).find()),
        wanted.trust().map(check -> new TrustLook(kube, check, nodes).find()),
        Optional.empty());
  }

  /** The numbers of nodes. */
  static HostedCluster.Nodes count(List<Node> nodes) {
    return new HostedCluster.Nodes(
        (int) nodes.stream().filter(Look::canRunPods).count(), nodes.size());
  }

  private PartOutcome bringAbout(Part part, Map<Key, HasMetadata> live) {
    var problems = new ArrayList<String>();
    var rollouts = new ArrayList<HostedRollout>();
    for (var desired : part.desired()) {
      try {
        rollout(kube.apply(desired, live.get(Key.of(desired)))).ifPresent(rollouts::add);
      } catch (KubernetesClientException e) {
        requireAnswer(e);
        problems.add("%s cannot be written: %s".formatted(name(desired), Failures.reason(e)));
      }
    }
    for (var obsolete : part.absent()) {
      try {
        Optional.ofNullable(live.get(Key.of(obsolete)))
            .or(() -> kube.find(obsolete).filter(kube::isOwned))
            .filter(object -> object.getMetadata().getDeletionTimestamp() == null)
            .ifPresent(kube::delete);
      } catch (KubernetesClientException e) {
        requireAnswer(e);
        problems.add("%s cannot be removed: %s".formatted(name(obsolete), Failures.reason(e)));
      }
    }
    return new PartOutcome(
        part,
        problems.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", problems)),
        rollouts);
  }

  /** A server that does not answer at all is not asked for each object until it times out. */
  private static void requireAnswer(KubernetesClientException problem) {
    if (problem.getCode() == NO_ANSWER) {
      throw problem;
    }
  }

  private Optional<HostedRollout> rollout(HasMetadata object) {
    return switch (object) {
      case Deployment deployment -> Optional.of(rollout(deployment));
      case DaemonSet set -> Optional.of(rollout(set));
      default -> Optional.empty();
    };
  }

  private HostedRollout rollout(Deployment deployment) {
    var status = deployment.getStatus();
    boolean current = status != null && isCurrent(deployment, status.getObservedGeneration());
    int wantedPods = number(deployment.getSpec().getReplicas());
    int updated = current ? number(status.getUpdatedReplicas()) : 0;
    int available = status == null ? 0 : number(status.getAvailableReplicas());
    boolean complete = updated >= wantedPods && available >= wantedPods;
    return new HostedRollout(
        name(deployment),
        wantedPods,
        updated,
        available,
        0,
        complete
            ? Optional.empty()
            : trouble(pods(deployment, deployment.getSpec().getSelector().getMatchLabels())));
  }

  private HostedRollout rollout(DaemonSet set) {
    var status = set.getStatus();
    boolean current = status != null && isCurrent(set, status.getObservedGeneration());
    int wantedPods = status == null ? 0 : number(status.getDesiredNumberScheduled());
    int updated = current ? number(status.getUpdatedNumberScheduled()) : 0;
    int available = status == null ? 0 : number(status.getNumberAvailable());
    if (current && updated >= wantedPods && available >= wantedPods) {
      return new HostedRollout(name(set), wantedPods, updated, available, 0, Optional.empty());
    }
    var pods = pods(set, set.getSpec().getSelector().getMatchLabels());
    return new HostedRollout(
        name(set),
        // Before the first count of its controller, one pod for each node is wanted.
        current ? wantedPods : nodes.size(),
        updated,
        available,
        excused(pods),
        trouble(pods));
  }

  /** How many nodes are not ready and have no ready pod. */
  private int excused(List<Pod> pods) {
    var served =
        pods.stream()
            .filter(PodTrouble::isReady)
            .map(pod -> pod.getSpec().getNodeName())
            .filter(Objects::nonNull)
            .collect(Collectors.toSet());
    return (int)
        nodes.stream()
            .filter(node -> !isReady(node))
            .filter(node -> !served.contains(node.getMetadata().getName()))
            .count();
  }

  private List<Pod> pods(HasMetadata owner, Map<String, String> labels) {
    return kube.pods(owner.getMetadata().getNamespace(), labels);
  }

  private Optional<String> trouble(List<Pod> pods) {
    var broken =
        nodes.stream()
            .filter(node -> !isReady(node))
            .map(node -> node.getMetadata().getName())
            .collect(Collectors.toSet());
    return PodTrouble.describe(pods.stream().filter(pod -> !runsOn(pod, broken)).toList());
  }

  private static boolean runsOn(Pod pod, Set<String> nodes) {
    return pod.getSpec() != null
        && pod.getSpec().getNodeName() != null
        && nodes.contains(pod.getSpec().getNodeName());
  }

  private static boolean canRunPods(Node node) {
    return isReady(node) && !Boolean.TRUE.equals(node.getSpec().getUnschedulable());
  }

  private static boolean isReady(Node node) {
    return node.getStatus() != null
        && node.getStatus().getConditions().stream()
            .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
  }

  private static boolean isCurrent(HasMetadata object, @Nullable Long observed) {
    return observed != null
        && object.getMetadata().getGeneration() != null
        && observed >= object.getMetadata().getGeneration();
  }

  private static String name(HasMetadata object) {
    var metadata = object.getMetadata();
    return metadata.getNamespace() == null
        ? "%s %s".formatted(object.getKind(), metadata.getName())
        : "%s %s/%s".formatted(object.getKind(), metadata.getNamespace(), metadata.getName());
  }

  private static int number(@Nullable Integer value) {
    return value == null ? 0 : value;
  }
}
