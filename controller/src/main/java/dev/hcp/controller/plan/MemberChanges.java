package dev.hcp.controller.plan;

import java.util.Optional;
import java.util.Set;

/**
 * What shall become of members of etcd. Each is done only when that endangers nothing.
 *
 * @param lost names of members that have no data that they could use. They are removed, so that
 *     they can join anew
 * @param empty those that have no data at all, and can be added
 * @param retiring name of a member that shall hand over leadership, if it leads
 * @param leaving name of a member that shall be removed for good
 */
public record MemberChanges(
    Set<String> lost, Set<String> empty, Optional<String> retiring, Optional<String> leaving) {
  /** All shall stay as they are. */
  public static final MemberChanges NONE =
      new MemberChanges(Set.of(), Set.of(), Optional.empty(), Optional.empty());

  /** Copies the sets. */
  public MemberChanges {
    lost = Set.copyOf(lost);
    empty = Set.copyOf(empty);
  }
}
