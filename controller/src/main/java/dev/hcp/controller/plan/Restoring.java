package dev.hcp.controller.plan;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What restorations want of the rest of a control plane.
 *
 * @param order what is wanted of etcd; empty if no backup is to be restored
 * @param volume ordinal of the volume of etcd on which a backup is being restored; empty if none is
 * @param founding why etcd is not founded; empty if it may be
 * @param fence why there are no API servers, and none of what uses them; empty if there are
 */
public record Restoring(
    Optional<Order> order, OptionalInt volume, Optional<String> founding, Optional<String> fence) {
  /** There is no restoration. */
  public static final Restoring NONE =
      new Restoring(Optional.empty(), OptionalInt.empty(), Optional.empty(), Optional.empty());

  /**
   * A restoration.
   *
   * @param uid identity of the HostedControlPlaneRestore
   * @param name its name
   * @param prepared name of the backup whose data are on the volume; empty while they are not
   * @param cancelled whether it is given up, as long as that is possible
   */
  public record Order(String uid, String name, Optional<String> prepared, boolean cancelled) {}
}
