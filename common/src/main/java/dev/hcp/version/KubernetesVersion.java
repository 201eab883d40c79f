package dev.hcp.version;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A Kubernetes version: a semantic version, ordered by https://semver.org §11.
 *
 * @param major major version
 * @param minor minor version
 * @param patch patch version
 * @param preRelease what follows the hyphen, for example {@code rc.1}; empty for a release
 * @param build what follows the plus sign; empty if there is none
 */
public record KubernetesVersion(int major, int minor, int patch, String preRelease, String build)
    implements Comparable<KubernetesVersion> {

  private static final Pattern FORM =
      Pattern.compile(
          "v?(0|[1-9][0-9]{0,5})\\.(0|[1-9][0-9]{0,5})(?:\\.(0|[1-9][0-9]{0,5}))?"
              + "(?:-([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?(?:\\+([0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*))?");

  /** As the schema has it. */
  private static final int LONGEST = 256;

  private static final Comparator<KubernetesVersion> ORDER =
      Comparator.comparingInt(KubernetesVersion::major)
          .thenComparingInt(KubernetesVersion::minor)
          .thenComparingInt(KubernetesVersion::patch)
          .thenComparing(KubernetesVersion::preRelease, KubernetesVersion::comparePreRelease)
          .thenComparing(KubernetesVersion::build);

  /**
   * Reads a version with or without leading {@code v}; a missing patch is 0. Empty if it is none.
   */
  public static Optional<KubernetesVersion> tryParse(String text) {
    var match = FORM.matcher(text);
    if (text.length() > LONGEST || !match.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new KubernetesVersion(
            Integer.parseInt(match.group(1)),
            Integer.parseInt(match.group(2)),
            match.group(3) == null ? 0 : Integer.parseInt(match.group(3)),
            match.group(4) == null ? "" : match.group(4),
            match.group(5) == null ? "" : match.group(5)));
  }

  /**
   * Reads a version with or without leading {@code v}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static KubernetesVersion parse(String text) {
    return tryParse(text)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "\"%s\" is not a version such as v1.36.3".formatted(text)));
  }

  /** Major and minor version, for example {@code v1.36}. */
  public String minorName() {
    return "v%d.%d".formatted(major, minor);
  }

  /**
   * The version as image tags have it: with leading {@code v}, and {@code _} in place of the plus
   * sign.
   */
  public String imageTag() {
    return toString().replace('+', '_');
  }

  @Override
  public int compareTo(KubernetesVersion other) {
    return ORDER.compare(this, other);
  }

  /** The normal form, with leading {@code v}. */
  @Override
  public String toString() {
    return "v%d.%d.%d".formatted(major, minor, patch)
        + (preRelease.isEmpty() ? "" : "-" + preRelease)
        + (build.isEmpty() ? "" : "+" + build);
  }

  private static int comparePreRelease(String left, String right) {
    if (left.isEmpty() || right.isEmpty()) {
      return Boolean.compare(left.isEmpty(), right.isEmpty());
    }
    var lefts = left.split("\\.", -1);
    var rights = right.split("\\.", -1);
    for (int i = 0; i < Math.min(lefts.length, rights.length); i++) {
      int order = compareIdentifier(lefts[i], rights[i]);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(lefts.length, rights.length);
  }

  private static int compareIdentifier(String left, String right) {
    boolean leftNumeric = left.matches("[0-9]+");
    boolean rightNumeric = right.matches("[0-9]+");
    if (leftNumeric && rightNumeric) {
      return new BigInteger(left).compareTo(new BigInteger(right));
    }
    if (leftNumeric != rightNumeric) {
      return leftNumeric ? -1 : 1;
    }
    return left.compareTo(right);
  }
}
