package dev.hcp.controller.telemetry;

import dev.hcp.metrics.Inventory;
import dev.hcp.metrics.Metric;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Exports what is known of each control plane. There are more than a hundred numbers of each, so
 * they are not kept as meters, but read when somebody scrapes: what is gone is not exported any
 * more, and nothing has to be withdrawn.
 */
public final class ControlPlaneCollector implements MultiCollector {
  private static final List<String> STATUSES = List.of("True", "False", "Unknown");
  private static final String INFO = "_info";

  private final Supplier<List<ControlPlaneFigures>> controlPlanes;

  /**
   * Exports nothing by itself.
   *
   * @param controlPlanes the control planes as they are; asked for each scrape
   */
  public ControlPlaneCollector(Supplier<List<ControlPlaneFigures>> controlPlanes) {
    this.controlPlanes = controlPlanes;
  }

  @Override
  public MetricSnapshots collect() {
    var families = new Families();
    controlPlanes.get().forEach(families::add);
    return new MetricSnapshots(families.snapshots());
  }

  /** The metrics of one scrape. */
  private static final class Families {
    private final InfoSnapshot.Builder info =
        InfoSnapshot.builder()
            // Its type adds the end again.
            .name(
                Inventory.CONTROL_PLANE_INFO
                    .name()
                    .substring(0, Inventory.CONTROL_PLANE_INFO.name().length() - INFO.length()))
            .help(Inventory.CONTROL_PLANE_INFO.meaning());

    private final Map<Metric, GaugeSnapshot.Builder> gauges = new LinkedHashMap<>();

    void add(ControlPlaneFigures figures) {
      var namespace = figures.namespace();
      var name = figures.name();
      info.dataPoint(
          InfoSnapshot.InfoDataPointSnapshot.builder()
              .labels(
                  labels(
                      Inventory.CONTROL_PLANE_INFO,
                      namespace,
                      name,
                      figures.cluster(),
                      figures.version(),
                      figures.wantedVersion()))
              .build());
      figures
          .conditions()
          .forEach((type, state) -> {
            for (var status : STATUSES) {
              set(
                  Inventory.CONDITION,
                  status.equals(state.status()) ? 1 : 0,
                  namespace,
                  name,
                  type,
                  status);
            }
            state
                .reason()
                .ifPresent(
                    reason -> set(Inventory.CONDITION_REASON, 1, namespace, name, type, reason));
          });
      figures
          .replicas()
          .forEach((component, replicas) -> {
            set(Inventory.COMPONENT_REPLICAS, replicas.wanted(), namespace, name, component);
            set(Inventory.COMPONENT_REPLICAS_READY, replicas.ready(), namespace, name, component);
          });
      figures
          .credentials()
          .forEach((credential, times) -> {
            set(Inventory.CERTIFICATE_EXPIRY, times.expiry(), namespace, name, credential);
            set(Inventory.CERTIFICATE_RENEWAL, times.renewal(), namespace, name, credential);
          });
      set(Inventory.BACKUP_DUE, figures.backupDue(), namespace, name);
    }

    List<MetricSnapshot> snapshots() {
      var all = new ArrayList<MetricSnapshot>();
      all.add(info.build());
      gauges.values().forEach(gauge -> all.add(gauge.build()));
      return all;
    }

    private void set(Metric metric, Optional<Instant> time, String... values) {
      time.ifPresent(at -> set(metric, at.getEpochSecond(), values));
    }

    private void set(Metric metric, long value, String... values) {
      gauges
          .computeIfAbsent(metric, m -> GaugeSnapshot.builder().name(m.name()).help(m.meaning()))
          .dataPoint(
              GaugeSnapshot.GaugeDataPointSnapshot.builder()
                  .value((double) value)
                  .labels(labels(metric, values))
                  .build());
    }

    private static Labels labels(Metric metric, String... values) {
      return Labels.of(metric.labels(), List.of(values));
    }
  }
}
