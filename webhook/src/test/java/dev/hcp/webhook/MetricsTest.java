package dev.hcp.webhook;

import static dev.hcp.webhook.RunningWebhook.MUTATE;
import static dev.hcp.webhook.RunningWebhook.VALIDATE;
import static dev.hcp.webhook.RunningWebhook.hostedControlPlane;
import static dev.hcp.webhook.RunningWebhook.review;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.metrics.Exposition;
import dev.hcp.metrics.Inventory;
import dev.hcp.process.TestPki;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the webhook exports is what is listed. */
@Timeout(60)
class MetricsTest {
  private final TestPki pki = TestPki.generate("EC", 1);

  @TempDir Path certificates;

  @Test
  void whatIsExportedIsListedAndTheOtherWayRound() throws Exception {
    pki.writeTo(certificates);
    try (var webhook = RunningWebhook.start(certificates, pki)) {
      webhook.answer(MUTATE, review("CREATE", Map.of(), hostedControlPlane(Map.of())));
      webhook.answer(VALIDATE, review("CREATE", Map.of(), refused()));
      webhook.post("/nowhere", "{}");
      var exported = new Exposition(webhook.metrics());
      exported.assertListed(
          Inventory.all().filter(metric -> !Inventory.ofController().contains(metric)));
      // Nothing is looked up here.
      assertThat(exported.missing(Inventory.ofWebhook().stream()))
          .containsExactly("hcp_admission_lookups_seconds");
    }
  }

  @Test
  void refusalsAreCountedByFieldAndReason() throws Exception {
    pki.writeTo(certificates);
    try (var webhook = RunningWebhook.start(certificates, pki)) {
      webhook.answer(VALIDATE, review("CREATE", Map.of(), refused()));
      webhook.answer(VALIDATE, review("CREATE", Map.of(), hostedControlPlane(Map.of())));
      var template = new LinkedHashMap<>(refused());
      template.put("kind", "HostedControlPlaneTemplate");
      template.put("spec", Map.of("template", Map.of("spec", templated())));
      webhook.answer(VALIDATE + "template", review("CREATE", Map.of(), template));
      assertThat(new Exposition(webhook.metrics()).samples())
          .filteredOn(line -> line.startsWith("hcp_admission_refusals_total"))
          .containsExactlyInAnyOrder(
              "hcp_admission_refusals_total{field=\"spec.etcd\",kind=\"HostedControlPlane\",reason=\"FieldValueInvalid\"}"
                  + " 1.0",
              "hcp_admission_refusals_total{field=\"spec.replicas\",kind=\"HostedControlPlane\",reason=\"FieldValueInvalid\"}"
                  + " 1.0",
              "hcp_admission_refusals_total{field=\"spec.etcd\",kind=\"HostedControlPlaneTemplate\",reason=\"FieldValueInvalid\"}"
                  + " 1.0");
    }
  }

  private static Map<String, Object> refused() {
    return hostedControlPlane(Map.of("replicas", -1, "etcd", Map.of("replicas", 2)));
  }

  private static Map<String, Object> templated() {
    return Map.of(
        "gateway", Map.of("name", "public", "namespace", "gateways"),
        "etcd", Map.of("replicas", 2));
  }
}
