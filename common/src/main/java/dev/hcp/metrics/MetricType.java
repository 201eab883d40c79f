package dev.hcp.metrics;

import java.util.Locale;

/** How a metric is exported. */
public enum MetricType {
  /** Only ever grows, until the process ends. */
  COUNTER,
  /** A number that goes up and down. */
  GAUGE,
  /**
   * Durations: {@code _count} and {@code _sum}, and the longest one of the last minutes as a metric
   * of its own, {@code _max}.
   */
  SUMMARY,
  /** The same with {@code _bucket}, from which quantiles follow. */
  HISTOGRAM;

  /** As Prometheus spells it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether the longest duration is exported beside it. */
  public boolean hasLongest() {
    return this == SUMMARY || this == HISTOGRAM;
  }
}
