package dev.hcp.controller.etcd;

import java.util.List;

/**
 * Who belongs to a cluster of etcd.
 *
 * @param cluster identity of the cluster
 * @param members all members, whether they run or not
 */
public record MemberList(EtcdId cluster, List<Entry> members) {
  /** Copies the list. */
  public MemberList {
    members = List.copyOf(members);
  }

  /**
   * A member.
   *
   * @param id its identity
   * @param name its name; empty if it has never run
   * @param peerUrls where other members reach it
   * @param learner whether it has no vote yet
   */
  public record Entry(EtcdId id, String name, List<String> peerUrls, boolean learner) {
    /** Copies the list. */
    public Entry {
      peerUrls = List.copyOf(peerUrls);
    }

    /** Whether it has ever run since it was added. */
    public boolean started() {
      return !name.isEmpty();
    }
  }
}
