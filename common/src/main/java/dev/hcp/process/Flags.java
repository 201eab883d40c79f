package dev.hcp.process;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeMap;

/** Command-line flags as {@code --name=value} or {@code --name value}; the last one wins. */
public final class Flags {
  private final Map<String, String> values;

  private Flags(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Reads a command line.
   *
   * @param accepted the names that may occur, with their two hyphens
   * @throws ConfigurationException for anything else
   */
  public static Flags parse(List<String> arguments, SequencedSet<String> accepted) {
    var values = new TreeMap<String, String>();
    var rest = arguments.iterator();
    while (rest.hasNext()) {
      var argument = rest.next();
      int equals = argument.indexOf('=');
      var name = equals < 0 ? argument : argument.substring(0, equals);
      if (!accepted.contains(name)) {
        throw Environment.refused(
            "command line",
            name,
            accepted.isEmpty() ? "no arguments" : String.join(", ", accepted));
      }
      if (equals < 0 && !rest.hasNext()) {
        throw new ConfigurationException(
            "command line: %s needs a value, as in %s=value".formatted(name, name));
      }
      values.put(name, equals < 0 ? rest.next() : argument.substring(equals + 1));
    }
    return new Flags(values);
  }

  /** A flag's value; an empty one counts as not given. */
  public Optional<String> value(String name) {
    return Optional.ofNullable(values.get(name)).filter(value -> !value.isEmpty());
  }
}
