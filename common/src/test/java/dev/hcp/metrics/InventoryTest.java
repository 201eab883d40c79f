package dev.hcp.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.process.BuildInfo;
import dev.hcp.process.MetricsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class InventoryTest {
  /** Names in code have dots, and no unit: both are added on the way to Prometheus. */
  private static final Pattern NAME_IN_CODE = Pattern.compile("\"(hcp(?:\\.[a-z]+)+)\"");

  private static final Pattern ENDS = Pattern.compile("(_bytes|_seconds)?(_total)?");

  /** Metrics that are exported under the very name that is listed. */
  private static final Set<Metric> COLLECTED =
      Set.of(
          Inventory.CONTROL_PLANE_INFO,
          Inventory.CONDITION,
          Inventory.CONDITION_REASON,
          Inventory.COMPONENT_REPLICAS,
          Inventory.COMPONENT_REPLICAS_READY,
          Inventory.CERTIFICATE_EXPIRY,
          Inventory.CERTIFICATE_RENEWAL,
          Inventory.BACKUP_DUE);

  /** Only some collectors and machines have them. */
  private static final Set<String> NOT_EVERYWHERE =
      Set.of(
          "jvm_gc_concurrent_phase_time_seconds",
          "jvm_gc_pause_seconds",
          "logback_events_total",
          "system_load_average_1m");

  @Test
  void everyMeterInTheCodeIsListedAndNoOther() throws IOException {
    var inCode = new TreeSet<String>();
    for (var module : Set.of("common", "controller", "webhook")) {
      try (var files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
        for (var file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          NAME_IN_CODE
              .matcher(Files.readString(file))
              .results()
              .map(match -> match.group(1).replace('.', '_'))
              .forEach(inCode::add);
        }
      }
    }
    assertThat(inCode).as("what the pattern finds").hasSizeGreaterThan(20);
    var own =
        Inventory.all()
            .filter(metric -> metric.name().startsWith("hcp_"))
            .filter(metric -> !COLLECTED.contains(metric))
            .toList();
    for (var name : inCode) {
      assertThat(own)
          .as("%s is in the code: list it in Inventory, or under another name", name)
          .anyMatch(metric -> isNamed(metric, name));
    }
    assertThat(own)
        .as("is listed in Inventory, but not in the code")
        .allMatch(metric -> inCode.stream().anyMatch(name -> isNamed(metric, name)));
  }

  private static boolean isNamed(Metric metric, String inCode) {
    return metric.name().startsWith(inCode)
        && ENDS.matcher(metric.name().substring(inCode.length())).matches();
  }

  @ParameterizedTest
  @MethodSource("dev.hcp.metrics.Inventory#all")
  void isNamedByConvention(Metric metric) {
    assertThat(metric.name()).matches("[a-z][a-z0-9]*(_[a-z0-9]+)+");
    assertThat(metric.name().endsWith("_total")).isEqualTo(metric.type() == MetricType.COUNTER);
    assertThat(metric.labels()).doesNotHaveDuplicates().allMatch(label -> label.matches("[a-z_]+"));
    assertThat(metric.meaning()).doesNotEndWith(".").doesNotContain("|");
    if (metric.type().hasLongest()) {
      assertThat(metric.unit()).isEqualTo("seconds");
    }
    assertThat(Inventory.labels())
        .extracting(Inventory.Label::name)
        .as("labels that are described")
        .containsAll(metric.labels());
  }

  @Test
  void namesAreUniqueAndLabelsInUse() {
    assertThat(Inventory.all().map(Metric::name)).doesNotHaveDuplicates();
    assertThat(Inventory.labels())
        .extracting(Inventory.Label::name)
        .doesNotHaveDuplicates()
        .isSubsetOf(
            Inventory.all()
                .flatMap(metric -> metric.labels().stream())
                .collect(Collectors.toSet()));
  }

  @Test
  void bothProcessesExportWhatIsListed() throws Exception {
    try (var server = new MetricsServer(BuildInfo.load())) {
      var exported = new Exposition(server.registry().scrape());
      exported.assertListed(Inventory.ofBoth().stream());
      assertThat(exported.missing(listedForBoth())).isEmpty();
    }
  }

  private static Stream<Metric> listedForBoth() {
    return Inventory.ofBoth().stream().filter(metric -> !NOT_EVERYWHERE.contains(metric.name()));
  }
}
