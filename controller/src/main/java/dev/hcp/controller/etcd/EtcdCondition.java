package dev.hcp.controller.etcd;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Conditions;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.EtcdIdentity;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.ObservedEtcd.Corruption;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.PodTrouble;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.Waking;
import dev.hcp.naming.Component;
import dev.hcp.naming.Names;
import dev.hcp.render.etcd.Membership;
import dev.hcp.render.etcd.Restoration;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What is said of etcd: what its members say themselves comes before what pods look like. */
final class EtcdCondition {
  /**
   * What only members can say. A controller that has just started repeats it until it has asked.
   */
  private static final Set<Reason> SAID_BY_MEMBERS =
      Set.of(
          Reason.ETCD_UNREACHABLE,
          Reason.MEMBERS_DIFFER,
          Reason.NO_SPACE,
          Reason.DATA_CORRUPT,
          Reason.ETCD_DATA_CHANGED);

  private static final String CORRUPT = EtcdAlarm.Kind.CORRUPT.text();
  private static final String NO_SPACE = EtcdAlarm.Kind.NO_SPACE.text();

  private final Planning planning;
  private final Names names;
  private final Optional<EtcdIdentity> recorded;
  private final Membership membership;
  private final Map<String, DataLoss> losses;

  private EtcdCondition(Planning planning, Optional<EtcdIdentity> recorded) {
    this.planning = planning;
    this.names = planning.controlPlane().names();
    this.recorded = recorded;
    this.membership = EtcdMembership.recorded(planning.objects(), planning.controlPlane());
    this.losses = DataLoss.all(planning.objects());
  }

  /**
   * The state of etcd.
   *
   * @param recorded which etcd it was when last seen in order
   */
  static ConditionState of(Planning planning, Optional<EtcdIdentity> recorded) {
    return new EtcdCondition(planning, recorded).state();
  }

  /**
   * The state of etcd, with what is said of its volumes. Volumes that cannot grow are a reason to
   * do something about it, but etcd works.
   *
   * @param problem why volumes are smaller than they should be; empty if they are not
   */
  static ConditionState with(ConditionState state, Optional<String> problem, Planning planning) {
    if (problem.isEmpty()) {
      // A controller that has just started repeats it until it knows how full databases are.
      return planning.observed().etcd().isEmpty() && state.isTrue()
          ? said(planning)
              .filter(before -> before.isTrue() && before.reason() == Reason.VOLUMES_CANNOT_GROW)
              .orElse(state)
          : state;
    }
    var message = "%s; %s".formatted(state.message(), problem.get());
    if (state.isTrue()) {
      return new ConditionState(state.type(), state.status(), Reason.VOLUMES_CANNOT_GROW, message);
    }
    return state.reason() == Reason.NO_SPACE ? not(Reason.NO_SPACE, message) : state;
  }

  private ConditionState state() {
    var restoring = restoring();
    if (restoring.isPresent()) {
      return restoring.get();
    }
    var live = planning.objects().get(StatefulSet.class, names.etcd());
    if (live.isEmpty()) {
      return not(Reason.NOT_CREATED, "StatefulSet %s is being created".formatted(names.etcd()));
    }
    var rollout = Rollout.of(live.get());
    if (Waking.isStopped(planning.objects(), names) && !hasQuorum(rollout)) {
      return not(
          Reason.WAKING_UP,
          "etcd starts again: %d of %d members are ready%s"
              .formatted(
                  rollout.ready(),
                  membership.members(),
                  PodTrouble.describe(planning.objects(), Component.ETCD)
                      .map(t -> "; " + t)
                      .orElse("")));
    }
    var observed = planning.observed().etcd();
    if (observed.isEmpty()) {
      return before()
          .or(() -> rollout.complete() ? refused() : Optional.empty())
          .orElseGet(() -> byPods(rollout, hasQuorum(rollout)));
    }
    return recovering()
        .or(() -> changed(observed.get()))
        .or(() -> unserved(observed.get(), rollout))
        .or(() -> alarms(observed.get()))
        .or(() -> members(observed.get()))
        .or(this::scaling)
        .or(this::refused)
        .or(this::heldBack)
        .orElseGet(() -> byPods(rollout, true));
  }

  /** What members are being changed by, or not founded for. */
  private Optional<ConditionState> restoring() {
    var trouble =
        PodTrouble.describe(planning.objects(), Component.ETCD).map(t -> "; " + t).orElse("");
    if (EtcdRestoring.isSettled(membership)) {
      return membership.founded()
          ? Optional.empty()
          : planning.restoring().founding().map(why -> not(Reason.RESTORE_PENDING, why));
    }
    return membership
        .restoration()
        .map(current ->
            not(
                Reason.RESTORING,
                current.stage() == Restoration.Stage.FENCED
                    ? "etcd waits until nobody uses it, to go over to the data of backup %s"
                        .formatted(current.backup())
                    : "%s starts with the data of backup %s as the only member; the others are made anew from it%s"
                        .formatted(
                            names.etcdMember(membership.first()), current.backup(), trouble)));
  }

  private Optional<ConditionState> recovering() {
    return membership
        .survivor()
        .map(survivor ->
            not(
                Reason.RECOVERING,
                ("A majority of the members has lost its data. As the policy says, etcd goes on"
                        + " with those of %s, which starts as the only member; the others are made"
                        + " anew from it%s")
                    .formatted(
                        names.etcdMember(survivor.ordinal()),
                        PodTrouble.describe(planning.objects(), Component.ETCD)
                            .map(t -> "; " + t)
                            .orElse(""))));
  }

  private Optional<ConditionState> refused() {
    return EtcdVersionChange.refused(planning.observed(), planning.controlPlane())
        .map(change ->
            not(
                Reason.VERSION_TOO_LOW,
                ("All members serve, and keep their image: spec.etcd.image.tag says %s, and members"
                        + " have run %s. etcd cannot read the data of a later minor version; set"
                        + " the tag to one of that minor version or a later one, or restore a backup"
                        + " into a new control plane")
                    .formatted(change.to(), change.from())));
  }

  private Optional<ConditionState> heldBack() {
    return EtcdVersionChange.ahead(planning.observed(), planning.controlPlane())
        .filter(change -> change.from().equals(planning.controlPlane().components().etcd()))
        .map(change ->
            not(
                Reason.WAITING_FOR_BACKUP,
                ("All members serve; etcd goes from %s to %s once there is a backup of what is"
                        + " there now, see condition %s")
                    .formatted(change.from(), change.to(), ConditionType.BACKUP.value())));
  }

  private Optional<ConditionState> before() {
    return said(planning).filter(state -> SAID_BY_MEMBERS.contains(state.reason()));
  }

  /** What is published now. */
  private static Optional<ConditionState> said(Planning planning) {
    var object = planning.observed().hostedControlPlane();
    return Optional.ofNullable(object.getStatus())
        .flatMap(status -> Optional.ofNullable(status.conditions()))
        .flatMap(conditions ->
            Conditions.state(conditions, ConditionType.ETCD, object.getMetadata().getGeneration()));
  }

  private Optional<ConditionState> changed(ObservedEtcd observed) {
    return recorded
        .filter(identity -> isOther(observed, identity))
        .map(identity ->
            not(
                Reason.ETCD_DATA_CHANGED,
                ("etcd does not have the data that it had: it is cluster %s with %s, and ConfigMap"
                        + " %s says cluster %s with mark %s. Nothing of etcd is changed until the"
                        + " data are restored, or the ConfigMap is deleted to go on with what is"
                        + " there")
                    .formatted(
                        observed.cluster().orElse("unknown"),
                        observed.mark().map(mark -> "mark " + mark).orElse("no mark"),
                        names.etcdIdentity(),
                        identity.cluster(),
                        identity.mark())));
  }

  /** Whether a majority of the members says that this is another etcd, or has other data. */
  static boolean isOther(ObservedEtcd observed, EtcdIdentity recorded) {
    return observed.serves() && !observed.identity().equals(Optional.of(recorded));
  }

  private Optional<ConditionState> unserved(ObservedEtcd observed, Rollout rollout) {
    if (observed.serves()) {
      return Optional.empty();
    }
    var trouble =
        observed.trouble().orElse("it is not known why")
            + withoutData()
            + wayOut()
            + PodTrouble.describe(planning.objects(), Component.ETCD).map(t -> "; " + t).orElse("");
    if (observed.reached()) {
      return Optional.of(not(Reason.QUORUM_LOST, "etcd does not serve: " + trouble));
    }
    if (hasQuorum(rollout)) {
      return Optional.of(
          not(
              Reason.ETCD_UNREACHABLE,
              ("%d of %d pods are ready, but the controller reaches no member, so nothing is"
                      + " maintained: %s")
                  .formatted(rollout.ready(), rollout.wanted(), trouble)));
    }
    var pods = byPods(rollout, false);
    return Optional.of(not(pods.reason(), pods.message() + withoutData() + wayOut()));
  }

  private static Optional<ConditionState> alarms(ObservedEtcd observed) {
    var corrupt = withAlarm(observed, CORRUPT);
    if (!corrupt.isEmpty() || observed.corruption().isPresent()) {
      return Optional.of(
          not(
              Reason.DATA_CORRUPT,
              "etcd says that the data of %s, and takes no writes; %s"
                  .formatted(
                      corrupt.isEmpty()
                          ? "its members differ, and not whose are wrong"
                          : "%s differ from those of the others"
                              .formatted(String.join(", ", corrupt)),
                      examined(observed.corruption().orElse(Corruption.UNEXAMINED)))));
    }
    var full = withAlarm(observed, NO_SPACE);
    if (!full.isEmpty()) {
      return Optional.of(
          not(
              Reason.NO_SPACE,
              ("The database of %s has reached its quota, and etcd takes no writes. It is compacted"
                      + " and defragmented; if that does not help, delete objects or enlarge the"
                      + " volumes")
                  .formatted(String.join(", ", full))));
    }
    return Optional.empty();
  }

  private static String examined(Corruption corruption) {
    if (corruption.seen().isEmpty()) {
      return "the controller compares the data";
    }
    var seen = corruption.seen().get();
    if (corruption.differing().isPresent()) {
      return "%s. So %s is removed once all members answer, and made anew from the data of the others"
          .formatted(seen, corruption.differing().get());
    }
    return corruption.agreed()
        ? ("%s. So all have the same data now; the alarm is taken back if a member was removed for"
                + " it, and otherwise by you, see the documentation of etcd")
            .formatted(seen)
        : ("%s. That does not single out one member, so nothing is done by itself: keep the data of"
                + " the members that have the right ones, or restore a backup, see the documentation"
                + " of etcd")
            .formatted(seen);
  }

  private static List<String> withAlarm(ObservedEtcd observed, String alarm) {
    return observed.members().stream()
        .filter(member -> member.alarms().contains(alarm))
        .map(ObservedEtcd.Member::name)
        .toList();
  }

  private Optional<ConditionState> members(ObservedEtcd observed) {
    var differing = new ArrayList<String>();
    var others = new ArrayList<String>();
    for (var member : observed.members()) {
      if (member.otherCluster().isPresent()
          || (!member.listed() && !isExpectedOutside(member.name()))) {
        differing.add(describe(member));
      } else if (!member.healthy()) {
        others.add(describe(member));
      }
    }
    observed
        .strangers()
        .forEach(stranger ->
            differing.add("%s belongs to the cluster and should not".formatted(stranger)));
    if (differing.isEmpty() && others.isEmpty()) {
      return Optional.empty();
    }
    var trouble =
        PodTrouble.describe(planning.objects(), Component.ETCD).map(t -> "; " + t).orElse("");
    var reason =
        !differing.isEmpty()
            ? Reason.MEMBERS_DIFFER
            : isScaling() ? Reason.SCALING : Reason.MEMBERS_NOT_READY;
    differing.addAll(others);
    return Optional.of(
        not(
            reason,
            "etcd serves, but %s%s%s"
                .formatted(String.join("; ", differing), target().orElse(""), trouble)));
  }

  private boolean isScaling() {
    return membership.members() != planning.controlPlane().etcdMembers();
  }

  private Optional<ConditionState> scaling() {
    return target().map(target -> not(Reason.SCALING, "etcd serves" + target));
  }

  /** How many members there shall be, if that is another number. */
  private Optional<String> target() {
    return isScaling()
        ? Optional.of(
            "; it goes from %d members to %d, one at a time"
                .formatted(membership.members(), planning.controlPlane().etcdMembers()))
        : Optional.empty();
  }

  /** Whether it is no surprise that a member does not belong to the cluster. */
  private boolean isExpectedOutside(String name) {
    return losses.containsKey(name) || !isReady(name) || isSurplus(name);
  }

  private boolean isSurplus(String name) {
    return IntStream.range(0, planning.controlPlane().etcdMembers())
        .mapToObj(position -> names.etcdMember(membership.first() + position))
        .noneMatch(name::equals);
  }

  /** What can be done if those that have their data cannot agree by themselves. */
  private String wayOut() {
    long lost = losses.values().stream().filter(loss -> loss != DataLoss.OF_REMOVED).count();
    return membership.members() - lost < Etcd.quorum(membership.members())
        ? "; bring back their volumes, let etcd go on with what is left by"
            + " spec.etcd.quorumLoss.policy, or restore a backup"
        : "";
  }

  private String withoutData() {
    return losses.entrySet().stream()
        .filter(loss -> loss.getValue() != DataLoss.OF_REMOVED)
        .map(loss -> "; %s %s".formatted(loss.getKey(), loss.getValue().description()))
        .collect(Collectors.joining());
  }

  private String describe(ObservedEtcd.Member member) {
    var name = member.name();
    if (member.otherCluster().isPresent()) {
      return "%s belongs to another cluster, %s".formatted(name, member.otherCluster().get());
    }
    if (!member.listed() && isSurplus(name)) {
      return "%s has left the cluster".formatted(name);
    }
    var loss = losses.get(name);
    // One that belongs to the cluster ends in the same way when it is told to.
    if (loss != null && !(loss == DataLoss.OF_REMOVED && member.listed())) {
      return "%s %s; it is made anew from the data of the others"
          .formatted(name, loss.description());
    }
    if (!member.listed()) {
      return isReady(name)
          ? "%s, whose pod is ready, is no member of the cluster".formatted(name)
          : "%s is to join the cluster".formatted(name);
    }
    if (!member.started()) {
      return "%s joins the cluster, and has not started yet".formatted(name);
    }
    if (member.problem().isPresent()) {
      return member.problem().get();
    }
    if (member.learner()) {
      return "%s has no vote yet".formatted(name);
    }
    if (member.behind()) {
      return "%s lacks much of what the others have".formatted(name);
    }
    return "%s has alarms: %s".formatted(name, String.join(", ", member.alarms()));
  }

  private boolean isReady(String pod) {
    return planning.objects().get(Pod.class, pod).filter(PodTrouble::isReady).isPresent();
  }

  private static boolean hasQuorum(Rollout rollout) {
    return rollout.ready() >= Etcd.quorum(rollout.wanted());
  }

  private ConditionState byPods(Rollout rollout, boolean quorum) {
    if (rollout.complete()) {
      return ConditionState.done(
          ConditionType.ETCD, "All %d members serve".formatted(rollout.wanted()));
    }
    if (rollout.ready() == rollout.wanted() && rollout.updated() < rollout.wanted()) {
      return not(
          Reason.ROLLOUT_IN_PROGRESS,
          "All members serve, and %d of %d are up to date; the others are replaced one at a time"
              .formatted(rollout.updated(), rollout.wanted()));
    }
    return not(
        quorum ? Reason.MEMBERS_NOT_READY : Reason.QUORUM_LOST,
        "%d of %d members are ready, %d are needed%s"
            .formatted(
                rollout.ready(),
                rollout.wanted(),
                Etcd.quorum(rollout.wanted()),
                PodTrouble.describe(planning.objects(), Component.ETCD)
                    .map(t -> "; " + t)
                    .orElse("")));
  }

  private static ConditionState not(Reason reason, String message) {
    return ConditionState.not(ConditionType.ETCD, reason, message);
  }
}
