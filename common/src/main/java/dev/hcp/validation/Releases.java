package dev.hcp.validation;

import dev.hcp.flags.FlagTable;
import java.util.List;
import java.util.Optional;

/** How messages speak of the releases of a program. */
final class Releases {
  private Releases() {}

  /** The range of some releases. */
  static String describe(List<String> releases) {
    return releases.size() == 1
        ? releases.getFirst()
        : "%s to %s".formatted(releases.getFirst(), releases.getLast());
  }

  /**
   * Which other release has what these lack; empty if none does.
   *
   * @param name of a flag, or an entry of its list
   */
  static Optional<String> others(FlagTable table, String name, List<String> releases) {
    var others = table.releasesWith(name);
    if (others.isEmpty()) {
      return Optional.empty();
    }
    int here = table.releases().indexOf(releases.getFirst());
    return Optional.of(
        table.releases().indexOf(others.getLast()) < here
            ? ": %s was the last to have it".formatted(others.getLast())
            : ": %s is the first to have it".formatted(others.getFirst()));
  }
}
