package dev.hcp.controller.reconcile;

import dev.hcp.api.v1alpha1.EtcdMemberStatus;
import dev.hcp.api.v1alpha1.EtcdStatus;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.ObservedEtcd;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the status says of etcd's members. As long as nobody was asked, that is what it said before:
 * a controller that has just started knows nothing better.
 *
 * @param members the members
 * @param largest size of the largest database
 * @param defragmented when one was last defragmented
 * @param defragmentationTried when that was last begun
 */
record EtcdReport(
    @Nullable EtcdStatus members,
    @Nullable Quantity largest,
    @Nullable String defragmented,
    @Nullable String defragmentationTried) {
  static EtcdReport of(Observation observed) {
    var before = Optional.ofNullable(observed.hostedControlPlane().getStatus());
    var etcd = observed.etcd();
    return new EtcdReport(
        etcd.map(EtcdReport::status)
            .or(() -> before.flatMap(status -> Optional.ofNullable(status.etcd())))
            .orElse(null),
        etcd.flatMap(EtcdReport::largest)
            .or(() -> before.flatMap(status -> Optional.ofNullable(status.etcdVolumeUsage())))
            .orElse(null),
        etcd.flatMap(ObservedEtcd::defragmented)
            .map(EtcdReport::text)
            .or(() -> before.flatMap(status -> Optional.ofNullable(status.etcdLastDefragTime())))
            .orElse(null),
        etcd.flatMap(ObservedEtcd::defragmentationTried)
            .map(EtcdReport::text)
            .or(() ->
                before.flatMap(status -> Optional.ofNullable(status.etcdLastAttemptedDefragTime())))
            .orElse(null));
  }

  private static Optional<Quantity> largest(ObservedEtcd etcd) {
    return etcd.members().stream()
        .flatMap(member -> member.dbSize().stream())
        .max(Comparator.comparing(Quantity::getNumericalAmount));
  }

  private static EtcdStatus status(ObservedEtcd etcd) {
    return new EtcdStatus(
        etcd.cluster().orElse(null),
        etcd.leader().orElse(null),
        etcd.members().stream().map(EtcdReport::member).toList());
  }

  private static EtcdMemberStatus member(ObservedEtcd.Member member) {
    return new EtcdMemberStatus(
        member.name(),
        member.id().orElse(null),
        member.healthy(),
        member.learner(),
        member.version().orElse(null),
        member.dbSize().orElse(null),
        member.alarms().isEmpty() ? null : member.alarms());
  }

  private static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
