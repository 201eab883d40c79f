package dev.hcp.e2e.flags;

import dev.hcp.flags.FlagTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A {@link FlagTable} that can be added to and written.
 *
 * @param versions what was read, in order, one of each release
 * @param types of a flag's or an entry's values, by release, by name
 */
record FlagFile(List<String> versions, Map<String, Map<String, String>> types) {
  FlagFile {
    versions = List.copyOf(versions);
    types = Map.copyOf(types);
  }

  /** Reads what {@link #text} has written; nothing if that is empty. */
  static FlagFile parse(String text) {
    var table = FlagTable.parse(text);
    var types = new HashMap<String, Map<String, String>>();
    for (var flag : table.names(table.releases())) {
      add(types, table, flag);
      for (var entry : table.entries(flag, table.releases())) {
        add(types, table, FlagTable.entry(flag, entry));
      }
    }
    return new FlagFile(table.versions(), types);
  }

  private static void add(Map<String, Map<String, String>> types, FlagTable table, String name) {
    var byRelease = new HashMap<String, String>();
    for (var release : table.releasesWith(name)) {
      byRelease.put(release, table.type(name, release).orElseThrow());
    }
    types.put(name, byRelease);
  }

  /**
   * The same with what was read of a version, which takes the place of another of its release.
   *
   * @param flags name, of a flag or an entry of its list, to type of values
   */
  FlagFile with(String version, Map<String, String> flags) {
    var release = FlagTable.release(version);
    var all = new ArrayList<>(versions);
    all.removeIf(other -> FlagTable.release(other).equals(release));
    all.add(version);
    all.sort(Comparator.comparing(FlagFile::numbers, Arrays::compare));
    var merged = new HashMap<String, Map<String, String>>();
    types.forEach((flag, byRelease) -> {
      var rest = new HashMap<>(byRelease);
      rest.remove(release);
      if (!rest.isEmpty()) {
        merged.put(flag, rest);
      }
    });
    flags.forEach(
        (flag, type) -> merged.computeIfAbsent(flag, _ -> new HashMap<>()).put(release, type));
    return new FlagFile(all, merged);
  }

  /**
   * The table as it is kept.
   *
   * @param program whose flags they are
   */
  String text(String program) {
    var releases = versions.stream().map(FlagTable::release).toList();
    var text =
        new StringBuilder(
            """
            # Flags of %s, with the type of their values and the releases that have them: all, if
            # none are named. What a list may consist of follows as flag=entry. Written by "make flags".
            versions %s
            """
                .formatted(program, String.join(" ", versions)));
    new TreeMap<>(types)
        .forEach((flag, byRelease) ->
            byRelease.values().stream()
                .distinct()
                .sorted()
                .forEach(type -> {
                  var having = releases.stream().map(r -> type.equals(byRelease.get(r))).toList();
                  text.append(flag).append(' ').append(type);
                  if (having.contains(false)) {
                    text.append(' ').append(ranges(releases, having));
                  }
                  text.append('\n');
                }));
    return text.toString();
  }

  private static String ranges(List<String> releases, List<Boolean> having) {
    var parts = new ArrayList<String>();
    for (int first = 0; first < releases.size(); first++) {
      if (!having.get(first)) {
        continue;
      }
      int last = first;
      while (last + 1 < releases.size() && having.get(last + 1)) {
        last++;
      }
      parts.add(
          first == last ? releases.get(first) : releases.get(first) + "-" + releases.get(last));
      first = last;
    }
    return String.join(",", parts);
  }

  private static int[] numbers(String version) {
    return Arrays.stream(version.substring(1).split("\\.", -1))
        .mapToInt(Integer::parseInt)
        .toArray();
  }
}
