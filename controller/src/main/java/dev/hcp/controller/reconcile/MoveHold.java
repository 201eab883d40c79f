package dev.hcp.controller.reconcile;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.controller.backup.Backup;
import dev.hcp.controller.etcd.Etcd;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.naming.Labels;
import dev.hcp.version.KubernetesVersion;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.Optional;
import java.util.Set;

/**
 * Why a control plane must not be moved to another management cluster for now: something is under
 * way whose beginning would be moved and whose end would not, because its pods and volumes stay.
 * What can go on there, such as the rotation of a key, holds nobody up.
 */
final class MoveHold {
  private static final String RESTORING = "a backup is being restored";
  private static final String RECOVERING = "etcd is being recovered with the data of one member";
  private static final String CHANGING_MEMBERS = "members of etcd are being added or removed";

  private static final String REPLACING_MACHINES =
      "machines are being replaced for spec.rotation.kubernetesCA";

  /** What pods, volumes and machines are in the middle of, whatever the spec says. */
  private static final Set<String> HALF_DONE =
      Set.of(RESTORING, RECOVERING, CHANGING_MEMBERS, REPLACING_MACHINES);

  private MoveHold() {}

  /** The reason, which is the same as long as nothing changes; empty if it can be moved. */
  static Optional<String> of(Planning planning) {
    var observed = planning.observed();
    var membership = Etcd.membership(observed.objects(), planning.controlPlane());
    if (planning.restoring().order().isPresent() || membership.restoration().isPresent()) {
      return Optional.of(RESTORING);
    }
    if (membership.survivor().isPresent()) {
      return Optional.of(RECOVERING);
    }
    if (membership.founded()
        && (membership.members() != planning.controlPlane().etcdMembers()
            || observed.etcd().filter(MoveHold::isChangingMembers).isPresent())) {
      return Optional.of(CHANGING_MEMBERS);
    }
    if (observed.machines().filter(machines -> !machines.deployments().isEmpty()).isPresent()) {
      // Over there all MachineSets are younger than the time by which machines are replaced.
      return Optional.of(REPLACING_MACHINES);
    }
    if (observed.initialized() && isOnTheWay(planning)) {
      return Optional.of("spec.version is not served by all API servers yet");
    }
    return Backup.outstandingRequest(planning)
        .map(request -> "a backup was asked for and is not made yet: " + request);
  }

  /**
   * Over there everything starts with the version in the spec, whatever holds it back here. The
   * controller-manager takes a version only once all API servers serve it.
   */
  private static boolean isOnTheWay(Planning planning) {
    var observed = planning.observed();
    var wanted = KubernetesVersion.parse(observed.hostedControlPlane().getSpec().version());
    return observed
        .objects()
        .get(Deployment.class, planning.controlPlane().names().controllerManager())
        .map(Rollout::of)
        .flatMap(Rollout::version)
        .flatMap(KubernetesVersion::tryParse)
        .filter(version -> !version.equals(wanted))
        .isPresent();
  }

  /**
   * The reason while the spec is refused, and so nothing goes on: what is half done stays one, what
   * the spec only asks for does not.
   */
  static Optional<String> ofRefused(HostedControlPlane object) {
    return shown(object).filter(HALF_DONE::contains);
  }

  /** The reason that the object shows. */
  static Optional<String> shown(HostedControlPlane object) {
    return Optional.ofNullable(object.getMetadata().getAnnotations())
        .flatMap(notes -> Optional.ofNullable(notes.get(Labels.BLOCK_MOVE_ANNOTATION)));
  }

  /** A member that belongs to the cluster in part: of whom a majority has to be told yet. */
  private static boolean isChangingMembers(ObservedEtcd etcd) {
    return etcd.serves()
        && (!etcd.strangers().isEmpty()
            || etcd.members().stream().anyMatch(member -> member.learner() || !member.listed()));
  }
}
