package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.EtcdIdentity;
import dev.hcp.controller.plan.LiveObjects;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Restoring;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.render.etcd.Membership;
import dev.hcp.render.etcd.Restoration;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How etcd goes over to the data of a backup, which are on a new volume already. Each stage is
 * recorded before anything is done that belongs to it, so whoever starts anew goes on from there.
 *
 * <ol>
 *   <li>API servers, and all that use them, stop: nobody must write any more, or read what is about
 *       to be older than what was read before.
 *   <li>The members that there were go, their volumes stay. One member, with an ordinal that was
 *       not in use, starts on the new volume.
 *   <li>Once it serves, API servers start, and the other members are made anew from it.
 *   <li>When everything is in order, the volumes that there were go.
 * </ol>
 *
 * <p>Until API servers start there is a way back: to the members and the volumes that there were.
 */
final class EtcdRestoring {
  /** What reads and writes through API servers, and these. */
  private static final Set<String> FENCED =
      Set.of(
          Component.API_SERVER.label(),
          Component.CONTROLLER_MANAGER.label(),
          Component.SCHEDULER.label());

  private EtcdRestoring() {}

  /**
   * What is to be recorded next.
   *
   * @param identity which etcd it is, as far as that is recorded for the data that it has now
   */
  static Membership next(Planning planning, Membership recorded, Optional<EtcdIdentity> identity) {
    var order = planning.restoring().order();
    var restoration = recorded.restoration();
    if (restoration.isEmpty()) {
      return order
          .filter(wanted -> !wanted.cancelled())
          .flatMap(wanted -> wanted.prepared().map(backup -> begin(recorded, wanted, backup)))
          .orElse(recorded);
    }
    var current = restoration.get();
    boolean cancelled =
        order
            .filter(wanted -> wanted.uid().equals(current.uid()))
            .filter(Restoring.Order::cancelled)
            .isPresent();
    return switch (current.stage()) {
      case FENCED ->
          // Whoever deletes the order before etcd is touched cancels it.
          cancelled || order.filter(wanted -> wanted.uid().equals(current.uid())).isEmpty()
              ? recorded.with(Optional.empty())
              : isFenced(planning)
                  ? recorded.switched(current.at(Restoration.Stage.SWITCHED))
                  : recorded;
      case SWITCHED ->
          cancelled
              ? recorded.switchedBack(current)
              : planning.observed().etcd().filter(ObservedEtcd::serves).isPresent()
                  ? recorded.with(Optional.of(current.at(Restoration.Stage.RELEASED)))
                  : recorded;
      case RELEASED -> isOver(planning, recorded, identity) ? recorded.restored(current) : recorded;
    };
  }

  /** Whether the restoration leaves members as they are. */
  static boolean isSettled(Membership recorded) {
    return recorded
        .restoration()
        .map(current -> current.stage() == Restoration.Stage.RELEASED)
        .orElse(true);
  }

  private static Membership begin(Membership recorded, Restoring.Order wanted, String backup) {
    return recorded.with(
        Optional.of(
            new Restoration(
                wanted.uid(),
                wanted.name(),
                backup,
                Restoration.Stage.FENCED,
                new Restoration.Former(recorded.first(), recorded.members(), recorded.founded()))));
  }

  /** Whether nobody uses etcd, and nobody the new volume. */
  private static boolean isFenced(Planning planning) {
    var objects = planning.objects();
    var names = planning.controlPlane().names();
    return users(objects, names).isEmpty()
        && List.of(names.apiServer(), names.controllerManager(), names.scheduler()).stream()
            .allMatch(name -> isStopped(objects, name));
  }

  /** The pods that use etcd, or the new volume. */
  static List<Pod> users(LiveObjects objects, Names names) {
    return objects.all(Pod.class).stream()
        .filter(pod -> {
          var component = pod.getMetadata().getLabels().get(Labels.COMPONENT);
          return pod.getMetadata().getName().equals(names.restore())
              || (component != null && FENCED.contains(component));
        })
        .toList();
  }

  private static boolean isStopped(LiveObjects objects, String deployment) {
    return objects
        .get(Deployment.class, deployment)
        .map(Rollout::of)
        .map(rollout -> rollout.current() && rollout.wanted() == 0 && rollout.total() == 0)
        .orElse(true);
  }

  private static boolean isOver(
      Planning planning, Membership recorded, Optional<EtcdIdentity> identity) {
    return identity.isPresent()
        && recorded.members() == planning.controlPlane().etcdMembers()
        && planning
            .observed()
            .etcd()
            .filter(ObservedEtcd::healthy)
            // What was said before the last one was added says nothing of it.
            .filter(etcd -> etcd.members().size() == recorded.members())
            .filter(etcd -> etcd.identity().equals(identity))
            .isPresent()
        && haveStarted(planning.objects(), planning.controlPlane().names());
  }

  private static boolean haveStarted(LiveObjects objects, Names names) {
    return objects
        .get(Deployment.class, names.apiServer())
        .map(Rollout::of)
        .filter(rollout -> rollout.complete() && rollout.available() > 0)
        .isPresent();
  }
}
