package dev.hcp.controller.memory;

import dev.hcp.controller.etcd.EtcdMembers;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.EtcdAccess;
import dev.hcp.controller.plan.ObservedEtcd;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Members of etcd that answer whenever their pods are ready. */
public final class EtcdInMemory implements EtcdMembers {
  private static final String CLUSTER = "c1";

  /** What was observed, by control plane. */
  private final Map<String, ObservedEtcd> observed = new HashMap<>();

  /** The marks that data carry, by control plane. */
  private final Map<String, String> marks = new HashMap<>();

  /** Who leads, by control plane. */
  private final Map<String, String> leaders = new HashMap<>();

  /** Bytes of each database that are in use. */
  private long inUse;

  /** No etcd yet. */
  public EtcdInMemory() {}

  /** The same, to be changed apart. */
  public EtcdInMemory(EtcdInMemory other) {
    observed.putAll(other.observed);
    marks.putAll(other.marks);
    leaders.putAll(other.leaders);
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
    var ready = names.stream().filter(wanted.pods().names()::contains).toList();
    boolean serves = ready.size() > names.size() / 2;
    if (serves) {
      leaders.merge(
          key,
          ready.getFirst(),
          (before, first) ->
              !ready.contains(before)
                  ? first
                  : wanted.retiring().equals(Optional.of(before))
                      ? ready.stream().filter(m -> !m.equals(before)).findFirst().orElse(before)
                      : before);
    }
    if (serves && wanted.recorded().isEmpty()) {
      marks.putIfAbsent(key, wanted.mark());
    }
    var members = new ArrayList<ObservedEtcd.Member>();
    for (var member : names) {
      boolean answers = ready.contains(member);
      members.add(
          new ObservedEtcd.Member(
              member,
              answers ? Optional.empty() : Optional.of("member %s: no answer".formatted(member)),
              Optional.of("id-of-" + member),
              true,
              false,
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
            Optional.of(CLUSTER),
            serves ? Optional.ofNullable(marks.get(key)) : Optional.empty(),
            serves ? Optional.ofNullable(leaders.get(key)) : Optional.empty(),
            members,
            List.of(),
            wanted.defragmented(),
            wanted.defragmentationTried(),
            wanted.pods(),
            wanted.maintained(),
            inUse >= wanted.quota() / 4 * 3
                ? OptionalLong.of(wanted.quota())
                : OptionalLong.empty()));
  }

  @Override
  public void forget(String namespace, String name) {
    observed.remove(namespace + "/" + name);
  }
}
