package dev.hcp.validation;

import java.util.regex.Pattern;

/** What a flag of some type takes, as far as Go's libraries for flags decide that alike. */
final class FlagValues {
  private static final Pattern BOOL = Pattern.compile("[tTfF01]|true|True|TRUE|false|False|FALSE");
  private static final String DIGITS =
      "(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]*|[1-9][0-9_]*)";
  private static final Pattern SIGNED = Pattern.compile("[-+]?" + DIGITS);
  private static final Pattern UNSIGNED = Pattern.compile(DIGITS);
  private static final Pattern DURATION =
      Pattern.compile("[-+]?(0|(([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)");

  private static final int LONGEST_DURATION = 128;

  /** The kubelet puts the value of a variable in its place. */
  private static final String VARIABLE = "$(";

  private FlagValues() {}

  /** Whether a program can read a value; true where that cannot be told. */
  static boolean fits(String type, String value) {
    if (value.contains(VARIABLE)) {
      return true;
    }
    return switch (type) {
      case "bool" -> BOOL.matcher(value).matches();
      case "int", "int32", "int64", "Level" -> SIGNED.matcher(value).matches();
      case "uint", "uint16", "uint32", "uint64" -> UNSIGNED.matcher(value).matches();
      case "duration" -> value.length() <= LONGEST_DURATION && DURATION.matcher(value).matches();
      default -> true;
    };
  }

  /** What a type takes, for messages. */
  static String accepted(String type) {
    return switch (type) {
      case "bool" -> "must be true or false";
      case "duration" -> "must be a duration, for example 1m30s";
      default -> "must be a whole number";
    };
  }
}
