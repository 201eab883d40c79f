package dev.hcp.flags;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What a release knows of a feature gate.
 *
 * @param stage {@code alpha}, {@code beta}, {@code ga} or {@code deprecated}
 * @param on whether it is on if nobody sets it
 * @param locked whether it can be set to nothing else
 * @param needs the gates that have to be on where this is
 */
public record Gate(String stage, boolean on, boolean locked, List<String> needs) {
  private static final String NEEDS = "needs:";

  /** Copies what it is made of. */
  public Gate {
    needs = List.copyOf(needs);
  }

  /**
   * Reads what stands in a table, as {@code beta/on}, {@code ga/on/locked} or {@code
   * alpha/off/needs:A,B}.
   *
   * @throws IllegalArgumentException if it is no gate
   */
  static Gate parse(String text) {
    var words = List.of(text.split("/", -1));
    if (words.size() < 2 || !Set.of("on", "off").contains(words.get(1))) {
      throw new IllegalArgumentException("not a feature gate: " + text);
    }
    return new Gate(
        words.getFirst(),
        words.get(1).equals("on"),
        words.contains("locked"),
        words.stream()
            .filter(word -> word.startsWith(NEEDS))
            .flatMap(word -> Arrays.stream(word.substring(NEEDS.length()).split(",", -1)))
            .toList());
  }
}
