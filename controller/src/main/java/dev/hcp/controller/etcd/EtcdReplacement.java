package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.PodTrouble;
import dev.hcp.controller.plan.ReadyPods;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How pods of an older template are replaced, which the StatefulSet leaves to us: one at a time,
 * followers first, the leader last and only after it has handed over leadership; each only while
 * all members are healthy and have the data.
 *
 * <p>A pod that does not work is replaced before all others, if these do: a new template may be
 * what it needs. While etcd does not serve at all, pods that are not ready are replaced without
 * looking at the others.
 *
 * @param pod the pod to delete now; the StatefulSet makes a new one
 * @param retiring name of a member that has to hand over leadership first
 */
record EtcdReplacement(Optional<Pod> pod, Optional<String> retiring) {
  private static final String REVISION = "controller-revision-hash";

  /** Nothing to do, or to be done now. */
  static final EtcdReplacement NONE = new EtcdReplacement(Optional.empty(), Optional.empty());

  /** The next replacement. */
  static EtcdReplacement next(
      StatefulSet set, LiveObjects objects, Optional<ObservedEtcd> observed) {
    var revision = revision(set);
    if (revision == null) {
      return NONE;
    }
    var pods =
        objects.all(Pod.class).stream()
            .filter(pod -> Component.ETCD.label().equals(label(pod, Labels.COMPONENT)))
            .sorted(Comparator.comparing((Pod pod) -> pod.getMetadata().getName()).reversed())
            .toList();
    boolean complete =
        pods.size() == Objects.requireNonNullElse(set.getSpec().getReplicas(), 0)
            && pods.stream().allMatch(pod -> pod.getMetadata().getDeletionTimestamp() == null);
    var outdated = pods.stream().filter(pod -> !revision.equals(label(pod, REVISION))).toList();
    return complete && !outdated.isEmpty() ? next(pods, outdated, observed) : NONE;
  }

  private static EtcdReplacement next(
      List<Pod> pods, List<Pod> outdated, Optional<ObservedEtcd> observed) {
    // What was said when other pods ran says nothing of these, and a member whose database is being
    // maintained serves nobody.
    var current =
        observed.filter(
            etcd -> etcd.pods().equals(ReadyPods.of(pods)) && !etcd.maintained() && etcd.reached());
    var failing = pods.stream().filter(pod -> isFailing(pod, current)).toList();
    var repairable = outdated.stream().filter(failing::contains).toList();
    boolean serves =
        current
            .map(ObservedEtcd::serves)
            .orElseGet(() -> pods.size() - failing.size() >= Etcd.quorum(pods.size()));
    if (!repairable.isEmpty() && (failing.size() == 1 || !serves)) {
      return replace(repairable.getFirst());
    }
    if (!failing.isEmpty() || !serves) {
      return NONE;
    }
    if (current.isEmpty()) {
      // With members that the controller does not reach, pods are all there is to go by.
      return observed.filter(ObservedEtcd::reached).isPresent()
          ? NONE
          : replace(outdated.getFirst());
    }
    if (!current.get().strangers().isEmpty()) {
      return NONE;
    }
    var candidates = new ArrayList<>(outdated);
    var leader = current.get().leader().orElse("");
    candidates.removeIf(pod -> pod.getMetadata().getName().equals(leader));
    if (!candidates.isEmpty()) {
      return replace(candidates.getFirst());
    }
    return pods.size() == 1
        ? replace(pods.getFirst())
        : new EtcdReplacement(Optional.empty(), Optional.of(leader));
  }

  private static boolean isFailing(Pod pod, Optional<ObservedEtcd> observed) {
    return !PodTrouble.isReady(pod)
        || observed.stream()
            .flatMap(etcd -> etcd.members().stream())
            .anyMatch(
                member -> member.name().equals(pod.getMetadata().getName()) && !works(member));
  }

  /** Whether others can rely on a member. One whose database is full may need a larger quota. */
  private static boolean works(ObservedEtcd.Member member) {
    return member.problem().isEmpty()
        && member.listed()
        && !member.learner()
        && !member.behind()
        && member.otherCluster().isEmpty()
        && member.alarms().stream().allMatch(EtcdAlarm.Kind.NO_SPACE.text()::equals);
  }

  private static EtcdReplacement replace(Pod pod) {
    return new EtcdReplacement(Optional.of(pod), Optional.empty());
  }

  private static @Nullable String revision(StatefulSet set) {
    var status = set.getStatus();
    return status == null
            || status.getObservedGeneration() == null
            || set.getMetadata().getGeneration() == null
            || status.getObservedGeneration() < set.getMetadata().getGeneration()
        ? null
        : status.getUpdateRevision();
  }

  private static @Nullable String label(Pod pod, String key) {
    var labels = pod.getMetadata().getLabels();
    return labels == null ? null : labels.get(key);
  }
}
