package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.Planning;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Names;
import dev.hcp.render.etcd.EtcdMembershipRenderer;
import dev.hcp.render.etcd.Membership;
import dev.hcp.render.etcd.Membership.Survivor;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How many members etcd has or is about to have, which are those with the lowest ordinals, whether
 * it was founded, and whether one of them goes on alone. It is recorded in a ConfigMap, which the
 * members read at their start: a number of pods that somebody else has changed says nothing of the
 * cluster.
 */
final class EtcdMembership {
  private EtcdMembership() {}

  /**
   * What is recorded; if nothing is, the number of pods, or before there are any, the number of
   * members that there shall be.
   */
  static Membership recorded(LiveObjects objects, ControlPlane controlPlane) {
    var names = controlPlane.names();
    var data =
        objects
            .get(ConfigMap.class, names.etcdMembership())
            .map(ConfigMap::getData)
            .orElse(Map.of());
    return new Membership(
        number(data, EtcdMembershipRenderer.MEMBERS_KEY)
            .or(() ->
                objects
                    .get(StatefulSet.class, names.etcd())
                    .map(set -> set.getSpec().getReplicas()))
            .filter(EtcdMembership::isPossible)
            .orElseGet(controlPlane::etcdMembers),
        data.containsKey(EtcdMembershipRenderer.STATE_KEY)
            ? EtcdMembershipRenderer.EXISTING.equals(data.get(EtcdMembershipRenderer.STATE_KEY))
            : isRecorded(objects, names),
        number(data, EtcdMembershipRenderer.SURVIVOR_KEY)
            .map(ordinal ->
                new Survivor(
                    ordinal, data.getOrDefault(EtcdMembershipRenderer.SURVIVOR_POD_KEY, ""))),
        number(data, EtcdMembershipRenderer.RECOVERIES_KEY).orElse(0));
  }

  /**
   * What is to be recorded next. A cluster counts as founded once all founders have started: until
   * then they must be able to. One that has lost its data since has started, too.
   *
   * @param losses why members cannot start
   * @param rolledOut whether all pods are of the current template, and ready
   */
  static Membership next(
      Planning planning, Membership recorded, Map<String, DataLoss> losses, boolean rolledOut) {
    var survivor = recorded.survivor();
    if (survivor.isPresent()) {
      return EtcdSurvival.isOver(planning, survivor.get())
          ? new Membership(recorded.members(), true, Optional.empty(), recorded.recoveries() + 1)
          : recorded;
    }
    var chosen = EtcdSurvival.choose(planning, recorded, losses);
    if (chosen.isPresent()) {
      return new Membership(recorded.members(), true, chosen, recorded.recoveries());
    }
    var current =
        planning.observed().etcd().filter(etcd -> etcd.members().size() == recorded.members());
    if (!recorded.founded()) {
      return new Membership(
          recorded.members(),
          current.filter(etcd -> haveStarted(etcd, losses.keySet())).isPresent(),
          Optional.empty(),
          recorded.recoveries());
    }
    int wanted = planning.controlPlane().etcdMembers();
    boolean canGrow = rolledOut && current.filter(ObservedEtcd::healthy).isPresent();
    if (recorded.members() < wanted && canGrow) {
      return resized(recorded, 1);
    }
    boolean hasLeft =
        current
            .filter(ObservedEtcd::serves)
            .filter(etcd -> !etcd.members().getLast().listed())
            .isPresent();
    return recorded.members() > wanted && hasLeft ? resized(recorded, -1) : recorded;
  }

  private static Membership resized(Membership recorded, int by) {
    return new Membership(recorded.members() + by, true, Optional.empty(), recorded.recoveries());
  }

  private static boolean haveStarted(ObservedEtcd etcd, Set<String> lost) {
    return etcd.identity().isPresent()
        && etcd.members().stream()
            .allMatch(member -> member.healthy() || lost.contains(member.name()));
  }

  private static boolean isRecorded(LiveObjects objects, Names names) {
    return objects.get(ConfigMap.class, names.etcdIdentity()).isPresent();
  }

  private static Optional<Integer> number(Map<String, String> data, String key) {
    var text = data.getOrDefault(key, "");
    return text.matches("[0-9]{1,6}") ? Optional.of(Integer.valueOf(text)) : Optional.empty();
  }

  private static boolean isPossible(int members) {
    return members >= 1 && members <= ControlPlane.MOST_ETCD_MEMBERS;
  }
}
