package dev.hcp.packaging;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an expression of Prometheus asks for, as far as a few patterns can tell. Whether it is one
 * is for promtool to say.
 */
final class Promql {
  private static final Pattern TEXT = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"");
  private static final Pattern RANGE = Pattern.compile("\\[[^]]*]");
  private static final Pattern GROUPING =
      Pattern.compile("\\b(by|without|on|ignoring|group_left|group_right)\\s*\\(([^)]*)\\)");

  private static final Pattern SELECTOR = Pattern.compile("([a-zA-Z_:][\\w:]*)\\s*\\{([^}]*)}");
  private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)");

  /** A name, unless it is a function's or a part of a number. */
  private static final Pattern NAME =
      Pattern.compile("(?<![\\w$.])([a-zA-Z_:][\\w:]*+)(?!\\s*\\()");

  private static final Set<String> WORDS =
      Set.of("and", "or", "unless", "by", "without", "on", "ignoring", "bool", "offset");

  private Promql() {}

  /**
   * A metric with the labels by which its series are chosen.
   *
   * @param name its name
   * @param labels the labels
   */
  record Selector(String name, Set<String> labels) {}

  /** Names of all metrics. */
  static Set<String> metrics(String expression) {
    var bare = withoutTexts(expression);
    bare = GROUPING.matcher(bare).replaceAll(" ");
    bare = RANGE.matcher(bare).replaceAll("");
    bare = SELECTOR.matcher(bare).replaceAll(match -> Matcher.quoteReplacement(match.group(1)));
    var names = new TreeSet<String>();
    NAME.matcher(bare).results().map(match -> match.group(1)).forEach(names::add);
    names.removeAll(WORDS);
    return names;
  }

  /** Metrics of which only some series are asked for. */
  static List<Selector> selectors(String expression) {
    var all = new ArrayList<Selector>();
    SELECTOR
        .matcher(withoutTexts(expression))
        .results()
        .forEach(match -> {
          var labels = new TreeSet<String>();
          MATCHER.matcher(match.group(2)).results().map(m -> m.group(1)).forEach(labels::add);
          all.add(new Selector(match.group(1), labels));
        });
    return all;
  }

  /** Labels by which results are grouped. */
  static Set<String> groupings(String expression) {
    var labels = new TreeSet<String>();
    GROUPING
        .matcher(withoutTexts(expression))
        .results()
        .flatMap(match -> Arrays.stream(match.group(2).split(",", -1)))
        .map(String::strip)
        .filter(label -> !label.isEmpty())
        .forEach(labels::add);
    return labels;
  }

  private static String withoutTexts(String expression) {
    return TEXT.matcher(expression).replaceAll("\"\"");
  }
}
