package dev.hcp.render.etcd;

import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What is recorded of the members of etcd.
 *
 * @param members how many there are, or are about to be
 * @param founded whether there is a cluster
 * @param survivor the member that starts as the only one, with the data that it has
 * @param recoveries how often that was done before
 */
public record Membership(
    int members, boolean founded, Optional<Survivor> survivor, int recoveries) {
  /**
   * A member with whose data the cluster goes on.
   *
   * @param ordinal its ordinal
   * @param pod identity of the pod that it had when it was chosen
   */
  public record Survivor(int ordinal, String pod) {}

  /** Ordinals of the members. */
  public IntStream ordinals() {
    return IntStream.range(0, members);
  }
}
