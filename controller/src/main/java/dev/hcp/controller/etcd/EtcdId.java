package dev.hcp.controller.etcd;

/**
 * Identity of a member or of a cluster of etcd.
 *
 * @param value an unsigned number; 0 stands for none
 */
public record EtcdId(long value) {
  /** Nobody: for example the leader while there is none. */
  public static final EtcdId NONE = new EtcdId(0);

  /** Whether this is the identity of anything. */
  public boolean exists() {
    return value != 0;
  }

  /** As etcd itself writes it: hexadecimal. */
  @Override
  public String toString() {
    return Long.toHexString(value);
  }
}
