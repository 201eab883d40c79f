package dev.hcp.controller.pki;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When there is a certificate for monitoring. */
final class MonitoringTest {
  private static final String NAME = "demo-monitoring";

  @Test
  void itIsThereWhileSomebodyMayReadMetrics() {
    assertThat(find(steps(Scenario.named("minimal")))).isEmpty();
    var monitored = Scenario.named("minimal").spec("networkPolicy: {metricsNamespaces: [a]}");
    assertThat(find(steps(monitored))).isPresent();

    var certificate = find(steps(monitored)).orElseThrow();
    var left =
        Scenario.named("minimal")
            .with(certificate)
            .with(
                """
                apiVersion: v1
                kind: Secret
                metadata:
                  name: demo-monitoring
                  namespace: clusters
                  labels:
                    app.kubernetes.io/managed-by: hosted-control-plane-controller
                    cluster.x-k8s.io/cluster-name: demo
                """);
    assertThat(obsolete(steps(left)))
        .containsExactly("Certificate/demo-monitoring", "Secret/demo-monitoring");
    var foreign =
        Scenario.named("minimal")
            .with(
                """
                apiVersion: v1
                kind: Secret
                metadata: {name: demo-monitoring, namespace: clusters}
                """);
    assertThat(obsolete(steps(foreign))).as("somebody else's Secret").isEmpty();
  }

  static List<Step> steps(Scenario scenario) {
    return Plan.of(scenario.observation()).steps();
  }

  static Optional<Certificate> find(List<Step> steps) {
    return steps.stream()
        .flatMap(step -> step.desired().stream())
        .filter(Certificate.class::isInstance)
        .map(Certificate.class::cast)
        .filter(certificate -> certificate.getMetadata().getName().equals(NAME))
        .findFirst();
  }

  private static List<String> obsolete(List<Step> steps) {
    var names = new ArrayList<String>();
    for (var step : steps) {
      for (HasMetadata object : step.obsolete()) {
        names.add("%s/%s".formatted(object.getKind(), object.getMetadata().getName()));
      }
    }
    return names;
  }
}
