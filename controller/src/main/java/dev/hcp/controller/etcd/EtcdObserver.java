package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.Action.KeepEtcd;
import dev.hcp.controller.plan.ObservedEtcd;
import dev.hcp.controller.plan.ObservedEtcd.Corruption;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What looks say in sum. One look at which something is missing says little: it counts from the
 * second in a row.
 */
final class EtcdObserver {
  private static final long MEBIBYTE = 1024L * 1024;
  private static final int LEAST_SIZE = 16;
  private static final int GIBIBYTE = 1024;

  /** Percentage of the quota from which on a database is filling. */
  private static final int FILLING = 75;

  /** Percentage from which on one that was filling still is. */
  private static final int STILL_FILLING = 65;

  private Optional<ObservedEtcd> last = Optional.empty();
  private Set<String> silent = Set.of();
  private Set<String> behind = Set.of();
  private boolean refused;

  /**
   * Sums up this look and those before.
   *
   * @param wanted what was wanted when the look began
   */
  ObservedEtcd sum(
      EtcdLook look,
      KeepEtcd wanted,
      Optional<Instant> defragmented,
      Optional<Instant> defragmentationTried) {
    var members = new ArrayList<ObservedEtcd.Member>();
    var silentNow = new HashSet<String>();
    var behindNow = new HashSet<String>();
    for (var name : look.wanted()) {
      var before = before(name);
      var answer = look.answers().get(name);
      if (answer != null) {
        if (look.isBehind(name)) {
          behindNow.add(name);
        }
        members.add(answered(look, name, answer));
      } else {
        silentNow.add(name);
        members.add(
            before
                .filter(member -> member.problem().isEmpty() && !silent.contains(name))
                .orElseGet(() -> silent(look, name, before)));
      }
    }
    boolean excused =
        look.read().isEmpty() && !refused && last.filter(ObservedEtcd::serves).isPresent();
    var now =
        new ObservedEtcd(
            look.read().isPresent() || excused,
            look.read().isPresent() || excused ? Optional.empty() : Optional.of(trouble(look)),
            look.cluster().map(EtcdId::toString).or(() -> last.flatMap(ObservedEtcd::cluster)),
            excused ? last.flatMap(ObservedEtcd::mark) : look.read().flatMap(KeyRead::value),
            excused ? last.flatMap(ObservedEtcd::leader) : look.leader(),
            look.read().isPresent() || excused ? Optional.empty() : look.mostAdvanced(),
            members,
            look.list().isPresent()
                ? strangers(look)
                : last.map(ObservedEtcd::strangers).orElse(List.of()),
            defragmented,
            defragmentationTried,
            wanted.pods(),
            wanted.maintained(),
            filling(look, wanted.quota()),
            corruption(look, excused));
    silent = Set.copyOf(silentNow);
    behind = Set.copyOf(behindNow);
    refused = look.read().isEmpty();
    last = Optional.of(now);
    return now;
  }

  /** Alarms are only asked of a majority that agrees, so silence says nothing of them. */
  private Optional<Corruption> corruption(EtcdLook look, boolean excused) {
    if (look.isCorrupt()) {
      return Optional.of(Corruption.UNEXAMINED);
    }
    return excused ? last.flatMap(ObservedEtcd::corruption) : Optional.empty();
  }

  /** That quota if the fullest database has nearly used it up. It takes less to stay so. */
  private OptionalLong filling(EtcdLook look, long quota) {
    var before = last.map(ObservedEtcd::filling).orElse(OptionalLong.empty());
    var inUse = look.answers().values().stream().mapToLong(MemberStatus::dbSizeInUse).max();
    if (inUse.isEmpty()) {
      return before;
    }
    var percentage = before.equals(OptionalLong.of(quota)) ? STILL_FILLING : FILLING;
    return quota > 0 && inUse.getAsLong() >= quota / 100 * percentage
        ? OptionalLong.of(quota)
        : OptionalLong.empty();
  }

  private Optional<ObservedEtcd.Member> before(String name) {
    return last.stream()
        .flatMap(etcd -> etcd.members().stream())
        .filter(member -> member.name().equals(name))
        .findFirst();
  }

  private ObservedEtcd.Member answered(EtcdLook look, String name, MemberStatus answer) {
    boolean other = look.cluster().filter(id -> !id.equals(answer.cluster())).isPresent();
    return new ObservedEtcd.Member(
        name,
        Optional.empty(),
        Optional.of(answer.member().toString()),
        look.list().isEmpty() || look.entry(name).isPresent(),
        true,
        answer.learner(),
        look.isBehind(name) && behind.contains(name),
        other ? Optional.of(answer.cluster().toString()) : Optional.empty(),
        Optional.of(answer.version()),
        Optional.of(rounded(answer.dbSize())),
        alarms(look, name));
  }

  private static ObservedEtcd.Member silent(
      EtcdLook look, String name, Optional<ObservedEtcd.Member> before) {
    return new ObservedEtcd.Member(
        name,
        Optional.of(look.failures().getOrDefault(name, "member %s was not asked".formatted(name))),
        look.entry(name)
            .map(entry -> entry.id().toString())
            .or(() -> before.flatMap(ObservedEtcd.Member::id)),
        look.list().isEmpty() || look.entry(name).isPresent(),
        look.entry(name).map(MemberList.Entry::started).orElse(true),
        look.entry(name).filter(MemberList.Entry::learner).isPresent(),
        false,
        Optional.empty(),
        before.flatMap(ObservedEtcd.Member::version),
        before.flatMap(ObservedEtcd.Member::dbSize),
        alarms(look, name));
  }

  private static List<String> alarms(EtcdLook look, String name) {
    return look.alarms(name).stream()
        .map(alarm -> alarm.kind().text())
        .distinct()
        .sorted()
        .toList();
  }

  private static String trouble(EtcdLook look) {
    return look.refusal()
        .orElseGet(() ->
            look.wanted().stream()
                .flatMap(name -> Stream.ofNullable(look.failures().get(name)))
                .findFirst()
                .orElse("no member was asked"));
  }

  private static List<String> strangers(EtcdLook look) {
    var expected = new HashSet<EtcdId>();
    look.wanted().forEach(name -> look.entry(name).ifPresent(entry -> expected.add(entry.id())));
    return look.list().stream()
        .flatMap(list -> list.members().stream())
        .filter(entry -> !expected.contains(entry.id()))
        .map(entry ->
            entry.name().isEmpty()
                ? "member %s, which never ran,".formatted(entry.id())
                : "member %s (%s)".formatted(entry.name(), entry.id()))
        .sorted()
        .toList();
  }

  /** A size that stays the same while a database grows a little. */
  static Quantity rounded(long bytes) {
    int mebibytes = LEAST_SIZE;
    while (mebibytes * MEBIBYTE < bytes) {
      mebibytes *= 2;
    }
    return mebibytes < GIBIBYTE
        ? new Quantity(Integer.toString(mebibytes), "Mi")
        : new Quantity(Integer.toString(mebibytes / GIBIBYTE), "Gi");
  }
}
