package dev.hcp.controller.etcd;

import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.api.v1alpha1.EtcdQuorumLoss;
import dev.hcp.api.v1alpha1.QuorumLossPolicy;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.Planning;
import dev.hcp.render.etcd.Membership;
import dev.hcp.render.etcd.Membership.Survivor;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a cluster goes on when a majority has lost its data, if the user has allowed that: with the
 * data of one member, the survivor, as the only member.
 *
 * <ol>
 *   <li>The survivor is chosen and recorded, on evidence only: so many pods have said several times
 *       that they have no data, or cannot read them, that the others are no majority; and it is the
 *       only one that is left, or all that are left answer, and it has the most of the log.
 *   <li>All pods but the survivor's go. Its own is replaced, and starts as the only member.
 *   <li>Once it serves, the others come back, and are made anew from it.
 * </ol>
 */
final class EtcdSurvival {
  /** How often a container has to have ended for what it says to be believed: some minutes. */
  private static final int CERTAIN = 4;

  private EtcdSurvival() {}

  /** The member with whose data the cluster is to go on; empty while there is no need. */
  static Optional<Survivor> choose(
      Planning planning, Membership membership, Map<String, DataLoss> losses) {
    if (policy(planning.controlPlane().etcd()) != QuorumLossPolicy.FROM_SURVIVOR) {
      return Optional.empty();
    }
    return unserved(planning, membership)
        .flatMap(etcd -> {
          var left = left(planning, etcd, losses);
          return left.size() < Etcd.quorum(membership.members())
              ? mostAdvanced(planning, etcd, left)
                  .flatMap(name -> survivor(planning, membership, name))
              : Optional.empty();
        });
  }

  /** Whether so many members have lost their data for good that the others are no majority. */
  static boolean isQuorumLost(
      Planning planning, Membership membership, Map<String, DataLoss> losses) {
    return unserved(planning, membership)
        .filter(etcd -> left(planning, etcd, losses).size() < Etcd.quorum(membership.members()))
        .isPresent();
  }

  private static Optional<ObservedEtcd> unserved(Planning planning, Membership membership) {
    return planning
        .observed()
        .etcd()
        .filter(_ -> membership.founded())
        .filter(etcd -> !etcd.serves() && etcd.members().size() == membership.members());
  }

  /** The members that may have data. */
  private static List<ObservedEtcd.Member> left(
      Planning planning, ObservedEtcd etcd, Map<String, DataLoss> losses) {
    return etcd.members().stream()
        .filter(member -> !isLostForGood(planning, member.name(), losses))
        .toList();
  }

  /**
   * Of several that have data, all have to say how much. A member that starts while there is no
   * majority answers nobody, so the only one that is left need not.
   */
  private static Optional<String> mostAdvanced(
      Planning planning, ObservedEtcd observed, List<ObservedEtcd.Member> left) {
    if (left.size() == 1) {
      return Optional.of(left.getFirst().name())
          .filter(name -> pod(planning, name).filter(DataLoss::runs).isPresent());
    }
    return left.stream().allMatch(member -> member.problem().isEmpty() && !member.learner())
        ? observed.mostAdvanced()
        : Optional.empty();
  }

  private static Optional<Survivor> survivor(
      Planning planning, Membership membership, String name) {
    return membership
        .ordinals()
        .filter(i -> planning.controlPlane().names().etcdMember(i).equals(name))
        .boxed()
        .findFirst()
        .flatMap(ordinal ->
            pod(planning, name).map(pod -> new Survivor(ordinal, pod.getMetadata().getUid())));
  }

  /** Whether the survivor serves as the only member, by a pod that started as such. */
  static boolean isOver(Planning planning, Survivor survivor) {
    var name = planning.controlPlane().names().etcdMember(survivor.ordinal());
    return planning
        .observed()
        .etcd()
        .filter(etcd -> etcd.serves() && etcd.strangers().isEmpty())
        .filter(etcd -> !survivor.pod().equals(etcd.pods().uids().get(name)))
        .filter(etcd -> etcd.pods().names().contains(name))
        .filter(etcd ->
            etcd.members().stream()
                .allMatch(member -> member.listed() == member.name().equals(name)))
        .isPresent();
  }

  /** The survivor's pod, if it is the one of before, that has to start anew. */
  static Optional<Pod> toReplace(Planning planning, Survivor survivor) {
    return pod(planning, planning.controlPlane().names().etcdMember(survivor.ordinal()))
        .filter(pod -> pod.getMetadata().getUid().equals(survivor.pod()));
  }

  private static boolean isLostForGood(
      Planning planning, String name, Map<String, DataLoss> losses) {
    var loss = losses.get(name);
    return (loss == DataLoss.NO_DATA || loss == DataLoss.UNREADABLE)
        && pod(planning, name).filter(pod -> DataLoss.restarts(pod) >= CERTAIN).isPresent();
  }

  private static Optional<Pod> pod(Planning planning, String name) {
    return planning.objects().get(Pod.class, name);
  }

  private static QuorumLossPolicy policy(@Nullable EtcdComponent settings) {
    return Optional.ofNullable(settings)
        .flatMap(etcd -> Optional.ofNullable(etcd.quorumLoss()))
        .map(EtcdQuorumLoss::policy)
        .orElse(QuorumLossPolicy.NEVER);
  }
}
