package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.Planning;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Names;
import dev.hcp.render.etcd.EtcdMembershipRenderer;
import dev.hcp.render.etcd.Membership;
import dev.hcp.render.etcd.Membership.Survivor;
import dev.hcp.render.etcd.Restoration;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

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
        number(data, EtcdMembershipRenderer.FIRST_KEY)
            .filter(first -> first % ControlPlane.MOST_ETCD_MEMBERS == 0)
            .filter(first -> first < ControlPlane.ETCD_ORDINALS)
            .orElse(0),
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
        number(data, EtcdMembershipRenderer.RECOVERIES_KEY).orElse(0),
        restoration(data),
        Optional.ofNullable(data.get(EtcdMembershipRenderer.RESTORED_UID_KEY))
            .map(uid ->
                new Membership.Restored(
                    uid, names(data.getOrDefault(EtcdMembershipRenderer.RESTORED_NAMES_KEY, "")))));
  }

  private static List<String> names(String text) {
    return Stream.of(text.split(",", -1)).filter(name -> !name.isEmpty()).toList();
  }

  private static Optional<Restoration> restoration(Map<String, String> data) {
    return Optional.ofNullable(data.get(EtcdMembershipRenderer.RESTORE_UID_KEY))
        .flatMap(uid ->
            Arrays.stream(Restoration.Stage.values())
                .filter(stage ->
                    stage.name().equals(data.get(EtcdMembershipRenderer.RESTORE_STAGE_KEY)))
                .findFirst()
                .map(stage ->
                    new Restoration(
                        uid,
                        data.getOrDefault(EtcdMembershipRenderer.RESTORE_NAME_KEY, ""),
                        data.getOrDefault(EtcdMembershipRenderer.RESTORE_BACKUP_KEY, ""),
                        stage,
                        new Restoration.Former(
                            number(data, EtcdMembershipRenderer.FORMER_FIRST_KEY).orElse(0),
                            number(data, EtcdMembershipRenderer.FORMER_MEMBERS_KEY)
                                .filter(EtcdMembership::isPossible)
                                .orElse(1),
                            EtcdMembershipRenderer.EXISTING.equals(
                                data.get(EtcdMembershipRenderer.FORMER_STATE_KEY))))));
  }

  /** Names of the members. */
  static List<String> names(Membership membership, ControlPlane controlPlane) {
    return membership.ordinals().mapToObj(controlPlane.names()::etcdMember).toList();
  }

  /**
   * What is to be recorded next, apart from restorations. A cluster counts as founded once all
   * founders have started: until then they must be able to. One that has lost its data since has
   * started, too.
   *
   * @param losses why members cannot start
   * @param rolledOut whether all pods are of the current template, and ready
   */
  static Membership next(
      Planning planning, Membership recorded, Map<String, DataLoss> losses, boolean rolledOut) {
    var survivor = recorded.survivor();
    if (survivor.isPresent()) {
      return EtcdSurvival.isOver(planning, survivor.get()) ? recorded.recovered() : recorded;
    }
    var chosen = EtcdSurvival.choose(planning, recorded, losses);
    if (chosen.isPresent()) {
      return recorded.withSurvivor(chosen.get());
    }
    var current =
        planning.observed().etcd().filter(etcd -> etcd.members().size() == recorded.members());
    if (!recorded.founded()) {
      return current.filter(etcd -> haveStarted(etcd, losses.keySet())).isPresent()
          ? recorded.asFounded()
          : recorded;
    }
    int wanted = planning.controlPlane().etcdMembers();
    boolean canGrow = rolledOut && current.filter(ObservedEtcd::healthy).isPresent();
    if (recorded.members() < wanted && canGrow) {
      return recorded.withMembers(recorded.members() + 1);
    }
    boolean hasLeft =
        current
            .filter(ObservedEtcd::serves)
            .filter(etcd -> !etcd.members().getLast().listed())
            .isPresent();
    return recorded.members() > wanted && hasLeft
        ? recorded.withMembers(recorded.members() - 1)
        : recorded;
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
