package dev.hcp.controller.etcd;

import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.pki.Authorities;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.plan.EtcdIdentity;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.MemberChanges;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.PodTrouble;
import dev.hcp.controller.plan.ReadyPods;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.plan.Workloads;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.naming.Names;
import dev.hcp.render.etcd.EtcdMembershipRenderer;
import dev.hcp.render.etcd.EtcdRenderer;
import dev.hcp.render.etcd.Membership;
import dev.hcp.render.etcd.Restoration;
import dev.hcp.render.pki.PkiRenderer;
import dev.hcp.render.pki.Trust;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetUpdateStrategy;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Plans etcd. */
public final class Etcd {
  /** A quota is not changed, which restarts all members, for less than this part of it. */
  private static final int WORTHWHILE = 8;

  private Etcd() {}

  /** What is recorded of the members. */
  public static Membership membership(LiveObjects objects, ControlPlane controlPlane) {
    return EtcdMembership.recorded(objects, controlPlane);
  }

  /** How many members are recorded; empty if nothing is. */
  public static OptionalInt members(LiveObjects objects, Names names) {
    return objects
        .get(ConfigMap.class, names.etcdMembership())
        .map(ConfigMap::getData)
        .map(data -> data.getOrDefault(EtcdMembershipRenderer.MEMBERS_KEY, ""))
        .filter(text -> text.matches("[1-9]"))
        .map(text -> OptionalInt.of(Integer.parseInt(text)))
        .orElse(OptionalInt.empty());
  }

  /** The pods that have to go before etcd goes over to other data. */
  public static List<Pod> users(LiveObjects objects, Names names) {
    return EtcdRestoring.users(objects, names);
  }

  /** Without what was said by members that there are no longer. */
  public static Observation current(Observation observed, ControlPlane controlPlane) {
    var names = EtcdMembership.names(membership(observed.objects(), controlPlane), controlPlane);
    return observed
            .etcd()
            .filter(etcd -> etcd.members().stream().noneMatch(m -> names.contains(m.name())))
            .isPresent()
        ? observed.withoutEtcd()
        : observed;
  }

  /**
   * The step.
   *
   * @param authorities which CAs members trust
   */
  public static Step plan(Planning planning, Authorities authorities) {
    var controlPlane = planning.controlPlane();
    var recorded = recorded(planning);
    var state = EtcdCondition.of(planning, recorded);
    var desired = new ArrayList<HasMetadata>();
    desired.add(EtcdRenderer.peerService(controlPlane));
    desired.add(EtcdRenderer.clientService(controlPlane));
    recorded
        .or(() -> planning.observed().etcd().flatMap(ObservedEtcd::identity))
        .ifPresent(identity ->
            desired.add(EtcdRenderer.identity(controlPlane, identity.cluster(), identity.mark())));
    boolean stopped = state.reason() == Reason.ETCD_DATA_CHANGED;
    var membership = EtcdMembership.recorded(planning.objects(), controlPlane);
    var losses = DataLoss.all(planning.objects());
    var survivor = membership.survivor();
    boolean settled = EtcdRestoring.isSettled(membership);
    var replacement =
        stopped || survivor.isPresent() || !settled ? EtcdReplacement.NONE : replacement(planning);
    var actions = new ArrayList<Action>();
    keeping(planning, recorded, changes(planning, membership, losses, replacement))
        .ifPresent(actions::add);
    if (stopped) {
      return new Step(state, desired, List.of(), actions);
    }
    var restoring = EtcdRestoring.next(planning, membership, recorded);
    // One change at a time.
    var next =
        settled && restoring.equals(membership)
            ? EtcdMembership.next(
                planning, membership, losses, rolledOut(planning.observed(), controlPlane))
            : restoring;
    desired.add(EtcdMembershipRenderer.configuration(controlPlane, next));
    var joining = EtcdJoining.of(planning, membership, losses, planning.restoring().volume());
    actions.addAll(joining.actions());
    var volumes = EtcdVolumes.of(planning, isFilling(planning));
    actions.addAll(volumes.actions());
    boolean waits = planning.restoring().founding().isPresent() && !next.founded();
    if (waits && planning.objects().get(StatefulSet.class, controlPlane.names().etcd()).isEmpty()) {
      // The size of its volumes could not be changed any more.
      return new Step(state, desired, joining.obsolete(), actions);
    }
    var workload =
        Workloads.step(
            planning,
            Component.ETCD,
            Trust.in(
                withClaimTemplate(
                    withImage(
                        EtcdRenderer.statefulSet(
                            controlPlane,
                            next,
                            waits,
                            initialSize(planning),
                            quota(planning),
                            mustBeHeld(planning)),
                        planning),
                    planning),
                controlPlane.names(),
                Component.ETCD,
                authorities.trusts()),
            EtcdRenderer.disruptionBudget(controlPlane),
            EtcdCondition.with(state, volumes.problem(), planning));
    desired.addAll(workload.desired());
    var obsolete = new ArrayList<HasMetadata>(workload.obsolete());
    replacement.pod().ifPresent(obsolete::add);
    survivor.flatMap(only -> EtcdSurvival.toReplace(planning, only)).ifPresent(obsolete::add);
    joining.obsolete().stream().filter(object -> !obsolete.contains(object)).forEach(obsolete::add);
    return new Step(workload.state(), desired, obsolete, actions);
  }

  /**
   * Whether the quota that the volumes allow is nearly used up. What was said of a smaller one says
   * nothing: the volumes have grown since.
   */
  private static boolean isFilling(Planning planning) {
    return planning
        .observed()
        .etcd()
        .filter(etcd -> etcd.filling().equals(OptionalLong.of(quota(planning))))
        .isPresent();
  }

  /**
   * Members are only removed for good while no pod is being replaced: two that are missing for
   * different reasons could be too many.
   */
  private static MemberChanges changes(
      Planning planning,
      Membership membership,
      Map<String, DataLoss> losses,
      EtcdReplacement replacement) {
    var controlPlane = planning.controlPlane();
    if (!membership.founded()
        || membership.survivor().isPresent()
        || !EtcdRestoring.isSettled(membership)) {
      return new MemberChanges(Set.of(), Set.of(), replacement.retiring(), Optional.empty());
    }
    var lost = new TreeSet<String>();
    var empty = new TreeSet<String>();
    for (int i = 0; i < Math.min(membership.members(), controlPlane.etcdMembers()); i++) {
      var name = controlPlane.names().etcdMember(membership.first() + i);
      switch (losses.get(name)) {
        case NO_DATA -> {
          lost.add(name);
          empty.add(name);
        }
        case UNREADABLE -> lost.add(name);
        case OF_REMOVED -> {}
        case null -> {}
      }
    }
    boolean surplus = membership.members() > controlPlane.etcdMembers();
    return new MemberChanges(
        lost,
        empty,
        replacement.retiring(),
        surplus && rolledOut(planning.observed(), controlPlane)
            ? Optional.of(
                controlPlane.names().etcdMember(membership.first() + membership.members() - 1))
            : Optional.empty());
  }

  private static EtcdReplacement replacement(Planning planning) {
    return planning
        .objects()
        .get(StatefulSet.class, planning.controlPlane().names().etcd())
        .map(set -> EtcdReplacement.next(set, planning.objects(), planning.observed().etcd()))
        .orElse(EtcdReplacement.NONE);
  }

  /**
   * Whether a StatefulSet of somebody else, which replaces pods by itself, has to be kept from that
   * first. An API server refuses to leave it to us while settings of the other way stand there, and
   * only what we have set ourselves is taken away when we no longer set it.
   */
  private static boolean mustBeHeld(Planning planning) {
    var controlPlane = planning.controlPlane();
    return planning
        .objects()
        .get(StatefulSet.class, controlPlane.names().etcd())
        .map(set -> set.getSpec().getUpdateStrategy())
        .map(StatefulSetUpdateStrategy::getRollingUpdate)
        .filter(
            rolling -> !Integer.valueOf(controlPlane.etcdMembers()).equals(rolling.getPartition()))
        .isPresent();
  }

  /**
   * Whether etcd runs the wanted version everywhere, and all members are in order, so that what
   * depends on it may move on.
   *
   * @param desired what is wanted
   */
  public static boolean settled(Observation observed, ControlPlane desired) {
    return rolledOut(observed, desired)
        && observed
            .etcd()
            .map(etcd ->
                etcd.healthy()
                    && recorded(observed, desired)
                        .filter(identity -> EtcdCondition.isOther(etcd, identity))
                        .isEmpty())
            .orElse(true);
  }

  private static boolean rolledOut(Observation observed, ControlPlane desired) {
    return observed
        .objects()
        .get(StatefulSet.class, desired.names().etcd())
        .filter(live ->
            Rollout.of(live).complete()
                && image(live).equals(EtcdVersionChange.image(observed, desired)))
        .isPresent();
  }

  /** With an image that can read the data that there are. */
  private static StatefulSet withImage(StatefulSet desired, Planning planning) {
    desired
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .setImage(EtcdVersionChange.image(planning.observed(), planning.controlPlane()));
    return desired;
  }

  /** Why the API servers cannot be used because of etcd; empty if they can. */
  public static Optional<ConditionState> unavailable(Planning planning) {
    var state = EtcdCondition.of(planning, recorded(planning));
    return switch (state.reason()) {
      case QUORUM_LOST, NOT_CREATED ->
          Optional.of(
              ConditionState.not(
                  ConditionType.AVAILABLE,
                  Reason.QUORUM_LOST,
                  "Too few etcd members are ready to serve"));
      case RECOVERING ->
          Optional.of(
              ConditionState.not(
                  ConditionType.AVAILABLE,
                  state.reason(),
                  "etcd starts with the data of one member"));
      case RESTORING, RESTORE_PENDING ->
          Optional.of(ConditionState.not(ConditionType.AVAILABLE, state.reason(), state.message()));
      case ETCD_DATA_CHANGED ->
          Optional.of(
              ConditionState.not(
                  ConditionType.AVAILABLE,
                  state.reason(),
                  "etcd does not have the data that it had"));
      default -> Optional.empty();
    };
  }

  /**
   * Identity of the cluster of which a majority has lost its data for good; empty if none has, or
   * something is done about it.
   */
  public static Optional<String> lostForGood(Planning planning) {
    var membership = membership(planning.objects(), planning.controlPlane());
    return membership.survivor().isPresent() || membership.restoration().isPresent()
        ? Optional.empty()
        : recorded(planning)
            .filter(_ ->
                EtcdSurvival.isQuorumLost(planning, membership, DataLoss.all(planning.objects())))
            .map(EtcdIdentity::cluster);
  }

  /** How often etcd went on with the data of one member. */
  public static int recoveries(Planning planning) {
    return EtcdMembership.recorded(planning.objects(), planning.controlPlane()).recoveries();
  }

  /** Size of the smallest data volume, or while there is none, the size with which they start. */
  public static Quantity volumeSize(Planning planning) {
    return EtcdVolumes.smallest(planning).orElseGet(() -> initialSize(planning));
  }

  /**
   * With the claim template that is there, whoever has made it: it cannot be changed, and the
   * StatefulSet is not to be made anew for labels.
   */
  private static StatefulSet withClaimTemplate(StatefulSet desired, Planning planning) {
    var live =
        planning
            .objects()
            .get(StatefulSet.class, planning.controlPlane().names().etcd())
            .flatMap(set -> set.getSpec().getVolumeClaimTemplates().stream().findFirst());
    if (live.isEmpty()) {
      return desired;
    }
    return new StatefulSetBuilder(desired)
        .editSpec()
        .editFirstVolumeClaimTemplate()
        .editMetadata()
        .withLabels(live.get().getMetadata().getLabels())
        .endMetadata()
        .editSpec()
        .withStorageClassName(live.get().getSpec().getStorageClassName())
        .endSpec()
        .endVolumeClaimTemplate()
        .endSpec()
        .build();
  }

  /**
   * Size with which data volumes start. A claim template cannot be changed, so what is there stays.
   */
  private static Quantity initialSize(Planning planning) {
    return planning
        .objects()
        .get(StatefulSet.class, planning.controlPlane().names().etcd())
        .map(Etcd::size)
        .orElseGet(() ->
            Optional.ofNullable(planning.controlPlane().etcd())
                .flatMap(settings -> Optional.ofNullable(settings.volumeSize()))
                // Zero is what serialisers write for a size that is not set.
                .filter(size -> size.getNumericalAmount().signum() > 0)
                .orElse(EtcdRenderer.INITIAL_VOLUME_SIZE));
  }

  /**
   * How the members are reached as the controller; empty while the certificates for that are not
   * there yet.
   */
  public static Optional<EtcdAccess> access(LiveObjects objects, ControlPlane controlPlane) {
    var names = controlPlane.names();
    var authorities = pem(objects, names.bundle(names.etcdCa()), PkiRenderer.BUNDLE_KEY);
    var certificate = pem(objects, names.etcdControllerClientCertificate(), "tls.crt");
    var key = pem(objects, names.etcdControllerClientCertificate(), "tls.key");
    if (authorities.isEmpty() || certificate.isEmpty() || key.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new EtcdAccess(
            EtcdMembership.recorded(objects, controlPlane)
                .ordinals()
                .mapToObj(i ->
                    new EtcdAccess.Endpoint(
                        names.etcdMember(i),
                        controlPlane.etcdMemberHost(i),
                        EtcdRenderer.CLIENT_PORT,
                        EtcdMembershipRenderer.peerUrl(controlPlane, i)))
                .toList(),
            authorities.get(),
            certificate.get(),
            key.get()));
  }

  static int quorum(int members) {
    return members / 2 + 1;
  }

  /**
   * Nobody is asked before a pod of a new cluster is ready: until then there is nothing to say that
   * pods do not say as well.
   */
  private static Optional<Action> keeping(
      Planning planning, Optional<EtcdIdentity> recorded, MemberChanges changes) {
    var pods = ReadyPods.of(PodTrouble.pods(planning.objects(), Component.ETCD));
    if (pods.names().isEmpty() && recorded.isEmpty()) {
      return Optional.empty();
    }
    var controlPlane = planning.controlPlane();
    var object = planning.observed().hostedControlPlane();
    return access(planning.objects(), controlPlane)
        .<Action>map(access ->
            new Action.KeepEtcd(
                access,
                pods,
                recorded,
                object.getMetadata().getUid(),
                rolledOut(planning.observed(), controlPlane),
                quota(planning),
                EtcdVolumes.capacity(planning),
                time(object.getStatus(), HostedControlPlaneStatus::etcdLastDefragTime),
                time(object.getStatus(), HostedControlPlaneStatus::etcdLastAttemptedDefragTime),
                changes));
  }

  private static Optional<EtcdIdentity> recorded(Planning planning) {
    return recorded(planning.observed(), planning.controlPlane());
  }

  /**
   * What is recorded of the data that there are now. After a restoration it is for a while what was
   * recorded of those that there were.
   */
  private static Optional<EtcdIdentity> recorded(Observation observed, ControlPlane controlPlane) {
    boolean isOlder =
        membership(observed.objects(), controlPlane)
            .restoration()
            .filter(current -> current.stage() != Restoration.Stage.FENCED)
            .isPresent();
    return recorded(observed.objects(), controlPlane.names())
        .filter(identity ->
            !isOlder
                || observed.etcd().flatMap(ObservedEtcd::identity).equals(Optional.of(identity)));
  }

  private static Optional<EtcdIdentity> recorded(LiveObjects objects, Names names) {
    return objects
        .get(ConfigMap.class, names.etcdIdentity())
        .map(ConfigMap::getData)
        .flatMap(data ->
            Optional.ofNullable(data.get(EtcdRenderer.CLUSTER_KEY))
                .flatMap(cluster ->
                    Optional.ofNullable(data.get(EtcdRenderer.MARK_KEY))
                        .map(mark -> new EtcdIdentity(cluster, mark))));
  }

  /**
   * Bytes that a database may take, as the volumes allow it. One that is in use is only ever
   * raised: the database may have grown up to it.
   */
  public static long quota(Planning planning) {
    long allowed =
        EtcdRenderer.quota(
            EtcdVolumes.capacity(planning)
                .orElseGet(() -> EtcdVolumes.bytes(initialSize(planning))));
    var live =
        planning
            .objects()
            .get(StatefulSet.class, planning.controlPlane().names().etcd())
            .map(EtcdRenderer::quota)
            .orElse(OptionalLong.empty());
    return live.isPresent() && allowed < live.getAsLong() + live.getAsLong() / WORTHWHILE
        ? live.getAsLong()
        : allowed;
  }

  private static Optional<Instant> time(
      @Nullable HostedControlPlaneStatus status,
      Function<HostedControlPlaneStatus, @Nullable String> field) {
    var text = status == null ? null : field.apply(status);
    if (text == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeParseException _) {
      // The schema of the API lets nothing else pass.
      return Optional.empty();
    }
  }

  private static Optional<String> pem(LiveObjects objects, String secret, String key) {
    return objects
        .get(Secret.class, secret)
        .map(Secret::getData)
        .flatMap(data -> Optional.ofNullable(data.get(key)))
        .map(encoded -> new String(Base64.getDecoder().decode(encoded), StandardCharsets.US_ASCII));
  }

  static String image(StatefulSet set) {
    return set.getSpec().getTemplate().getSpec().getContainers().getFirst().getImage();
  }

  private static Quantity size(StatefulSet set) {
    return set.getSpec().getVolumeClaimTemplates().stream()
        .flatMap(claim -> claim.getSpec().getResources().getRequests().entrySet().stream())
        .filter(request -> request.getKey().equals("storage"))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(EtcdRenderer.INITIAL_VOLUME_SIZE);
  }
}
