package dev.hcp.fuzz;

import java.util.List;
import java.util.SplittableRandom;

/** Choices that are the same for the same seed. */
final class Chance {
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";

  private final SplittableRandom random;
  private int names;

  Chance(long seed) {
    random = new SplittableRandom(seed);
  }

  boolean oneIn(int number) {
    return random.nextInt(number) == 0;
  }

  /** A number from 0 on. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  @SafeVarargs
  final <T> T oneOf(T... values) {
    return values[random.nextInt(values.length)];
  }

  <T> T oneOf(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  /** A label of RFC 1123 that no other has; now and then as long as it may be. */
  String name() {
    var name = "%s%d".formatted(letters(1 + below(8)), names++);
    return oneIn(12) ? name + letters(63 - name.length()) : name;
  }

  String letters(int length) {
    var text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(LETTERS.charAt(below(LETTERS.length())));
    }
    return text.toString();
  }
}
