package dev.hcp.render.etcd;

import dev.hcp.model.ControlPlane;

/**
 * What is recorded of a restoration from the moment on at which it changes the control plane.
 *
 * @param uid identity of the HostedControlPlaneRestore
 * @param name its name
 * @param backup name of the backup
 * @param stage how far it is
 * @param former the members that etcd had before, whose volumes are kept
 */
public record Restoration(String uid, String name, String backup, Stage stage, Former former) {
  /** How far a restoration is. */
  public enum Stage {
    /** The data are on a new volume. API servers, and all that use them, stop. */
    FENCED,
    /** etcd has one member, which starts with these data. */
    SWITCHED,
    /** etcd serves these data, and API servers start. There is no way back. */
    RELEASED
  }

  /**
   * The members that etcd had.
   *
   * @param first ordinal of the first one
   * @param members how many there were
   * @param founded whether there was a cluster
   */
  public record Former(int first, int members, boolean founded) {}

  /** The same at another stage. */
  public Restoration at(Stage next) {
    return new Restoration(uid, name, backup, next, former);
  }

  /** Ordinal of the first member after a restoration of a cluster whose first one is this. */
  public static int otherFirst(int first) {
    return (first + ControlPlane.MOST_ETCD_MEMBERS) % ControlPlane.ETCD_ORDINALS;
  }
}
