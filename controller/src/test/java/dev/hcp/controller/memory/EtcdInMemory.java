package dev.hcp.controller.memory;

import dev.hcp.controller.etcd.EtcdMembers;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.plan.MemberChanges;
import dev.hcp.controller.plan.ObservedEtcd;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** Members of etcd that answer whenever their pods are ready. */
public final class EtcdInMemory implements EtcdMembers {

  /** What was observed, by control plane. */
  private final Map<String, ObservedEtcd> observed = new HashMap<>();

  /** The marks that data carry, by control plane. */
  private final Map<String, String> marks = new HashMap<>();

  /** Who leads, by control plane. */
  private final Map<String, String> leaders = new HashMap<>();

  /**
   * The members that belong to each cluster, by control plane and name: whether each has a vote.
   */
  private final Map<String, Map<String, Boolean>> lists = new HashMap<>();

  private final Set<String> muted = new HashSet<>();

  /** Bytes of each database that are in use. */
  private long inUse;

  /** No etcd yet. */
  public EtcdInMemory() {}

  /** The same, to be changed apart. */
  public EtcdInMemory(EtcdInMemory other) {
    observed.putAll(other.observed);
    marks.putAll(other.marks);
    leaders.putAll(other.leaders);
    other.lists.forEach((key, list) -> lists.put(key, new TreeMap<>(list)));
    inUse = other.inUse;
  }

  /** From now on so many bytes of each database are in use. */
  public void use(long bytes) {
    inUse = bytes;
  }

  /** All that is known now. */
  public Map<String, ObservedEtcd> all() {
    return Map.copyOf(observed);
  }

  /** The process starts again and knows nothing of members, which stay as they are. */
  public void restart() {
    observed.clear();
  }

  /** A member answers nobody from now on, though its pod is ready. */
  public void mute(String member) {
    muted.add(member);
  }

  /** A member answers again. */
  public void unmute(String member) {
    muted.remove(member);
  }

  /** A member has started as the only one. */
  public void goOnAlone(String namespace, String name, String member) {
    lists.put(namespace + "/" + name, allOf(List.of(member)));
  }

  /** All members lose their data. */
  public void lose(String namespace, String name) {
    marks.remove(namespace + "/" + name);
  }

  @Override
  public Optional<ObservedEtcd> last(String namespace, String name) {
    return Optional.ofNullable(observed.get(namespace + "/" + name));
  }

  @Override
  public void keepUp(String namespace, String name, Action.KeepEtcd wanted) {
    var key = namespace + "/" + name;
    var names = wanted.access().members().stream().map(EtcdAccess.Endpoint::member).toList();
    if (!lists.containsKey(key) || Collections.disjoint(lists.get(key).keySet(), names)) {
      // Of other members there is another cluster.
      lists.put(key, allOf(names));
    }
    var list = lists.get(key);
    var ready =
        names.stream()
            .filter(member -> wanted.pods().names().contains(member))
            .filter(member -> list.containsKey(member) && !muted.contains(member))
            .toList();
    long voters = list.values().stream().filter(vote -> vote).count();
    boolean serves = ready.stream().filter(list::get).count() > voters / 2;
    if (serves) {
      leaders.merge(
          key,
          ready.getFirst(),
          (before, first) ->
              !ready.contains(before)
                  ? first
                  : wanted.changes().retiring().equals(Optional.of(before))
                          || wanted.changes().leaving().equals(Optional.of(before))
                      ? ready.stream().filter(m -> !m.equals(before)).findFirst().orElse(before)
                      : before);
      change(list, ready, wanted.changes());
    }
    if (serves && wanted.recorded().isEmpty()) {
      marks.putIfAbsent(key, wanted.mark());
    }
    var members = new ArrayList<ObservedEtcd.Member>();
    for (var member : names) {
      boolean listed = list.containsKey(member);
      boolean votes = list.getOrDefault(member, false);
      boolean answers = listed && ready.contains(member);
      members.add(
          new ObservedEtcd.Member(
              member,
              answers ? Optional.empty() : Optional.of("member %s: no answer".formatted(member)),
              Optional.of("id-of-" + member),
              listed,
              votes || answers,
              listed && !votes,
              false,
              Optional.empty(),
              Optional.of("3.6.8"),
              Optional.empty(),
              List.of()));
    }
    observed.put(
        key,
        new ObservedEtcd(
            serves,
            serves ? Optional.empty() : Optional.of("no leader"),
            Optional.of(names.getFirst().endsWith("-0") ? "c1" : "c2"),
            serves ? Optional.ofNullable(marks.get(key)) : Optional.empty(),
            serves ? Optional.ofNullable(leaders.get(key)) : Optional.empty(),
            serves ? Optional.empty() : ready.stream().findFirst(),
            members,
            List.of(),
            wanted.defragmented(),
            wanted.defragmentationTried(),
            wanted.pods(),
            wanted.maintained(),
            inUse >= wanted.quota() / 4 * 3
                ? OptionalLong.of(wanted.quota())
                : OptionalLong.empty(),
            Optional.empty()));
  }

  private static Map<String, Boolean> allOf(List<String> names) {
    var list = new TreeMap<String, Boolean>();
    names.forEach(member -> list.put(member, true));
    return list;
  }

  /** Changes at most one member. */
  private static void change(Map<String, Boolean> list, List<String> ready, MemberChanges changes) {
    var learner = list.keySet().stream().filter(member -> !list.get(member)).findFirst();
    var lost =
        changes.lost().stream().filter(m -> list.containsKey(m) && !ready.contains(m)).findFirst();
    var empty = changes.empty().stream().filter(m -> !list.containsKey(m)).findFirst();
    if (learner.isPresent()) {
      learner.filter(ready::contains).ifPresent(member -> list.put(member, true));
    } else if (lost.isPresent()) {
      list.remove(lost.get());
    } else if (empty.isPresent()) {
      list.put(empty.get(), false);
    } else {
      changes.leaving().ifPresent(list::remove);
    }
  }

  @Override
  public void forget(String namespace, String name) {
    observed.remove(namespace + "/" + name);
  }
}
