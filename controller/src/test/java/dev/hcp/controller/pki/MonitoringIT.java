package dev.hcp.controller.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.testing.ClientPki;
import dev.hcp.controller.testing.FollowerProcess;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.flags.Program;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the rendered certificate for monitoring opens, at a real API server and its real
 * controller-manager and scheduler.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MonitoringIT {
  private static final Duration START = Duration.ofSeconds(90);

  @TempDir static Path directory;

  private final ClientPki pki = new ClientPki();
  private final HttpClient monitoring = client(rendered(pki));
  private final HttpClient stranger = client(pki.client("stranger", "strangers"));
  private ManagementApiServer server;

  @BeforeAll
  void start() throws IOException {
    var authority = Files.writeString(directory.resolve("clients.crt"), pki.authority());
    server = ManagementApiServer.start(_ -> List.of("--client-ca-file=" + authority));
  }

  @AfterAll
  void stop() {
    monitoring.close();
    stranger.close();
    server.close();
  }

  @Test
  void theApiServerShowsItsMetricsAndNothingElse() throws Exception {
    var url = server.config().getMasterUrl();
    var metrics = get(monitoring, url + "metrics");
    assertThat(metrics.statusCode()).as(metrics.body()).isEqualTo(200);
    assertThat(metrics.body()).contains("apiserver_request_total");
    for (var path :
        List.of("api/v1/secrets", "api/v1/namespaces", "api/v1/nodes", "logs", "debug/pprof")) {
      assertThat(get(monitoring, url + path).statusCode()).as(path).isEqualTo(403);
    }
    assertThat(get(stranger, url + "metrics").statusCode()).isEqualTo(403);
  }

  @ParameterizedTest
  @EnumSource(names = {"KUBE_CONTROLLER_MANAGER", "KUBE_SCHEDULER"})
  void aFollowerShowsItsMetricsToo(Program program) throws Exception {
    var flags =
        program == Program.KUBE_SCHEDULER
            ? List.<String>of()
            : List.of(
                "--controllers=token-cleaner-controller",
                "--client-ca-file=" + directory.resolve("clients.crt"));
    try (var follower = FollowerProcess.start(program, server.config(), flags, directory)) {
      var url = "https://127.0.0.1:%d/".formatted(follower.port());
      await("%s answers".formatted(program.title()))
          .atMost(START)
          .ignoreExceptionsInstanceOf(IOException.class)
          .failFast("it ended, see " + directory, () -> !follower.isAlive())
          .untilAsserted(() -> {
            var metrics = get(monitoring, url + "metrics");
            assertThat(metrics.statusCode()).as(metrics.body()).isEqualTo(200);
            assertThat(metrics.body()).contains("process_cpu_seconds_total");
          });
      assertThat(get(monitoring, url + "configz").statusCode()).isEqualTo(403);
      assertThat(get(stranger, url + "metrics").statusCode()).isEqualTo(403);
    }
  }

  private static SSLContext rendered(ClientPki pki) {
    var spec =
        MonitoringTest.find(
                MonitoringTest.steps(
                    Scenario.named("minimal").spec("networkPolicy: {metricsNamespaces: [a]}")))
            .orElseThrow()
            .getSpec();
    assertThat(spec.usages()).contains("client auth").doesNotContain("server auth");
    var subject = spec.subject();
    assertThat(subject).isNotNull();
    assertThat(subject.organizations()).hasSize(1);
    return pki.client(spec.commonName(), subject.organizations().getFirst());
  }

  private static HttpClient client(SSLContext tls) {
    return HttpClient.newBuilder().sslContext(tls).version(HttpClient.Version.HTTP_1_1).build();
  }

  private static HttpResponse<String> get(HttpClient client, String url)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(20)).build(),
        BodyHandlers.ofString());
  }
}
