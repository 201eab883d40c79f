package dev.hcp.flags;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What becomes of a flag that is not, or not wholly, the user's to set. */
public sealed interface Ruling {
  /**
   * It is ignored, and its user told so: the controller sets it.
   *
   * @param value what the controller sets it to, where that is always the same
   */
  record Ignored(@Nullable String value) implements Ruling {}

  /**
   * It is refused, since what its user wants of it would not come about, or the program not work.
   *
   * @param why reason, and what to do instead
   */
  record Refused(String why) implements Ruling {}

  /**
   * One value is what the controller sets anyway, all others are refused.
   *
   * @param value the one value
   * @param why why no other
   */
  record Fixed(String value, String why) implements Ruling {}

  /**
   * It is refused, but still rendered where it was stored before it was: data would be lost without
   * it.
   *
   * @param why reason, and what to do instead
   */
  record Kept(String why) implements Ruling {}

  /**
   * A comma-separated list of the user's, to which the controller adds what must be in it.
   *
   * @param entry what must be in it
   */
  record Including(String entry) implements Ruling {
    /** The user's list, with the entry in front. */
    public String complete(String list) {
      var entries = new LinkedHashSet<String>();
      entries.add(entry);
      entries.addAll(entries(list));
      return String.join(",", entries);
    }
  }

  /**
   * A comma-separated list of the user's, refused with one entry.
   *
   * @param entry what must not be in it
   * @param why reason
   */
  record Excluding(String entry, String why) implements Ruling {
    /** Whether a list has the entry. */
    public boolean isIn(String list) {
      return entries(list).contains(entry);
    }

    /** The user's list without the entry. */
    public String purge(String list) {
      return entries(list).stream()
          .filter(other -> !other.equals(entry))
          .collect(Collectors.joining(","));
    }
  }

  private static List<String> entries(String list) {
    return Arrays.stream(list.split(",", -1))
        .map(String::strip)
        .filter(entry -> !entry.isEmpty())
        .toList();
  }
}
