package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hcp.e2e.cluster.Scraper;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.process.Authorities;
import dev.hcp.process.TestPki;
import dev.hcp.process.TlsIdentity;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Metrics of the components of a hosted cluster are read as the sample of a monitor says. */
@Order(26)
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostedMetricsIT {
  private static final Path MONITOR = Path.of("../config/samples/pod-monitor.yaml");
  private static final Duration DEADLINE = Duration.ofMinutes(3);

  private final Bed bed;
  private final KubernetesClient client;
  private final HostedCluster demo;
  private final Scraper scraper;

  HostedMetricsIT(Bed bed, KubernetesClient client, HostedCluster demo) {
    this.bed = bed;
    this.client = client;
    this.demo = demo;
    this.scraper = new Scraper(client);
  }

  @BeforeAll
  void openMetrics() {
    patch("{\"spec\":{\"networkPolicy\":{\"metricsNamespaces\":[\"monitoring\"]}}}");
  }

  @AfterAll
  void closeMetrics() {
    patch("{\"spec\":{\"networkPolicy\":null}}");
    await("the credentials are gone").atMost(DEADLINE).until(() -> secret().isEmpty());
  }

  @Test
  void everyComponentIsScraped() throws Exception {
    await("there are credentials").atMost(DEADLINE).until(() -> secret().isPresent());
    var monitor = HelmChart.yaml(Files.readString(MONITOR));
    assertThat(monitor.at("/metadata/namespace").asText()).isEqualTo(demo.namespace());
    var scraped = new TreeSet<String>();
    for (var endpoint : monitor.at("/spec/podMetricsEndpoints")) {
      for (var pod : pods(monitor)) {
        var port = port(pod, endpoint.path("port").asText());
        if (port.isPresent()) {
          assertIsScraped(pod, port.get(), endpoint.path("tlsConfig"));
          scraped.add(component(pod));
        }
      }
    }
    assertThat(scraped).containsExactly("api-server", "controller-manager", "scheduler");
  }

  private void assertIsScraped(Pod pod, int port, JsonNode tls)
      throws IOException, GeneralSecurityException {
    var target =
        new Scraper.Target(
            demo.namespace(),
            pod.getMetadata().getName(),
            port,
            tls.path("serverName").asText("localhost"));
    var answer = scraper.scrape(target, context(tls, keys(tls)), Optional.empty());
    assertThat(answer.status()).as("%s: %s", target, answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("process_cpu_seconds_total");
    var nobody = scraper.scrape(target, context(tls, new KeyManager[0]), Optional.empty());
    assertThat(nobody.status()).as(target.toString()).isIn(401, 403);
  }

  private SSLContext context(JsonNode tls, KeyManager[] keys)
      throws IOException, GeneralSecurityException {
    if (tls.path("insecureSkipVerify").asBoolean()) {
      return TestPki.trustingAnybody(keys);
    }
    TrustManager[] trusted = Authorities.trustManagers(value(tls.at("/ca/secret")));
    var context = SSLContext.getInstance("TLS");
    context.init(keys, trusted, null);
    return context;
  }

  private KeyManager[] keys(JsonNode tls) throws IOException, GeneralSecurityException {
    var identity = TlsIdentity.parse(value(tls.at("/cert/secret")), value(tls.path("keySecret")));
    return TestPki.keyManagers(identity.key(), identity.chain().toArray(Certificate[]::new));
  }

  /** What a reference of the monitor leads to. */
  private String value(JsonNode reference) {
    return scraper.secretText(
        demo.namespace(), reference.path("name").asText(), reference.path("key").asText());
  }

  private Optional<Secret> secret() {
    return Optional.ofNullable(
        client
            .secrets()
            .inNamespace(demo.namespace())
            .withName(demo.names().monitoringCertificate())
            .get());
  }

  private List<Pod> pods(JsonNode monitor) {
    var labels = new TreeMap<String, String>();
    monitor
        .at("/spec/selector/matchLabels")
        .properties()
        .forEach(entry -> labels.put(entry.getKey(), entry.getValue().asText()));
    return client
        .pods()
        .inNamespace(demo.namespace())
        .withLabels(Map.copyOf(labels))
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(pod -> "Running".equals(pod.getStatus().getPhase()))
        .toList();
  }

  private static Optional<Integer> port(Pod pod, String name) {
    return pod.getSpec().getContainers().stream()
        .flatMap(
            container -> container.getPorts() == null ? Stream.of() : container.getPorts().stream())
        .filter(port -> name.equals(port.getName()))
        .map(ContainerPort::getContainerPort)
        .findFirst();
  }

  private static String component(Pod pod) {
    return pod.getMetadata().getLabels().get("app.kubernetes.io/component");
  }

  private void patch(String patch) {
    bed.kubectl("patch", "hcp", demo.name(), "--namespace", demo.namespace())
        .with("--type=merge", "--patch", patch)
        .check();
  }
}
