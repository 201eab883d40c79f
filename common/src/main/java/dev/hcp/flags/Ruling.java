package dev.hcp.flags;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
   * A comma-separated list of the user's, in which some names always are and others never.
   *
   * @param always what the controller adds
   * @param never what is refused and left out, to the reason
   */
  record Names(List<String> always, Map<String, String> never) implements Ruling {
    /** Copies what it is made of. */
    public Names {
      always = List.copyOf(always);
      never = Map.copyOf(never);
    }

    /** The names in a list, without blanks around them. */
    public static List<String> in(String list) {
      return Arrays.stream(list.split(",", -1))
          .map(String::strip)
          .filter(name -> !name.isEmpty())
          .toList();
    }

    /** The user's list with what always is in it, in front, and without what never is. */
    public String complete(String list) {
      var names = new LinkedHashSet<>(always);
      names.addAll(in(list));
      names.removeAll(never.keySet());
      return String.join(",", names);
    }
  }

  /**
   * Feature gates, which are the user's to set but for some that have to stay on. What the
   * controller sets of them itself comes first.
   *
   * @param on what is refused and left out if it switches them off, to the reason
   */
  record Gates(Map<String, String> on) implements Ruling {
    /** Copies what it is made of. */
    public Gates {
      on = Map.copyOf(on);
    }

    /**
     * The gates that the controller sets, and those of the user's that have nothing to do with
     * them.
     *
     * @param owned the list of the controller
     * @param list the user's
     */
    public String complete(String owned, String list) {
      var names = GateSetting.in(owned).stream().map(GateSetting::name).collect(Collectors.toSet());
      return Stream.concat(
              Stream.of(owned),
              GateSetting.in(purge(list)).stream()
                  .filter(gate -> !names.contains(gate.name()))
                  .map(GateSetting::text))
          .collect(Collectors.joining(","));
    }

    /** The user's list without what switches off what has to stay on. */
    public String purge(String list) {
      return GateSetting.in(list).stream()
          .filter(gate -> gate.isOn() || !on.containsKey(gate.name()))
          .map(GateSetting::text)
          .collect(Collectors.joining(","));
    }
  }
}
