package dev.hcp.controller.plan;

import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The etcd of a hosted cluster as it answered last. Holds nothing that changes while nothing
 * happens: a change is worth a pass.
 *
 * @param serves whether a majority of the members agreed on an answer
 * @param trouble why not, in a sentence; empty if it serves
 * @param cluster identity of the cluster, hexadecimal; empty if no member answered
 * @param mark the mark that the data carry; empty if there is none, or etcd does not serve
 * @param leader name of the member that leads; empty if there is none, or it is not among those
 *     that there shall be
 * @param mostAdvanced name of the member that has most of the log, of those that answer while etcd
 *     does not serve; empty otherwise
 * @param members all members that there shall be, in the order of their ordinals
 * @param strangers what belongs to the cluster besides, by name or else identity, sorted
 * @param defragmented when a member was last defragmented
 * @param defragmentationTried when that was last begun
 * @param pods the pods that were ready when the members were asked
 * @param maintained whether databases may have been maintained since
 * @param filling the quota of which a database has nearly used up all that is not free within it;
 *     empty if none has
 * @param corruption what is known of it while etcd says that the data of its members differ; empty
 *     while it does not
 */
public record ObservedEtcd(
    boolean serves,
    Optional<String> trouble,
    Optional<String> cluster,
    Optional<String> mark,
    Optional<String> leader,
    Optional<String> mostAdvanced,
    List<Member> members,
    List<String> strangers,
    Optional<Instant> defragmented,
    Optional<Instant> defragmentationTried,
    ReadyPods pods,
    boolean maintained,
    OptionalLong filling,
    Optional<Corruption> corruption) {
  /** Copies the lists. */
  public ObservedEtcd {
    members = List.copyOf(members);
    strangers = List.copyOf(strangers);
  }

  /**
   * A member that there shall be.
   *
   * @param name its name, which is that of its pod
   * @param problem why it does not answer, in a sentence; empty if it does. All else is then older
   * @param id its identity, hexadecimal; empty if it never answered
   * @param listed whether the cluster counts it among its members
   * @param started whether it has ever run since it was added to the cluster
   * @param learner whether it has no vote yet
   * @param behind whether it lacks much of what the others have
   * @param otherCluster identity of the cluster that it belongs to, if that is another
   * @param version version of etcd that it runs
   * @param dbSize size of its database, rounded up to a power of two
   * @param alarms alarms about it, as etcd writes them, sorted
   */
  public record Member(
      String name,
      Optional<String> problem,
      Optional<String> id,
      boolean listed,
      boolean started,
      boolean learner,
      boolean behind,
      Optional<String> otherCluster,
      Optional<String> version,
      Optional<Quantity> dbSize,
      List<String> alarms) {
    /** Copies the list. */
    public Member {
      alarms = List.copyOf(alarms);
    }

    /** Whether it answers, has a vote and the data, and nothing is said against it. */
    public boolean healthy() {
      return problem.isEmpty()
          && listed
          && !learner
          && !behind
          && otherCluster.isEmpty()
          && alarms.isEmpty();
    }
  }

  /**
   * What came out when the data of the members were compared.
   *
   * @param differing name of the one member whose data differ from those of all others, which have
   *     the same; empty if no member is singled out
   * @param agreed whether the data of all are the same
   * @param seen what was seen, in a clause; empty before they were compared
   */
  public record Corruption(Optional<String> differing, boolean agreed, Optional<String> seen) {
    /** Before they were compared. */
    public static final Corruption UNEXAMINED =
        new Corruption(Optional.empty(), false, Optional.empty());

    /** They could not be compared, or it says nothing. */
    public static Corruption undecided(String why) {
      return new Corruption(Optional.empty(), false, Optional.of(why));
    }
  }

  /** The same, with what came out when the data of the members were compared. */
  public ObservedEtcd with(Corruption compared) {
    return new ObservedEtcd(
        serves,
        trouble,
        cluster,
        mark,
        leader,
        mostAdvanced,
        members,
        strangers,
        defragmented,
        defragmentationTried,
        pods,
        maintained,
        filling,
        Optional.of(compared));
  }

  /** Which etcd, and which data, as far as a majority has said so. */
  public Optional<EtcdIdentity> identity() {
    return serves ? cluster.flatMap(c -> mark.map(m -> new EtcdIdentity(c, m))) : Optional.empty();
  }

  /** Whether it serves, by the members that there shall be and no others, and all are healthy. */
  public boolean healthy() {
    return serves
        && strangers.isEmpty()
        && corruption.isEmpty()
        && members.stream().allMatch(Member::healthy);
  }

  /** Whether any member answers. */
  public boolean reached() {
    return members.stream().anyMatch(member -> member.problem().isEmpty());
  }
}
