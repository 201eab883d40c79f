package dev.hcp.controller.etcd;

import dev.hcp.controller.etcd.EtcdMaintenance.Task;
import dev.hcp.controller.plan.MemberChanges;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is to be changed of who belongs to a cluster next. One thing at a time, each by a look of
 * its own, and none that could cost the majority:
 *
 * <ul>
 *   <li>A member without usable data is removed if the others that are in order are a majority of
 *       those that remain. It must not take part as what it was: it has forgotten what it agreed
 *       to.
 *   <li>A member that has no data and does not belong to the cluster is added as a learner, which
 *       has no vote, and gets its vote once it has the data.
 *   <li>A member that leaves is removed while all others are in order, after another leads.
 * </ul>
 */
final class EtcdMemberChange {
  private static final int ALL = 100;

  /** etcd refuses a vote to learners that have less of the log; a percentage. */
  private static final int IN_SYNC = 90;

  private EtcdMemberChange() {}

  /** The next thing to do; empty if nothing has to be done, or can be. */
  static Optional<Task> next(EtcdLook look, MemberChanges changes) {
    var leader = look.leader();
    if (leader.isEmpty() || look.read().isEmpty() || look.list().isEmpty()) {
      return Optional.empty();
    }
    var learner =
        look.list().get().members().stream().filter(MemberList.Entry::learner).findFirst();
    if (learner.isPresent()) {
      return settle(look, changes, leader.get(), learner.get());
    }
    var lost = silentMembers(look, changes.lost());
    if (!lost.isEmpty()) {
      return lost.stream()
          .filter(name -> canSpare(look, name))
          .findFirst()
          .flatMap(name -> remove(look, leader.get(), name));
    }
    return look.wanted().stream()
        .filter(name -> changes.empty().contains(name) && look.entry(name).isEmpty())
        .findFirst()
        .<Task>map(name -> new Task.AddLearner(leader.get(), name, look.peerUrl(name)))
        .or(() -> changes.leaving().flatMap(name -> leave(look, leader.get(), name)));
  }

  private static Optional<Task> settle(
      EtcdLook look, MemberChanges changes, String leader, MemberList.Entry learner) {
    var name =
        look.wanted().stream()
            .filter(wanted -> look.entry(wanted).equals(Optional.of(learner)))
            .findFirst();
    if (name.isEmpty()) {
      // Somebody else has added it.
      return Optional.empty();
    }
    boolean lostAgain = learner.started() && changes.lost().contains(name.get());
    if (lostAgain || changes.leaving().equals(name)) {
      return remove(look, leader, name.get());
    }
    return look.answer(name.get())
        .filter(answer -> answer.learner() && isInSync(look, leader, answer))
        .map(_ -> new Task.Promote(leader, name.get(), learner.id()));
  }

  private static boolean isInSync(EtcdLook look, String leader, MemberStatus learner) {
    return look.answer(leader)
        .filter(answer -> learner.appliedIndex() * ALL >= answer.raftIndex() * IN_SYNC)
        .isPresent();
  }

  private static List<String> silentMembers(EtcdLook look, Set<String> names) {
    return look.wanted().stream()
        .filter(names::contains)
        .filter(name -> look.entry(name).isPresent() && look.answer(name).isEmpty())
        .toList();
  }

  /** Whether those that are in order are a majority of all but this one. */
  private static boolean canSpare(EtcdLook look, String name) {
    long inOrder = inOrder(look, name);
    return inOrder > 0 && inOrder >= Etcd.quorum(voters(look) - 1);
  }

  private static Optional<Task> leave(EtcdLook look, String leader, String name) {
    if (look.entry(name).isEmpty() || inOrder(look, name) < voters(look) - 1) {
      return Optional.empty();
    }
    return leader.equals(name)
        ? look.wanted().stream()
            .filter(other -> !other.equals(name) && isInOrder(look, other))
            .findFirst()
            .flatMap(other ->
                look.answer(other)
                    .map(answer -> new Task.MoveLeader(leader, other, answer.member())))
        : remove(look, leader, name);
  }

  private static Optional<Task> remove(EtcdLook look, String leader, String name) {
    return look.entry(name).map(entry -> new Task.Remove(leader, name, entry.id()));
  }

  private static int voters(EtcdLook look) {
    return (int)
        look.list().stream()
            .flatMap(list -> list.members().stream())
            .filter(entry -> !entry.learner())
            .count();
  }

  /** Number of members with a vote that are in order, without this one. */
  private static int inOrder(EtcdLook look, String without) {
    return (int)
        look.wanted().stream()
            .filter(name -> !name.equals(without) && isInOrder(look, name))
            .count();
  }

  private static boolean isInOrder(EtcdLook look, String name) {
    return !look.isBehind(name)
        && look.entry(name).filter(entry -> !entry.learner()).isPresent()
        && look.answer(name)
            .filter(answer -> answer.leader().exists())
            .filter(answer -> Optional.of(answer.cluster()).equals(look.cluster()))
            .isPresent();
  }
}
