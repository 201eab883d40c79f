package dev.hcp.controller.plan;

import java.util.List;

/**
 * How the etcd of one hosted cluster is reached, and as whom.
 *
 * @param members where its members answer clients, in the order of their ordinals
 * @param authorities certificates by which members are trusted, PEM
 * @param certificate the certificate that is shown to members, PEM
 * @param key its private key, PEM
 */
public record EtcdAccess(
    List<Endpoint> members, String authorities, String certificate, String key) {
  /** Copies the list. */
  public EtcdAccess {
    members = List.copyOf(members);
  }

  /**
   * Where a member answers clients.
   *
   * @param member name of the member, which is that of its pod
   * @param host name that its certificate is for
   * @param port its port for clients
   * @param peerUrl where other members reach it
   */
  public record Endpoint(String member, String host, int port, String peerUrl) {}

  /** Without the key. */
  @Override
  public String toString() {
    return "EtcdAccess%s".formatted(members);
  }
}
