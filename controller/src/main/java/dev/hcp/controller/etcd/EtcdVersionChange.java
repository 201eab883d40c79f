package dev.hcp.controller.etcd;

import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.controller.plan.Observation;
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
