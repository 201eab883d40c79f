package dev.hcp.controller.etcd;

import dev.hcp.controller.etcd.EtcdMaintenance.Task;
import dev.hcp.controller.plan.ObservedEtcd.Corruption;
import java.util.Optional;

/**
 * What is to be done next while etcd says that the data of its members differ. Only what the
 * controller has seen itself counts, and nothing is done unless all members are in order otherwise:
 *
 * <ul>
 *   <li>If the data of exactly one differ from those of all others, it is removed, after another
 *       leads. It ends then, and is made anew like any other that was removed.
 *   <li>If one was removed and the data of all that are left are the same, the alarm is taken back.
 *       It would outlast the member that it is about, and there would be no writes.
 * </ul>
 *
 * <p>All else that changes members has to wait: whoever joins gets the data of one of these.
 */
final class EtcdIsolation {
  private EtcdIsolation() {}

  /** The next thing to do; empty if nothing has to be done, or can be. */
  static Optional<Task> next(EtcdLook look, Corruption corruption) {
    var leader = look.leader();
    if (leader.isEmpty() || look.read().isEmpty() || look.list().isEmpty()) {
      return Optional.empty();
    }
    if (corruption.differing().isPresent()) {
      return look.isSound()
          ? isolate(look, leader.get(), corruption.differing().get())
          : Optional.empty();
    }
    return corruption.agreed()
        ? look.alarms().stream()
            .filter(alarm -> alarm.kind() == EtcdAlarm.Kind.CORRUPT)
            .filter(alarm -> isSomebodyMissing(look) || isAboutSomebodyRemoved(look, alarm))
            .findFirst()
            .map(alarm -> new Task.Disarm(leader.get(), alarm))
        : Optional.empty();
  }

  private static Optional<Task> isolate(EtcdLook look, String leader, String differing) {
    return leader.equals(differing)
        ? EtcdMaintenance.succeed(look, leader)
        : look.entry(differing).map(entry -> new Task.Remove(leader, differing, entry.id()));
  }

  private static boolean isSomebodyMissing(EtcdLook look) {
    return EtcdComparison.voters(look).size() < look.wanted().size();
  }

  private static boolean isAboutSomebodyRemoved(EtcdLook look, EtcdAlarm alarm) {
    return alarm.member().exists()
        && look.list().stream()
            .flatMap(list -> list.members().stream())
            .noneMatch(entry -> entry.id().equals(alarm.member()));
  }
}
