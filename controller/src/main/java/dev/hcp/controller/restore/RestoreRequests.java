package dev.hcp.controller.restore;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestoreSpec;
import dev.hcp.api.v1alpha1.RestoreSource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Restorations that the controller asks for itself. */
public final class RestoreRequests {
  private RestoreRequests() {}

  /**
   * One of the newest backup of a control plane.
   *
   * @param since when the backup was begun at the earliest; empty for any time
   */
  public static HostedControlPlaneRestore newest(
      HostedControlPlane controlPlane, String name, Optional<Instant> since) {
    var restore = new HostedControlPlaneRestore();
    restore.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(controlPlane.getMetadata().getNamespace())
            .withName(name)
            .build());
    restore.setSpec(
        new HostedControlPlaneRestoreSpec(
            controlPlane.getMetadata().getName(),
            since
                .map(time ->
                    new RestoreSource(
                        null,
                        null,
                        time.truncatedTo(ChronoUnit.SECONDS).toString(),
                        null,
                        null,
                        null))
                .orElse(null),
            null));
    return restore;
  }
}
