package dev.hcp.e2e.conformance;

import dev.hcp.e2e.store.Template;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Which of the conformance tests to run, and how.
 *
 * @param focus a regular expression that the names of those that run match
 * @param names the beginnings of the names of those that run, where they are told one by one
 * @param leftOut which of these do not run all the same
 * @param processes how many run at the same time; those that want to be alone still are
 * @param deadline for all together
 */
public record Selection(
    String focus, List<String> names, List<LeftOut> leftOut, int processes, Duration deadline) {
  private static final String CONFORMANCE = "\\[Conformance\\]";
  private static final Pattern SPECIAL = Pattern.compile("[\\\\.+*?()|\\[\\]{}^$]");
  private static final Duration LONG = Duration.ofHours(6);
  private static final Duration QUICK = Duration.ofMinutes(8);
  private static final int MOST_PROCESSES = 8;

  /** Keeps what is given. */
  public Selection {
    names = List.copyOf(names);
    leftOut = List.copyOf(leftOut);
  }

  /** All conformance tests but those that are known not to fit the bed. */
  public static Selection everything() {
    return new Selection(CONFORMANCE, List.of(), knownLeftOut(), atTheSameTime(), LONG);
  }

  /** Those of all conformance tests whose names match {@code focus}. */
  public static Selection matching(String focus) {
    return new Selection(
        "(%s).*%s".formatted(focus, CONFORMANCE), List.of(), knownLeftOut(), atTheSameTime(), LONG);
  }

  /** A few of each group, which together take few minutes. */
  public static Selection quick() {
    var names = lines("conformance/quick.txt");
    return new Selection(
        names.stream().map(Selection::quote).collect(Collectors.joining("|")),
        names,
        List.of(),
        atTheSameTime(),
        QUICK);
  }

  /** The regular expression for what is left out, empty if nothing is. */
  String skip() {
    return leftOut.stream().map(LeftOut::tests).collect(Collectors.joining("|"));
  }

  static String quote(String name) {
    return SPECIAL.matcher(name).replaceAll("\\\\$0");
  }

  private static List<LeftOut> knownLeftOut() {
    return lines("conformance/left-out.txt").stream().map(LeftOut::parse).toList();
  }

  private static List<String> lines(String resource) {
    return Template.render(resource, Map.of())
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }

  private static int atTheSameTime() {
    // Most of them wait most of the time.
    return Math.min(MOST_PROCESSES, 2 * Runtime.getRuntime().availableProcessors());
  }

  /**
   * Tests that do not fit the bed.
   *
   * @param tests a regular expression that their names match
   * @param reason why
   */
  public record LeftOut(String tests, String reason) {
    static LeftOut parse(String line) {
      var parts = line.split(" -- ", 2);
      if (parts.length != 2) {
        throw new IllegalArgumentException(
            "no reason is given for leaving out '%s': write EXPRESSION -- REASON".formatted(line));
      }
      return new LeftOut(parts[0].strip(), parts[1].strip());
    }
  }
}
