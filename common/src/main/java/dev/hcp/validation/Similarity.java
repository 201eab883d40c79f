package dev.hcp.validation;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Guesses what somebody meant who mistyped a name. */
final class Similarity {
  private static final int LONG = 6;

  private Similarity() {}

  /** The name that is nearest to another, if any is near. */
  static Optional<String> nearest(String name, Collection<String> names) {
    var plain = lowerCase(name.replace('_', '-'));
    int most = plain.length() < LONG ? 1 : 2;
    return names.stream()
        .filter(other -> Math.abs(other.length() - plain.length()) <= most)
        .filter(other -> distance(plain, lowerCase(other)) <= most)
        .min(
            Comparator.comparingInt((String other) -> distance(plain, lowerCase(other)))
                .thenComparing(Comparator.naturalOrder()));
  }

  private static String lowerCase(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** How many letters have to be added, taken, replaced or swapped with their neighbour. */
  static int distance(String left, String right) {
    var costs = new int[left.length() + 1][right.length() + 1];
    for (int i = 0; i <= left.length(); i++) {
      for (int j = 0; j <= right.length(); j++) {
        if (i == 0 || j == 0) {
          costs[i][j] = i + j;
          continue;
        }
        boolean same = left.charAt(i - 1) == right.charAt(j - 1);
        int cost =
            Math.min(
                costs[i - 1][j - 1] + (same ? 0 : 1),
                1 + Math.min(costs[i - 1][j], costs[i][j - 1]));
        if (i > 1
            && j > 1
            && left.charAt(i - 1) == right.charAt(j - 2)
            && left.charAt(i - 2) == right.charAt(j - 1)) {
          cost = Math.min(cost, costs[i - 2][j - 2] + 1);
        }
        costs[i][j] = cost;
      }
    }
    return costs[left.length()][right.length()];
  }
}
