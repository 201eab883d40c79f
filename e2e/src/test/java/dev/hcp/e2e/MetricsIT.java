package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hcp.e2e.cluster.Provider;
import dev.hcp.e2e.cluster.Scraper;
import dev.hcp.process.Authorities;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Metrics of both processes are read as the shipped monitors say, and by nobody else. */
@Order(11)
@ExtendWith(BedExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MetricsIT {
  private static final Path MONITORS = Path.of("../config/monitoring/service_monitors.yaml");
  private static final String NAMESPACE = "metrics-readers";
  private static final int PORT = 8443;

  /** The kubelet takes a minute to bring what cert-manager has issued. */
  private static final Duration DEADLINE = Duration.ofMinutes(3);

  private final Bed bed;
  private final KubernetesClient client;
  private final Scraper scraper;

  MetricsIT(Bed bed, KubernetesClient client) {
    this.bed = bed;
    this.client = client;
    this.scraper = new Scraper(client);
  }

  @BeforeAll
  void prepare() {
    bed.kubectl("apply", "--server-side", "--field-manager=tests", "--filename=-")
        .input(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: %1$s}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: prometheus, namespace: %1$s}
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: stranger, namespace: %1$s}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: %1$s}
            roleRef:
              apiGroup: rbac.authorization.k8s.io
              kind: ClusterRole
              name: capi-hosted-control-plane-metrics-reader
            subjects: [{kind: ServiceAccount, name: prometheus, namespace: %1$s}]
            """
                .formatted(NAMESPACE))
        .check();
  }

  @AfterAll
  void remove() {
    bed.kubectl("delete", "--ignore-not-found", "clusterrolebinding", NAMESPACE).check();
    bed.kubectl("delete", "--ignore-not-found", "--wait=false", "namespace", NAMESPACE).check();
  }

  static Stream<JsonNode> monitors() throws IOException {
    return Stream.of(Files.readString(MONITORS).split("(?m)^---$")).map(HelmChart::yaml);
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("monitors")
  void whoIsBoundToTheShippedRoleReadsThemAndNobodyElse(JsonNode monitor) throws Exception {
    var tls = monitor.at("/spec/endpoints/0/tlsConfig");
    var reader = Optional.of(scraper.token(NAMESPACE, "prometheus"));
    var stranger = Optional.of(scraper.token(NAMESPACE, "stranger"));
    var pods = pods(monitor);
    assertThat(pods).hasSize(2);
    for (var pod : pods) {
      var target =
          new Scraper.Target(
              Provider.NAMESPACE,
              pod.getMetadata().getName(),
              PORT,
              tls.path("serverName").asText());
      await("%s is scraped".formatted(target.pod()))
          .atMost(DEADLINE)
          .ignoreExceptionsInstanceOf(IOException.class)
          .untilAsserted(() ->
              assertThat(scraper.scrape(target, trusted(tls), reader))
                  .satisfies(answer -> {
                    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
                    assertThat(answer.body()).contains("hcp_build_info{");
                  }));

      var refused = scraper.scrape(target, trusted(tls), stranger);
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.body())
          .isEqualTo(
              "system:serviceaccount:%s:stranger may not get /metrics: bind it to the ClusterRole"
                      .formatted(NAMESPACE)
                  + " capi-hosted-control-plane-metrics-reader\n");
      assertThat(scraper.scrape(target, trusted(tls), Optional.empty()).status()).isEqualTo(401);
      assertThat(scraper.scrape(target, trusted(tls), Optional.of("made.up.token")).status())
          .isEqualTo(401);
      var misnamed =
          new Scraper.Target(target.namespace(), target.pod(), PORT, "another.example.test");
      assertThatThrownBy(() -> scraper.scrape(misnamed, trusted(tls), reader))
          .isInstanceOf(SSLException.class);
    }
  }

  private List<Pod> pods(JsonNode monitor) {
    var label = monitor.at("/spec/selector/matchLabels/control-plane").asText();
    return client
        .pods()
        .inNamespace(Provider.NAMESPACE)
        .withLabel("control-plane", label)
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  /** Who is trusted by the Secret that the monitor names. */
  private SSLContext trusted(JsonNode tls) throws GeneralSecurityException {
    var reference = tls.at("/ca/secret");
    return Authorities.trusting(
        scraper.secretText(
            Provider.NAMESPACE, reference.path("name").asText(), reference.path("key").asText()));
  }
}
