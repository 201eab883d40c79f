package dev.hcp.render.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What is recorded of the members of etcd.
 *
 * @param first ordinal of the first member
 * @param members how many there are, or are about to be, with consecutive ordinals
 * @param founded whether there is a cluster
 * @param survivor the member that starts as the only one, with the data that it has
 * @param recoveries how often that was done before
 * @param restoration the restoration that is changing the control plane
 * @param restored restorations that succeeded; empty if none has
 */
public record Membership(
    int first,
    int members,
    boolean founded,
    Optional<Survivor> survivor,
    int recoveries,
    Optional<Restoration> restoration,
    Optional<Restored> restored) {
  /**
   * A member with whose data the cluster goes on.
   *
   * @param ordinal its ordinal
   * @param pod identity of the pod that it had when it was chosen
   */
  public record Survivor(int ordinal, String pod) {}

  /**
   * Restorations that have succeeded.
   *
   * @param uid identity of the last HostedControlPlaneRestore
   * @param names the names of all, the last one last; of very many only the last ones
   */
  public record Restored(String uid, List<String> names) {
    private static final int MOST = 100;

    /** Copies the list. */
    public Restored {
      names = List.copyOf(names);
    }

    private static Restored after(Optional<Restored> before, Restoration done) {
      var names = new ArrayList<>(before.map(Restored::names).orElse(List.of()));
      names.remove(done.name());
      names.add(done.name());
      return new Restored(
          done.uid(), names.subList(Math.max(0, names.size() - MOST), names.size()));
    }
  }

  /** Members that nothing special has happened to. */
  public static Membership of(int members, boolean founded) {
    return new Membership(
        0, members, founded, Optional.empty(), 0, Optional.empty(), Optional.empty());
  }

  /** Ordinals of the members. */
  public IntStream ordinals() {
    return IntStream.range(first, first + members);
  }

  /** The same with another number of members. */
  public Membership withMembers(int number) {
    return new Membership(first, number, founded, survivor, recoveries, restoration, restored);
  }

  /** The same with a survivor. */
  public Membership withSurvivor(Survivor chosen) {
    return new Membership(
        first, members, founded, Optional.of(chosen), recoveries, restoration, restored);
  }

  /** The same after the survivor has started as the only member. */
  public Membership recovered() {
    return new Membership(
        first, members, founded, Optional.empty(), recoveries + 1, restoration, restored);
  }

  /** The same with a cluster. */
  public Membership asFounded() {
    return new Membership(first, members, true, survivor, recoveries, restoration, restored);
  }

  /** The same with this restoration, or none. */
  public Membership with(Optional<Restoration> changing) {
    return new Membership(first, members, founded, survivor, recoveries, changing, restored);
  }

  /** The only member, with restored data. */
  public Membership switched(Restoration changing) {
    return new Membership(
        Restoration.otherFirst(changing.former().first()),
        1,
        true,
        Optional.empty(),
        recoveries,
        Optional.of(changing),
        restored);
  }

  /** The members that there were before a restoration. */
  public Membership switchedBack(Restoration given) {
    var former = given.former();
    return new Membership(
        former.first(),
        former.members(),
        former.founded(),
        Optional.empty(),
        recoveries,
        Optional.empty(),
        restored);
  }

  /** The same after a restoration has succeeded. */
  public Membership restored(Restoration done) {
    return new Membership(
        first,
        members,
        founded,
        survivor,
        recoveries,
        Optional.empty(),
        Optional.of(Restored.after(restored, done)));
  }
}
