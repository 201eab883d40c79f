package dev.hcp.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.access.Gatekeeper;
import dev.hcp.access.Verdict;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointsTest {
  @TempDir Path directory;

  @Test
  void readinessFollowsItsChecks() throws Exception {
    var problem = new AtomicReference<>(Optional.of("cache not filled"));
    try (var health = new HealthServer(0)) {
      health.addReadiness("cache", problem::get);
      health.addReadiness("server", Optional::empty);

      var notReady = get(health.port(), "/readyz");
      assertThat(notReady.statusCode()).isEqualTo(503);
      assertThat(notReady.body()).isEqualTo("[-]cache: cache not filled\nnot ok\n");
      assertThat(get(health.port(), "/healthz").statusCode()).isEqualTo(200);

      problem.set(Optional.empty());
      assertThat(get(health.port(), "/readyz").body()).isEqualTo("ok\n");
      assertThat(get(health.port(), "/readyz?verbose").body())
          .isEqualTo("[+]cache ok\n[+]server ok\nok\n");
    }
  }

  @Test
  void throwingCheckIsAProblem() throws Exception {
    try (var health = new HealthServer(0)) {
      health.addLiveness(
          "broken",
          () -> {
            throw new IllegalStateException("why");
          });
      var answer = get(health.port(), "/healthz");
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains("[-]broken: check failed", "why").doesNotContain("\tat ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/healthzz", "/healthz/", "/metrics", "/healthz/../secret"})
  void otherPathsAreNotFound(String path) throws Exception {
    try (var health = new HealthServer(0)) {
      assertThat(get(health.port(), path).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void otherMethodsAreNotAllowed() throws Exception {
    try (var health = new HealthServer(0)) {
      var post =
          send(
              HttpRequest.newBuilder(uri(health.port(), "/healthz"))
                  .POST(BodyPublishers.ofString("x")));
      assertThat(post.statusCode()).isEqualTo(405);
      assertThat(post.headers().firstValue("Allow")).contains("GET, HEAD");

      var head = send(HttpRequest.newBuilder(uri(health.port(), "/healthz")).HEAD());
      assertThat(head.statusCode()).isEqualTo(200);
      assertThat(head.body()).isEmpty();
    }
  }

  @Test
  void metricsOfJvmProcessAndBuild() throws Exception {
    try (var metrics = new MetricsServer(BuildInfo.load())) {
      metrics.servePlain(0);
      metrics.registry().counter("hcp.example").increment();
      var answer = get(metrics.port(), "/metrics");

      assertThat(answer.headers().firstValue("Content-Type"))
          .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
      assertThat(answer.body())
          .contains("hcp_example_total 1.0", "jvm_memory_used_bytes", "process_cpu_usage")
          .containsPattern("hcp_build_info\\{java=\"25[^\"]*\",revision=\"[^\"]+\",version=\"\\d");
    }
  }

  @Test
  void metricsAreForThoseWhoMay() throws Exception {
    var verdicts =
        Map.<String, Verdict>of(
            "good", new Verdict.Allowed("prometheus"),
            "bad", new Verdict.Unauthenticated("expired"),
            "poor", new Verdict.Forbidden("may not"),
            "odd", new Verdict.Unknown("away", "secret address"));
    var pki = TestPki.generate("EC", 1);
    pki.writeTo(directory);
    try (var metrics = new MetricsServer(BuildInfo.load());
        var tls = TlsFiles.open(directory, Duration.ofMinutes(1), metrics.registry());
        var gatekeeper = new Gatekeeper(verdicts::get, Gatekeeper.Timing.DEFAULT);
        var client = HttpClient.newBuilder().sslContext(TestPki.trusting(pki)).build()) {
      metrics.serve(0, tls.sslContext(), gatekeeper);
      var request =
          HttpRequest.newBuilder(
              URI.create("https://localhost:%d/metrics".formatted(metrics.port())));

      var nobody = client.send(request.build(), BodyHandlers.ofString());
      assertThat(nobody.statusCode()).isEqualTo(401);
      assertThat(nobody.headers().firstValue("WWW-Authenticate"))
          .contains("Bearer realm=\"metrics\"");
      assertThat(nobody.body()).startsWith("no bearer token: ").doesNotContain("jvm_");
      for (var expected :
          Map.of("bad", "401 expired\n", "poor", "403 may not\n", "odd", "503 away\n").entrySet()) {
        var answer =
            client.send(
                request.setHeader("Authorization", "Bearer " + expected.getKey()).build(),
                BodyHandlers.ofString());
        assertThat(answer.statusCode() + " " + answer.body()).isEqualTo(expected.getValue());
      }
      var scraped =
          client.send(
              request.setHeader("Authorization", "Bearer good").build(), BodyHandlers.ofString());
      assertThat(scraped.statusCode()).isEqualTo(200);
      assertThat(scraped.body()).contains("jvm_memory_used_bytes");
    }
  }

  private static HttpResponse<String> get(int port, String path) throws Exception {
    return send(HttpRequest.newBuilder(uri(port, path)));
  }

  private static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(request.timeout(Duration.ofSeconds(10)).build(), BodyHandlers.ofString());
    }
  }
}
