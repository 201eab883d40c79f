package dev.hcp.process;

import dev.hcp.model.Cidr;
import dev.hcp.model.PortRange;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Environment variables read as typed values. A variable that is empty counts as not set, so that a
 * manifest may mention it without deciding it.
 */
public final class Environment {
  private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final Pattern IMAGE = Pattern.compile("[^/@\\s]+/[^:@\\s]+:[^:/@\\s]+");
  private static final Pattern INTEGER = Pattern.compile("[0-9]{1,9}");

  private final Map<String, String> variables;

  private Environment(Map<String, String> variables) {
    this.variables = Map.copyOf(variables);
  }

  /** An environment made of these variables. */
  public static Environment of(Map<String, String> variables) {
    return new Environment(variables);
  }

  /** The variable's value, or the default if it is not set. */
  public String text(String name, String defaultValue) {
    return value(name).orElse(defaultValue);
  }

  /** A yes-or-no variable, in the spellings that Go's {@code strconv.ParseBool} knows. */
  public boolean bool(String name, boolean defaultValue) {
    return value(name)
        .map(value ->
            switch (value.toLowerCase(Locale.ROOT)) {
              case "true", "t", "1" -> true;
              case "false", "f", "0" -> false;
              default -> throw refused(name, value, "true, false");
            })
        .orElse(defaultValue);
  }

  /** A directory, or the default if it is not set. */
  public Path directory(String name, Path defaultValue) {
    return directory(name).orElse(defaultValue);
  }

  /** A directory, if it is set. */
  public Optional<Path> directory(String name) {
    return path(name, "the path of a directory");
  }

  /** A file, if it is set. */
  public Optional<Path> file(String name) {
    return path(name, "the path of a file");
  }

  private Optional<Path> path(String name, String accepted) {
    return value(name)
        .map(value -> {
          try {
            return Path.of(value);
          } catch (InvalidPathException _) {
            throw refused(name, value, accepted);
          }
        });
  }

  /** A whole number from {@code min} to {@code max}. */
  public int integer(String name, int defaultValue, int min, int max) {
    return value(name)
        .map(value -> {
          if (INTEGER.matcher(value).matches()) {
            int number = Integer.parseInt(value);
            if (number >= min && number <= max) {
              return number;
            }
          }
          throw refused(name, value, "a whole number from %d to %d".formatted(min, max));
        })
        .orElse(defaultValue);
  }

  /** A TCP port. */
  public int port(String name, int defaultValue) {
    return integer(name, defaultValue, 1, 65535);
  }

  /** A range of TCP ports, such as {@code 20000-29999}. */
  public PortRange ports(String name, PortRange defaultValue) {
    return value(name)
        .map(value -> {
          try {
            return PortRange.parse(value);
          } catch (IllegalArgumentException _) {
            throw refused(name, value, "a range of ports such as 20000-29999, within 1-65535");
          }
        })
        .orElse(defaultValue);
  }

  /** The reference of an image, with a registry and a tag. */
  public String image(String name, String defaultValue) {
    return value(name)
        .map(value -> {
          if (!IMAGE.matcher(value).matches()) {
            throw refused(name, value, "an image such as registry.example.com/controller:v1");
          }
          return value;
        })
        .orElse(defaultValue);
  }

  /** One of an enum's constants, in any case of letters. */
  public <E extends Enum<E>> E choice(String name, E defaultValue) {
    var choices = defaultValue.getDeclaringClass().getEnumConstants();
    return value(name)
        .map(value ->
            Arrays.stream(choices)
                .filter(choice -> choice.name().equalsIgnoreCase(value))
                .findFirst()
                .orElseThrow(() ->
                    refused(
                        name,
                        value,
                        Arrays.stream(choices)
                            .map(choice -> choice.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", ")))))
        .orElse(defaultValue);
  }

  /**
   * The name of a namespace, which must be given.
   *
   * @param hint how the variable is usually set
   */
  public String requiredNamespace(String name, String hint) {
    var value =
        value(name)
            .orElseThrow(
                () -> new ConfigurationException("%s is not set: %s".formatted(name, hint)));
    return namespace(name, value);
  }

  /** Names of namespaces, separated by commas; none if the variable is not set. */
  public List<String> namespaces(String name) {
    return elements(name).map(element -> namespace(name, element)).toList();
  }

  /** Address ranges in CIDR notation, separated by commas; none if the variable is not set. */
  public List<Cidr> ranges(String name) {
    return elements(name)
        .map(element -> {
          try {
            return Cidr.parse(element);
          } catch (IllegalArgumentException _) {
            throw refused(name, element, "address ranges such as 10.0.0.0/16,fd00::/48");
          }
        })
        .toList();
  }

  private Stream<String> elements(String name) {
    return value(name).stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .map(String::strip)
        .distinct()
        .sorted();
  }

  /**
   * Checks that a setting's value can be the name of a namespace.
   *
   * @param setting name of the variable or flag, for the message
   */
  static String namespace(String setting, String value) {
    if (!NAMESPACE.matcher(value).matches()) {
      throw refused(
          setting, value, "the name of a namespace (lower-case letters, digits, hyphens; max. 63)");
    }
    return value;
  }

  static ConfigurationException refused(String setting, String value, String accepted) {
    return new ConfigurationException(
        "%s: \"%s\" is not accepted; accepted: %s".formatted(setting, printable(value), accepted));
  }

  /** The whole complaint must stay one line, whatever the value holds. */
  private static String printable(String value) {
    return value.replaceAll("\\p{Cntrl}", "?");
  }

  private Optional<String> value(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
  }
}
