package dev.hcp.controller.etcd;

import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.upgrade.Upgrade;
import dev.hcp.model.ControlPlane;
import dev.hcp.version.KubernetesVersion;
import dev.hcp.version.VersionTable;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Another version of etcd is to run on the data. Some cannot be taken back: etcd does not read the
 * data of a later minor version.
 *
 * @param from version that all members run, or are on the way to
 * @param to version that belongs to the Kubernetes version in the spec
 */
public record EtcdVersionChange(String from, String to) {
  /** The change that lies ahead; empty if there is none, or the user has chosen a version. */
  public static Optional<EtcdVersionChange> ahead(Observation observed, ControlPlane controlPlane) {
    return wanted(observed, controlPlane).filter(change -> !change.isBack() && !isHeld(observed));
  }

  /**
   * The version at which etcd stays though another one belongs to the Kubernetes version in the
   * spec: because that Kubernetes version is held back, or is an older one that API servers go back
   * to, with the etcd that they have. Empty if it does not stay.
   */
  public static Optional<String> kept(Observation observed, ControlPlane controlPlane) {
    return wanted(observed, controlPlane)
        .filter(change -> change.isBack() || isHeld(observed))
        .map(EtcdVersionChange::from);
  }

  private static boolean isHeld(Observation observed) {
    return Upgrade.ahead(observed).filter(Upgrade::isHeld).isPresent();
  }

  private boolean isBack() {
    var before = KubernetesVersion.tryParse(from);
    var after = KubernetesVersion.tryParse(to);
    return before.isPresent() && after.isPresent() && after.get().compareTo(before.get()) < 0;
  }

  private static Optional<EtcdVersionChange> wanted(
      Observation observed, ControlPlane controlPlane) {
    if (isChosen(controlPlane.etcd())) {
      return Optional.empty();
    }
    var wanted =
        VersionTable.find(
                KubernetesVersion.parse(observed.hostedControlPlane().getSpec().version()))
            .map(VersionTable.Components::etcd);
    return observed
        .objects()
        .get(StatefulSet.class, controlPlane.names().etcd())
        .map(Etcd::image)
        .map(image -> image.substring(image.lastIndexOf(':') + 1))
        .flatMap(from ->
            wanted.filter(to -> !to.equals(from)).map(to -> new EtcdVersionChange(from, to)));
  }

  private static boolean isChosen(@Nullable EtcdComponent settings) {
    return settings != null
        && settings.image() != null
        && (settings.image().tag() != null || settings.image().digest() != null);
  }
}
