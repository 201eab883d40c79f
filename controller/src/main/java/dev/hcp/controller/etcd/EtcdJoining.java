package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.Planning;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Labels;
import dev.hcp.render.etcd.EtcdMembershipRenderer;
import dev.hcp.render.etcd.EtcdRenderer;
import dev.hcp.render.etcd.Membership;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * What pods and volumes need so that members without usable data can join: a pod is told whom to
 * join once the cluster expects its member, and no longer when it has started. Otherwise one that
 * loses its data would take part again as if it still had them. A volume whose data are worth
 * nothing goes, and its pod gets a new one.
 *
 * @param actions annotations to change
 * @param obsolete pods to delete so that they start anew, and volumes
 */
record EtcdJoining(List<Action> actions, List<HasMetadata> obsolete) {
  /**
   * A container that was started again more often than this will not be again soon enough; a new
   * pod is faster.
   */
  private static final int PATIENCE = 2;

  private static final EtcdJoining NONE = new EtcdJoining(List.of(), List.of());

  /** Copies the lists. */
  EtcdJoining {
    actions = List.copyOf(actions);
    obsolete = List.copyOf(obsolete);
  }

  /**
   * What is to be done now.
   *
   * @param kept ordinal of the volume on which a backup is being restored
   */
  static EtcdJoining of(
      Planning planning, Membership recorded, Map<String, DataLoss> losses, OptionalInt kept) {
    var observed = planning.observed().etcd().filter(ObservedEtcd::serves);
    if (observed.isEmpty() || !recorded.founded() || recorded.survivor().isPresent()) {
      return NONE;
    }
    var controlPlane = planning.controlPlane();
    var actions = new ArrayList<Action>();
    var obsolete = new ArrayList<HasMetadata>();
    int end = recorded.first() + Math.max(recorded.members(), controlPlane.etcdMembers());
    for (int ordinal : recorded.ordinals().toArray()) {
      var pod = pod(planning, ordinal);
      var member = member(observed.get(), controlPlane.names().etcdMember(ordinal));
      if (pod.isEmpty() || member.isEmpty()) {
        continue;
      }
      var loss = losses.get(member.get().name());
      if (member.get().listed()) {
        tell(
            pod.get(),
            initialCluster(planning, recorded, observed.get(), member.get()),
            actions,
            obsolete);
      } else if (ordinal - recorded.first() < controlPlane.etcdMembers()
          && loss != null
          && loss != DataLoss.NO_DATA) {
        obsolete.add(pod.get());
        claim(planning, ordinal).ifPresent(obsolete::add);
      }
    }
    // Whoever gets these volumes later must not find the data of a member that was removed.
    IntStream.range(0, ControlPlane.ETCD_ORDINALS)
        .filter(ordinal -> ordinal < recorded.first() || ordinal >= end)
        .filter(ordinal -> !isKept(recorded, kept, ordinal))
        .filter(ordinal -> pod(planning, ordinal).isEmpty())
        .mapToObj(ordinal -> claim(planning, ordinal))
        .flatMap(Optional::stream)
        .forEach(obsolete::add);
    return new EtcdJoining(actions, obsolete);
  }

  /**
   * Whether a volume has data of before a restoration that is not over, or those that it brings.
   */
  private static boolean isKept(Membership recorded, OptionalInt kept, int ordinal) {
    return recorded.restoration().isPresent() || (kept.isPresent() && kept.getAsInt() == ordinal);
  }

  private static void tell(
      Pod pod, Optional<String> cluster, List<Action> actions, List<HasMetadata> obsolete) {
    var annotations = pod.getMetadata().getAnnotations();
    var told = Optional.ofNullable(annotations).map(present -> present.get(Labels.JOIN_ANNOTATION));
    if (pod.getMetadata().getDeletionTimestamp() != null || told.equals(cluster)) {
      return;
    }
    if (cluster.isPresent() && DataLoss.restarts(pod) > PATIENCE) {
      obsolete.add(pod);
    } else {
      actions.add(new Action.Annotate(pod, Labels.JOIN_ANNOTATION, cluster));
    }
  }

  /** The members that a member is to join; empty unless it is to. */
  private static Optional<String> initialCluster(
      Planning planning, Membership recorded, ObservedEtcd observed, ObservedEtcd.Member member) {
    if (member.started() || !observed.strangers().isEmpty()) {
      return Optional.empty();
    }
    var controlPlane = planning.controlPlane();
    return Optional.of(
        EtcdMembershipRenderer.initialCluster(
            controlPlane,
            IntStream.range(0, observed.members().size())
                .filter(position -> observed.members().get(position).listed())
                .map(position -> recorded.first() + position)));
  }

  private static Optional<ObservedEtcd.Member> member(ObservedEtcd observed, String name) {
    return observed.members().stream().filter(member -> member.name().equals(name)).findFirst();
  }

  private static Optional<Pod> pod(Planning planning, int ordinal) {
    return planning.objects().get(Pod.class, planning.controlPlane().names().etcdMember(ordinal));
  }

  private static Optional<PersistentVolumeClaim> claim(Planning planning, int ordinal) {
    return planning
        .objects()
        .get(PersistentVolumeClaim.class, EtcdRenderer.claim(planning.controlPlane(), ordinal))
        .filter(claim -> Objects.isNull(claim.getMetadata().getDeletionTimestamp()));
  }
}
