package dev.hcp.validation;

import dev.hcp.api.v1alpha1.HostedControlPlaneSpec;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.version.KubernetesVersion;
import dev.hcp.version.VersionTable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which Kubernetes versions can be hosted, and which may follow which. */
final class VersionRules {
  private VersionRules() {}

  static void check(Field field, String version) {
    field.require(
        KubernetesVersion.tryParse(version).flatMap(VersionTable::find).isPresent(),
        version,
        "must be a Kubernetes version %s, for example v1.36.3".formatted(VersionTable.range()));
  }

  /**
   * A version never skips a minor version, counted from what the spec said and from what is still
   * served: API servers may not be more than one minor version apart. It is lowered only to take
   * back a version that is not served everywhere, see {@link Return}.
   */
  static void checkChange(
      Field field,
      HostedControlPlaneSpec old,
      HostedControlPlaneSpec updated,
      @Nullable HostedControlPlaneStatus status) {
    var before = KubernetesVersion.tryParse(old.version());
    var after = KubernetesVersion.tryParse(updated.version());
    if (before.isEmpty() || after.isEmpty() || before.get().equals(after.get())) {
      return;
    }
    if (after.get().compareTo(before.get()) < 0) {
      Return.of(before.get(), after.get(), updated, status)
          .objection()
          .ifPresent(objection -> field.reject(updated.version(), objection));
      return;
    }
    checkStep(field, updated.version(), after.get(), before.get(), "the current %s");
    served(status)
        .filter(version -> version.compareTo(before.get()) < 0)
        .filter(version -> before.get().minor() >= after.get().minor() - 1)
        .ifPresent(version ->
            checkStep(
                field,
                updated.version(),
                after.get(),
                version,
                "%s, which is still served; wait until it no longer is"));
  }

  private static void checkStep(
      Field field, String value, KubernetesVersion to, KubernetesVersion from, String origin) {
    field.require(
        to.major() == from.major() && to.minor() <= from.minor() + 1,
        value,
        "must be at most v%d.%d, one minor version above ".formatted(from.major(), from.minor() + 1)
            + origin.formatted(from));
  }

  private static Optional<KubernetesVersion> served(@Nullable HostedControlPlaneStatus status) {
    return status == null || status.version() == null
        ? Optional.empty()
        : KubernetesVersion.tryParse(status.version());
  }
}
