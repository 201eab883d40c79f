package dev.hcp.validation;

import dev.hcp.model.Cidr;
import java.math.BigInteger;
import java.util.regex.Pattern;

/** What a flag of some type takes, as far as Go's libraries for flags decide that alike. */
final class FlagValues {
  private static final Pattern BOOL = Pattern.compile("[tTfF01]|true|True|TRUE|false|False|FALSE");
  private static final String DIGITS =
      "(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]*|[1-9][0-9_]*)";
  private static final Pattern SIGNED = Pattern.compile("[-+]?" + DIGITS);
  private static final Pattern UNSIGNED = Pattern.compile(DIGITS);
  private static final Pattern DECIMAL = Pattern.compile("[-+]?[0-9]+");
  private static final Pattern FLOAT =
      Pattern.compile(
          "[-+]?([0-9_]+\\.?[0-9_]*|\\.[0-9_]+)([eE][-+]?[0-9]+)?|[-+]?0[xX].*"
              + "|(?i)[-+]?inf(inity)?|nan");
  private static final Pattern DURATION =
      Pattern.compile("[-+]?(0|(([0-9]+\\.?[0-9]*|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)");

  /** No number or duration that a program can read needs more. */
  private static final int LONGEST = 128;

  /** The kubelet puts the value of a variable in its place. */
  private static final String VARIABLE = "$(";

  private FlagValues() {}

  /** Whether the kubelet may make something else of a value. */
  static boolean hasVariable(String value) {
    return value.contains(VARIABLE);
  }

  /** Whether a program can read a value; true where that cannot be told. */
  static boolean fits(String type, String value) {
    if (hasVariable(value)) {
      return true;
    }
    return switch (type) {
      case "bool" -> BOOL.matcher(value).matches();
      case "Level" -> value.length() <= LONGEST && isLevel(value);
      case "int", "int32", "int64" ->
          value.length() <= LONGEST
              && SIGNED.matcher(value).matches()
              && number(value).bitLength() < bits(type);
      case "uint", "uint16", "uint32", "uint64" ->
          value.length() <= LONGEST
              && UNSIGNED.matcher(value).matches()
              && number(value).bitLength() <= bits(type);
      case "float32", "float64" -> value.length() <= LONGEST && FLOAT.matcher(value).matches();
      case "duration" -> value.length() <= LONGEST && DURATION.matcher(value).matches();
      case "ip" -> isAddress(value.strip());
      case "stringToString" -> value.contains("=");
      default -> true;
    };
  }

  /** What a type takes, for messages. */
  static String accepted(String type) {
    return switch (type) {
      case "bool" -> "must be true or false";
      case "duration" -> "must be a duration, for example 1m30s";
      case "float32", "float64" -> "must be a number, for example 1.5";
      case "ip" -> "must be an IP address, for example 0.0.0.0";
      case "stringToString" -> "must be names with values, for example a=b,c=d";
      case "int32" ->
          "must be a whole number from %d to %d".formatted(Integer.MIN_VALUE, Integer.MAX_VALUE);
      case "uint", "uint16", "uint32", "uint64" ->
          "must be a whole number from 0 to %s"
              .formatted(BigInteger.TWO.pow(bits(type)).subtract(BigInteger.ONE));
      default -> "must be a whole number";
    };
  }

  /** Of logging; decimal only. */
  private static boolean isLevel(String value) {
    return DECIMAL.matcher(value).matches() && new BigInteger(value).bitLength() < Integer.SIZE;
  }

  private static int bits(String type) {
    return switch (type) {
      case "uint16" -> 16;
      case "int32", "uint32" -> 32;
      // On all machines that there are images for.
      default -> 64;
    };
  }

  /** Reads what one of the patterns has found to be a number, as Go does. */
  private static BigInteger number(String text) {
    var digits = text.replace("_", "").replaceFirst("^[-+]", "");
    var radix = radix(digits);
    var rest = digits.substring(radix.skipped());
    var number = rest.isEmpty() ? BigInteger.ZERO : new BigInteger(rest, radix.base());
    return text.startsWith("-") ? number.negate() : number;
  }

  private record Radix(int base, int skipped) {}

  private static Radix radix(String digits) {
    if (digits.length() < 2 || digits.charAt(0) != '0') {
      return new Radix(10, 0);
    }
    return switch (Character.toLowerCase(digits.charAt(1))) {
      case 'x' -> new Radix(16, 2);
      case 'b' -> new Radix(2, 2);
      case 'o' -> new Radix(8, 2);
      default -> new Radix(8, 1);
    };
  }

  private static boolean isAddress(String text) {
    try {
      Cidr.parse(text + "/0");
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
