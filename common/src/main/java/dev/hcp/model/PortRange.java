package dev.hcp.model;

/**
 * Ports that may be given away.
 *
 * @param first the lowest
 * @param last the highest
 */
public record PortRange(int first, int last) {
  private static final int HIGHEST = 65535;

  /** Checks the bounds. */
  public PortRange {
    if (first < 1 || last > HIGHEST || first > last) {
      throw new IllegalArgumentException("%d-%d is not a range of ports".formatted(first, last));
    }
  }

  /**
   * Reads a range such as {@code 20000-29999}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static PortRange parse(String text) {
    int dash = text.indexOf('-');
    if (dash < 0) {
      throw new IllegalArgumentException(
          "\"%s\" is not a range such as 20000-29999".formatted(text));
    }
    return new PortRange(
        Integer.parseInt(text.substring(0, dash).strip()),
        Integer.parseInt(text.substring(dash + 1).strip()));
  }

  /** Number of ports. */
  public int size() {
    return last - first + 1;
  }

  @Override
  public String toString() {
    return first + "-" + last;
  }
}
