package dev.hcp.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a process exports, in Prometheus' text format, told apart by metric. */
public final class Exposition {
  private static final Pattern COMMENT = Pattern.compile("# (HELP|TYPE) (\\S+) (.*)");
  private static final Pattern SAMPLE = Pattern.compile("([a-z0-9_]+)(?:\\{(.*)})? \\S+");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"(?:[^\"\\\\]|\\\\.)*\",?");

  private final Map<String, String> help = new HashMap<>();
  private final Map<String, String> types = new TreeMap<>();
  private final Map<String, Set<String>> labels = new HashMap<>();
  private final List<String> samples = new ArrayList<>();

  /** Reads what was scraped. */
  public Exposition(String text) {
    for (var line : text.lines().toList()) {
      var comment = COMMENT.matcher(line);
      if (comment.matches()) {
        (comment.group(1).equals("HELP") ? help : types).put(comment.group(2), comment.group(3));
        continue;
      }
      var sample = SAMPLE.matcher(line);
      assertThat(sample.matches()).as(line).isTrue();
      samples.add(line);
      var names =
          LABEL
              .matcher(sample.group(2) == null ? "" : sample.group(2))
              .results()
              .map(match -> match.group(1))
              .filter(label -> !label.equals("le"))
              .collect(Collectors.toCollection(LinkedHashSet::new));
      labels.computeIfAbsent(sample.group(1), _ -> new LinkedHashSet<>()).addAll(names);
    }
  }

  /** All time series with their values. */
  public List<String> samples() {
    return List.copyOf(samples);
  }

  /**
   * Fails unless all that is exported is listed, with its type, labels and, of our own, its
   * meaning.
   */
  public void assertListed(Stream<Metric> listed) {
    var byName = new HashMap<String, Metric>();
    var longest = new HashMap<String, Metric>();
    listed.forEach(metric -> {
      byName.put(metric.name(), metric);
      if (metric.type().hasLongest()) {
        longest.put(metric.longest(), metric);
      }
    });
    types.forEach((name, type) -> {
      var metric = byName.getOrDefault(name, longest.get(name));
      assertThat(metric).as("%s is exported, but not listed", name).isNotNull();
      if (metric.name().equals(name)) {
        assertThat(type).as("type of %s", name).isEqualTo(metric.type().text());
        if (name.startsWith("hcp_")) {
          assertThat(help.get(name)).as("meaning of %s", name).isEqualTo(metric.meaning());
        }
      } else {
        assertThat(type).as("type of %s", name).isEqualTo("gauge");
      }
      metric
          .series()
          .filter(labels::containsKey)
          .forEach(series ->
              assertThat(labels.get(series))
                  .as("labels of %s", series)
                  .containsExactlyInAnyOrderElementsOf(metric.labels()));
    });
  }

  /** Names of listed metrics that are not exported. */
  public Set<String> missing(Stream<Metric> listed) {
    return listed
        .map(Metric::name)
        .filter(name -> !types.containsKey(name))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }
}
