package dev.hcp.controller.etcd;

import dev.hcp.controller.plan.ObservedEtcd.Corruption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Compares the data of members while etcd says that they differ. What etcd says is no evidence of
 * whose are wrong: it may name nobody, or one that has the same data as all others but the leader.
 *
 * <p>Once a member has heard of the alarm, it takes no writes any more, so hashes that are asked
 * for one after the other are of the same data if these are.
 */
final class EtcdComparison {
  private EtcdComparison() {}

  /** Asks every member that has a vote for hashes, and says what came out. */
  static Corruption compare(EtcdClient client, EtcdLook look) {
    var obstacle = obstacle(look);
    if (obstacle.isPresent()) {
      return Corruption.undecided(obstacle.get());
    }
    try {
      var hashes = new TreeMap<String, KeyHash>();
      for (var name : voters(look)) {
        hashes.put(name, client.hash(name, 0));
      }
      long lowest = hashes.values().stream().mapToLong(KeyHash::revision).min().orElse(0);
      boolean level = hashes.values().stream().allMatch(hash -> hash.revision() == lowest);
      for (var entry : hashes.entrySet()) {
        if (entry.getValue().revision() != lowest) {
          entry.setValue(client.hash(entry.getKey(), lowest));
        }
      }
      return judge(hashes, level);
    } catch (EtcdException e) {
      return Corruption.undecided(String.valueOf(e.getMessage()));
    }
  }

  /** Names of the members that have a vote, of those that there shall be. */
  static List<String> voters(EtcdLook look) {
    return look.wanted().stream()
        .filter(name -> look.entry(name).filter(entry -> !entry.learner()).isPresent())
        .toList();
  }

  /** Why there is no use in comparing yet. */
  private static Optional<String> obstacle(EtcdLook look) {
    var voters = voters(look);
    long listed =
        look.list().stream()
            .flatMap(list -> list.members().stream())
            .filter(entry -> !entry.learner())
            .count();
    if (listed != voters.size()) {
      return Optional.of("some members are not those that there shall be");
    }
    return voters.stream()
        .flatMap(name -> obstacle(look, name).stream())
        .findFirst()
        .or(() ->
            voters.isEmpty() ? Optional.of("nobody says who belongs to it") : Optional.empty());
  }

  private static Optional<String> obstacle(EtcdLook look, String name) {
    var answer = look.answer(name);
    if (answer.isEmpty()) {
      return Optional.of("%s does not answer".formatted(name));
    }
    return answer.get().knowsOfCorruption()
        ? Optional.empty()
        : Optional.of("%s has not heard of it yet".formatted(name));
  }

  /**
   * What hashes of the same revision say.
   *
   * @param level whether that is the last revision of each
   */
  static Corruption judge(Map<String, KeyHash> hashes, boolean level) {
    var compactions =
        hashes.values().stream().map(KeyHash::compactRevision).distinct().sorted().toList();
    if (compactions.size() > 1) {
      return Corruption.undecided(
          "their hashes cannot be compared, since they are compacted up to revisions %s"
              .formatted(and(compactions.stream().map(String::valueOf).toList())));
    }
    var groups = new LinkedHashMap<Integer, List<String>>();
    new TreeMap<>(hashes)
        .forEach(
            (name, hash) -> groups.computeIfAbsent(hash.hash(), _ -> new ArrayList<>()).add(name));
    var bySize =
        groups.values().stream()
            .sorted(Comparator.comparingInt((List<String> names) -> names.size()).reversed())
            .toList();
    var seen =
        bySize.stream()
            .map(names -> "%s of %s".formatted(hash(hashes, names.getFirst()), and(names)))
            .collect(
                Collectors.joining(
                    ", ",
                    "the hash at revision %d is "
                        .formatted(hashes.values().iterator().next().revision()),
                    level ? "" : "; not all have later revisions"));
    boolean one = bySize.size() == 2 && bySize.getFirst().size() > 1 && bySize.get(1).size() == 1;
    return new Corruption(
        one ? Optional.of(bySize.get(1).getFirst()) : Optional.empty(),
        bySize.size() == 1 && level,
        Optional.of(seen));
  }

  private static String hash(Map<String, KeyHash> hashes, String name) {
    return hashes.getOrDefault(name, new KeyHash(0, 0, 0)).text();
  }

  private static String and(List<String> words) {
    return words.size() == 1
        ? words.getFirst()
        : "%s and %s"
            .formatted(String.join(", ", words.subList(0, words.size() - 1)), words.getLast());
  }
}
