package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A renewed certificate is served, and nothing is restarted for it. */
@Order(30)
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
final class RenewalIT {
  /** kubelets take up to a minute and a half to put a changed Secret into pods. */
  private static final Duration DEADLINE = Duration.ofSeconds(150);

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster demo;

  RenewalIT(Bed bed, KubernetesClient management, HostedCluster demo) {
    this.bed = bed;
    this.management = management;
    this.demo = demo;
  }

  @Test
  void renewedLeavesAreServedWithoutARestartAndWithoutAFailedRequest() throws IOException {
    var endpoint = demo.endpoint().orElseThrow();
    var certificatesBefore = leaves();
    assertThat(certificatesBefore).containsKey(demo.names().apiServerCertificate());
    var podsBefore = pods();
    var serialsBefore = endpoint.servedSerials();
    try (var requests = new SteadyRequests(endpoint)) {
      var certificates = new Certificates(bed);
      certificatesBefore.keySet().forEach(name -> certificates.renew(demo.namespace(), name));
      await("cert-manager issues all leaves anew")
          .atMost(DEADLINE)
          .untilAsserted(() ->
              assertThat(leaves())
                  .hasSameSizeAs(certificatesBefore)
                  .allSatisfy((name, certificate) ->
                      assertThat(certificate).as(name).isNotEqualTo(certificatesBefore.get(name))));
      await("every API server serves its new certificate")
          .atMost(DEADLINE)
          .pollInterval(Duration.ofSeconds(2))
          .untilAsserted(() ->
              assertThat(endpoint.servedSerials())
                  .hasSize(1)
                  .doesNotContainAnyElementsOf(serialsBefore));
      assertThat(requests.requests()).isPositive();
      assertThat(requests.failures()).isEmpty();
    }
    assertThat(pods()).isEqualTo(podsBefore);
    await("the control plane is ready").atMost(DEADLINE).until(demo::isReady);
    try (var client = bed.client(demo.namespace(), demo.name())) {
      assertThat(client.namespaces().list().getItems()).isNotEmpty();
    }
  }

  /** The certificates in the Secrets of all leaves, by name. */
  private Map<String, String> leaves() {
    return management
        .secrets()
        .inNamespace(demo.namespace())
        .withLabel(Labels.CLUSTER_NAME, demo.name())
        .withLabel(Labels.CERTIFICATE_KIND, "client")
        .list()
        .getItems()
        .stream()
        .filter(secret -> secret.getData().containsKey("tls.crt"))
        .collect(
            Collectors.toMap(
                secret -> secret.getMetadata().getName(),
                secret -> secret.getData().get("tls.crt"),
                (one, _) -> one,
                TreeMap::new));
  }

  /** The pods of the control plane with the number of their restarts. */
  private Map<String, Integer> pods() {
    return demo.pods().stream()
        .collect(
            Collectors.toMap(
                pod -> pod.getMetadata().getUid(),
                pod ->
                    pod.getStatus().getContainerStatuses().stream()
                        .mapToInt(container -> container.getRestartCount())
                        .sum()));
  }
}
