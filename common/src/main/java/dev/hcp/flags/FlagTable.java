package dev.hcp.flags;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The flags of one program, hidden ones included, as read from its releases by {@code make flags}.
 *
 * <p>The first line of a table names the versions that were read, in order; each of the others one
 * flag, the type of its values, and the releases that have it, as in {@code v1.32-v1.34,v1.36}; all
 * if there are none. A flag whose type changed has two lines.
 *
 * <p>Where a program knows what the list of a flag may consist of, each entry has a line of its
 * own: a name, as in {@code enable-admission-plugins=AlwaysPullImages name}, or a {@link Gate}, as
 * in {@code feature-gates=AllAlpha alpha/off}.
 */
public final class FlagTable {
  private static final Map<Program, FlagTable> ALL = load();
  private static final String VERSIONS = "versions";
  private static final String OF = "=";

  private final List<String> versions;
  private final List<String> releases;
  private final Map<String, Map<String, String>> types;

  private FlagTable(List<String> versions, Map<String, Map<String, String>> types) {
    this.versions = List.copyOf(versions);
    this.releases = versions.stream().map(FlagTable::release).toList();
    this.types = Map.copyOf(types);
  }

  /** The table of a program; empty where no release could be read. */
  public static FlagTable of(Program program) {
    return Objects.requireNonNull(ALL.get(program));
  }

  /**
   * Reads a table.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static FlagTable parse(String text) {
    List<String> versions = List.of();
    List<String> releases = List.of();
    var types = new HashMap<String, Map<String, String>>();
    for (var line : text.lines().filter(l -> !l.isBlank() && !l.startsWith("#")).toList()) {
      var words = line.split(" ", -1);
      if (words[0].equals(VERSIONS)) {
        versions = Arrays.stream(words).skip(1).toList();
        releases = versions.stream().map(FlagTable::release).toList();
        continue;
      }
      if (words.length < 2 || words.length > 3) {
        throw new IllegalArgumentException("not a flag with its type and releases: " + line);
      }
      var type = words[1];
      var byRelease = types.computeIfAbsent(words[0], _ -> new HashMap<>());
      for (var release : words.length == 2 ? releases : expand(releases, words[2])) {
        byRelease.put(release, type);
      }
    }
    return new FlagTable(versions, types);
  }

  /**
   * The release of a version: {@code v1.36} of {@code v1.36.3}, {@code v3.6} of {@code 3.6.8-0}.
   */
  public static String release(String version) {
    var numbers = (version.startsWith("v") ? version.substring(1) : version).split("\\.", -1);
    if (numbers.length < 2) {
      throw new IllegalArgumentException("not a version: " + version);
    }
    return "v%s.%s".formatted(numbers[0], numbers[1]);
  }

  /** The versions that were read, in order. */
  public List<String> versions() {
    return versions;
  }

  /** The releases that were read, in order. */
  public List<String> releases() {
    return releases;
  }

  /** The releases that have a flag, or an entry, in order. */
  public List<String> releasesWith(String flag) {
    var known = types.getOrDefault(flag, Map.of());
    return releases.stream().filter(known::containsKey).toList();
  }

  /** The type of a flag's values in a release, as the program calls it: {@code bool}. */
  public Optional<String> type(String flag, String release) {
    return Optional.ofNullable(types.getOrDefault(flag, Map.of()).get(release));
  }

  /** The names of the flags that some of these releases have, sorted. */
  public Set<String> names(List<String> some) {
    return known(some)
        .filter(name -> !name.contains(OF))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * What the list of a flag may consist of in some of these releases, sorted; empty if that cannot
   * be told.
   */
  public Set<String> entries(String flag, List<String> some) {
    var start = entry(flag, "");
    return known(some)
        .filter(name -> name.startsWith(start))
        .map(name -> name.substring(start.length()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * The name under which {@link #type} and {@link #releasesWith} know an entry of a flag's list.
   */
  public static String entry(String flag, String entry) {
    return flag + OF + entry;
  }

  /** A feature gate in a release. */
  public Optional<Gate> gate(String flag, String name, String release) {
    return type(entry(flag, name), release).map(Gate::parse);
  }

  private Stream<String> known(List<String> some) {
    return types.entrySet().stream()
        .filter(entry -> some.stream().anyMatch(entry.getValue()::containsKey))
        .map(Map.Entry::getKey);
  }

  private static List<String> expand(List<String> releases, String ranges) {
    var all = new ArrayList<String>();
    for (var range : ranges.split(",", -1)) {
      var ends = range.split("-", -1);
      int first = releases.indexOf(ends[0]);
      int last = releases.indexOf(ends[ends.length - 1]);
      if (first < 0 || last < first) {
        throw new IllegalArgumentException(
            "%s is not a range of %s".formatted(range, String.join(" ", releases)));
      }
      all.addAll(releases.subList(first, last + 1));
    }
    return all;
  }

  private static Map<Program, FlagTable> load() {
    var all = new EnumMap<Program, FlagTable>(Program.class);
    for (var program : Program.values()) {
      try (InputStream file = FlagTable.class.getResourceAsStream(program.title() + ".txt")) {
        if (file == null) {
          throw new IllegalStateException("no table of the flags of " + program.title());
        }
        all.put(program, parse(new String(file.readAllBytes(), StandardCharsets.UTF_8)));
      } catch (IOException e) {
        throw new UncheckedIOException("the table of " + program.title() + " cannot be read", e);
      }
    }
    return Map.copyOf(all);
  }
}
