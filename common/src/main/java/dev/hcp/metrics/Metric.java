package dev.hcp.metrics;

import java.util.List;
import java.util.stream.Stream;

/**
 * A metric that a process exports.
 *
 * @param name as Prometheus sees it
 * @param type how it is exported
 * @param labels names of the labels that tell its series apart
 * @param meaning what it tells, in a sentence without its full stop
 */
public record Metric(String name, MetricType type, List<String> labels, String meaning) {
  private static final String TOTAL = "_total";

  /** Copies the list. */
  public Metric {
    labels = List.copyOf(labels);
  }

  static Metric counter(String name, String meaning) {
    return new Metric(name, MetricType.COUNTER, List.of(), meaning);
  }

  static Metric gauge(String name, String meaning) {
    return new Metric(name, MetricType.GAUGE, List.of(), meaning);
  }

  static Metric timer(String name, String meaning) {
    return new Metric(name, MetricType.SUMMARY, List.of(), meaning);
  }

  static Metric histogram(String name, String meaning) {
    return new Metric(name, MetricType.HISTOGRAM, List.of(), meaning);
  }

  Metric by(String... someLabels) {
    return new Metric(name, type, List.of(someLabels), meaning);
  }

  /** What its values are, which its name says by convention; empty for mere numbers. */
  public String unit() {
    var bare =
        type == MetricType.COUNTER ? name.substring(0, name.length() - TOTAL.length()) : name;
    return Stream.of("seconds", "bytes", "ns")
        .filter(unit -> bare.endsWith("_" + unit))
        .findFirst()
        .orElse("");
  }

  /** The names of its time series in Prometheus, as expressions use them. */
  public Stream<String> series() {
    return switch (type) {
      case COUNTER, GAUGE -> Stream.of(name);
      case SUMMARY -> Stream.of(name + "_count", name + "_sum", longest());
      case HISTOGRAM -> Stream.of(name + "_bucket", name + "_count", name + "_sum", longest());
    };
  }

  /** Name of the gauge with the longest duration of the last minutes. */
  public String longest() {
    return name + "_max";
  }
}
