package dev.hcp.validation;

import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.api.v1alpha1.EtcdMemberStatus;
import dev.hcp.api.v1alpha1.EtcdStatus;
import dev.hcp.api.v1alpha1.HostedControlPlaneSpec;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.api.v1alpha1.VersionStatus;
import dev.hcp.version.KubernetesVersion;
import dev.hcp.version.VersionTable;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A version is taken back. That is possible until all API servers serve it: before, only API
 * servers have written by it, and those of one minor version read what those of the next have
 * written, as they have to in every rollout. Controller-manager and scheduler have never run it.
 *
 * @param from the version that is taken back
 * @param to the one that is wanted again
 * @param etcdFollows whether the version of etcd follows that of Kubernetes
 * @param served versions that API servers serve
 * @param etcd versions that members of etcd run; empty if one does not say
 */
record Return(
    KubernetesVersion from,
    KubernetesVersion to,
    boolean etcdFollows,
    SortedSet<KubernetesVersion> served,
    Optional<List<KubernetesVersion>> etcd) {

  static Return of(
      KubernetesVersion from,
      KubernetesVersion to,
      HostedControlPlaneSpec updated,
      @Nullable HostedControlPlaneStatus status) {
    return new Return(
        from, to, !isChosen(updated.etcd()), served(status), etcd(Optional.ofNullable(status)));
  }

  /** What speaks against it, as what is accepted. */
  Optional<String> objection() {
    if (served.isEmpty() || served.first().compareTo(from) >= 0) {
      return Optional.of("must not be lower than the current %s".formatted(from));
    }
    if (!served.contains(to)) {
      return isAnotherTry()
          ? Optional.empty()
          : Optional.of(
              "must not be lower than the current %s, or else %s, which is still served"
                  .formatted(from, served.first()));
    }
    return etcdFollows && isEtcdBeyond()
        ? Optional.of(
            "must not be lower than %s.0: etcd has been upgraded for that already, and does not go back; choose a version of %s whose API servers start"
                .formatted(from.minorName(), from.minorName()))
        : Optional.empty();
  }

  /**
   * Whether nobody serves the version that is taken back, and another patch of the same minor
   * version takes its place: the way out where etcd is ahead.
   */
  private boolean isAnotherTry() {
    return !served.contains(from)
        && to.major() == from.major()
        && to.minor() == from.minor()
        && to.compareTo(served.last()) > 0;
  }

  /**
   * Whether a member runs, or may run, a later minor version of etcd than belongs to the target.
   */
  private boolean isEtcdBeyond() {
    var belongs = tag(to);
    if (belongs.equals(tag(from))) {
      return false;
    }
    Predicate<KubernetesVersion> beyond =
        version -> belongs.filter(b -> minor(version) <= minor(b)).isEmpty();
    return etcd.filter(versions -> versions.stream().noneMatch(beyond)).isEmpty();
  }

  private static int minor(KubernetesVersion version) {
    return version.major() * 1000 + version.minor();
  }

  private static Optional<KubernetesVersion> tag(KubernetesVersion version) {
    return VersionTable.find(version)
        .map(VersionTable.Components::etcd)
        .flatMap(KubernetesVersion::tryParse);
  }

  private static boolean isChosen(@Nullable EtcdComponent settings) {
    return settings != null
        && settings.image() != null
        && (settings.image().tag() != null || settings.image().digest() != null);
  }

  private static SortedSet<KubernetesVersion> served(@Nullable HostedControlPlaneStatus status) {
    var served = new TreeSet<KubernetesVersion>();
    if (status != null && status.versions() != null) {
      status.versions().stream()
          .map(VersionStatus::version)
          .flatMap(version -> KubernetesVersion.tryParse(version).stream())
          .forEach(served::add);
    }
    return served;
  }

  private static Optional<List<KubernetesVersion>> etcd(Optional<HostedControlPlaneStatus> status) {
    var members =
        status
            .map(HostedControlPlaneStatus::etcd)
            .map(EtcdStatus::members)
            .filter(all -> !all.isEmpty());
    var versions =
        members.stream()
            .flatMap(List::stream)
            .map(EtcdMemberStatus::version)
            .flatMap(Stream::ofNullable)
            .flatMap(version -> KubernetesVersion.tryParse(version).stream())
            .toList();
    return members.filter(all -> all.size() == versions.size()).map(_ -> versions);
  }
}
