package dev.hcp.controller.restore;

import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.api.v1alpha1.GoDuration;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.QuorumLossPolicy;
import dev.hcp.controller.etcd.Etcd;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Planning;
import dev.hcp.render.backup.RestoreRenderer;
import java.util.List;
import java.util.Optional;

/** Asks for a restoration when a majority has lost its data, if the user has allowed that. */
final class QuorumLoss {
  private QuorumLoss() {}

  /**
   * The request; none if there is no need, or it was made. There is one for each etcd that was
   * lost, so that one that fails is not repeated for ever.
   *
   * @param restores those that there are
   */
  static Optional<Action> request(Planning planning, List<HostedControlPlaneRestore> restores) {
    var settings =
        Optional.ofNullable(planning.controlPlane().etcd())
            .map(EtcdComponent::quorumLoss)
            .filter(loss -> loss.policy() == QuorumLossPolicy.FROM_BACKUP);
    return settings.flatMap(loss ->
        Etcd.lostForGood(planning)
            .map(cluster ->
                "%s-quorum-loss-%s".formatted(planning.controlPlane().names().cluster(), cluster))
            .filter(name ->
                restores.stream()
                    .noneMatch(restore -> restore.getMetadata().getName().equals(name)))
            .map(name ->
                new Action.RequestRestore(
                    RestoreRenderer.newest(
                        planning.controlPlane(),
                        name,
                        Optional.ofNullable(loss.maxBackupAge())
                            .map(GoDuration::parse)
                            .map(planning.observed().at()::minus)))));
  }
}
