package dev.hcp.schema;

import dev.hcp.metrics.Inventory;
import dev.hcp.metrics.Metric;
import java.util.List;
import java.util.stream.Collectors;

/** All metrics of both processes as a page for people. */
final class MetricsPage {
  private MetricsPage() {}

  /** The whole page. */
  static String text() {
    return """
    <!-- Generated from dev.hcp.metrics.Inventory: change that and run "make generate". -->
    # Metrics

    Both processes export these at `/metrics`, port 8443; [Monitoring](monitoring.md) tells how to scrape them, and
    [Alerts](alerts.md) what to make of them. Of the controller, the replica that leads knows of control planes; what is
    told of one goes with it.

    A *summary* has `_count` and `_sum`, a *histogram* also `_bucket`; both come with a gauge `_max`, the longest
    duration of the last two to three minutes.

    ## Controller

    %s
    ## Webhook

    %s
    ## Both

    %s
    ## Labels

    | Label | Values |
    |---|---|
    %s\
    """
        .formatted(
            table(Inventory.ofController()),
            table(Inventory.ofWebhook()),
            table(Inventory.ofBoth()),
            Inventory.labels().stream()
                .map(label -> "| `%s` | %s |\n".formatted(label.name(), label.meaning()))
                .collect(Collectors.joining()));
  }

  private static String table(List<Metric> metrics) {
    return metrics.stream()
        .map(MetricsPage::row)
        .collect(
            Collectors.joining(
                "", "| Metric | Type | Unit | Labels | Meaning |\n|---|---|---|---|---|\n", ""));
  }

  private static String row(Metric metric) {
    return "| `%s` | %s | %s | %s | %s |\n"
        .formatted(
            metric.name(),
            metric.type().text(),
            metric.unit(),
            metric.labels().stream().map("`%s`"::formatted).collect(Collectors.joining(", ")),
            metric.meaning());
  }
}
