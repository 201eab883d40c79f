package dev.hcp.controller.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.telemetry.ControlPlaneFigures.Credential;
import dev.hcp.controller.telemetry.ControlPlaneFigures.Replicas;
import dev.hcp.controller.telemetry.ControlPlaneFigures.State;
import dev.hcp.metrics.Exposition;
import dev.hcp.metrics.Inventory;
import dev.hcp.process.BuildInfo;
import dev.hcp.process.MetricsServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the controller exports is what is listed. */
class MetricsTest {
  private static final Duration SHORT = Duration.ofMillis(3);

  /** Numbers that others give; a test of the list sees that the code has them. */
  private static final List<String> OF_OTHERS =
      List.of(
          "hcp_backup_restore_drill_running",
          "hcp_backup_running",
          "hcp_reconcile_active",
          "hcp_reconcile_waiting",
          "hcp_watch_synced",
          "hcp_leader",
          "hcp_workload_clusters",
          "hcp_kubelet_serving_pending");

  private final AtomicReference<List<ControlPlaneFigures>> controlPlanes =
      new AtomicReference<>(List.of());
  private final MetricsServer server;
  private final ControllerMetrics metrics;
  private final EtcdMeters etcd;

  MetricsTest() {
    server = new MetricsServer(BuildInfo.load());
    server.export(new ControlPlaneCollector(controlPlanes::get));
    metrics = new ControllerMetrics(server.registry());
    etcd = new EtcdMeters(server.registry());
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void whatIsExportedIsListedAndTheOtherWayRound() {
    var _ = useEverything();
    var exported = scrape();
    exported.assertListed(
        Inventory.all().filter(metric -> !Inventory.ofWebhook().contains(metric)));
    assertThat(exported.missing(Inventory.ofController().stream()))
        .containsExactlyInAnyOrderElementsOf(OF_OTHERS);
  }

  @Test
  void aConditionHasOneSeriesForEachStatus() {
    controlPlanes.set(List.of(demo()));
    assertThat(scrape().samples())
        .contains(
            "hcp_condition{name=\"demo\",namespace=\"clusters\",status=\"True\",type=\"Ready\"}"
                + " 0.0",
            "hcp_condition{name=\"demo\",namespace=\"clusters\",status=\"False\",type=\"Ready\"}"
                + " 1.0",
            "hcp_condition{name=\"demo\",namespace=\"clusters\",status=\"Unknown\",type=\"Ready\"}"
                + " 0.0",
            "hcp_condition_reason{name=\"demo\",namespace=\"clusters\",reason=\"ComponentsNotReady\",type=\"Ready\"}"
                + " 1.0")
        .filteredOn(line -> line.startsWith("hcp_condition_reason"))
        .hasSize(1);
  }

  @Test
  void timesAreUnixTimesInSeconds() {
    controlPlanes.set(List.of(demo()));
    assertThat(scrape().samples())
        .contains(
            "hcp_certificate_expiry_timestamp_seconds{credential=\"apiserver\",name=\"demo\",namespace=\"clusters\"}"
                + " 1.7987616E9",
            "hcp_backup_due_timestamp_seconds{name=\"demo\",namespace=\"clusters\"} 1.7672256E9")
        .noneMatch(line -> line.contains("renewal") && line.contains("\"ca\""));
  }

  @Test
  void nothingIsLeftOfAControlPlaneThatIsGone() {
    var backups = useEverything();
    assertThat(scrape().samples()).anyMatch(line -> line.contains("name=\"demo\""));
    controlPlanes.set(List.of());
    etcd.forget("clusters", "demo");
    backups.remove();
    assertThat(scrape().samples()).noneMatch(line -> line.contains("name=\"demo\""));
  }

  private Exposition scrape() {
    return new Exposition(server.registry().scrape());
  }

  private static ControlPlaneFigures demo() {
    return new ControlPlaneFigures(
        "clusters",
        "demo",
        "demo",
        "v1.36.3",
        "v1.37.0",
        Map.of(
            "Ready", new State("False", Optional.of("ComponentsNotReady")),
            "Available", new State("True", Optional.empty())),
        Map.of("api-server", new Replicas(3, 2)),
        Map.of(
            "apiserver",
                new Credential(
                    Optional.of(Instant.parse("2027-01-01T00:00:00Z")),
                    Optional.of(Instant.parse("2026-12-01T00:00:00Z"))),
            "ca", new Credential(Optional.empty(), Optional.empty())),
        Optional.of(Instant.parse("2026-01-01T00:00:00Z")));
  }

  private ControllerMetrics.Registration useEverything() {
    controlPlanes.set(List.of(demo()));
    metrics.pass(ControllerMetrics.PassResult.SUCCESS, SHORT);
    metrics.step("EtcdClusterReady", ControllerMetrics.PassResult.ERROR, SHORT);
    metrics.request(ControllerMetrics.Api.HOSTED, "get", "nodes", "200");
    metrics.applied("Secret", ControllerMetrics.ApplyResult.CHANGED);
    metrics.appliedInHostedCluster("ConfigMap", ControllerMetrics.ApplyResult.UNCHANGED);
    metrics.look(ControllerMetrics.LookResult.SUCCESS, SHORT);
    metrics.servingRequest(ControllerMetrics.ServingRequestResult.APPROVED);
    metrics.event(ControllerMetrics.EventResult.SENT);
    metrics.probe(true);
    metrics.rewritten(ControllerMetrics.PassResult.SUCCESS);
    metrics.backup("success", SHORT);
    etcd.look(EtcdMeters.LookResult.SUCCESS, SHORT);
    etcd.maintenance("compact", true, SHORT);
    etcd.leaderChanged("clusters", "demo");
    etcd.publish(
        "clusters",
        "demo",
        new EtcdMeters.Figures(
            true, 3, 3, 0, Map.of("demo-etcd-0", new EtcdMeters.Database(3, 2, 10))));
    metrics.restoreDrill("success", SHORT);
    var backups = metrics.backups("clusters", "demo", () -> 1, () -> 2);
    var drills = metrics.restoreDrills("clusters", "demo", () -> 3, () -> 4);
    return () -> {
      backups.remove();
      drills.remove();
    };
  }
}
