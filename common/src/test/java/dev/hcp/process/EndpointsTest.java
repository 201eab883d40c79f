package dev.hcp.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.hcp.access.Gatekeeper;
import dev.hcp.access.Reviews;
import dev.hcp.access.Verdict;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

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
        var gatekeeper =
            new Gatekeeper((token, _) -> verdicts.get(token), Gatekeeper.Timing.DEFAULT);
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

  @Test
  void logLevelsAreChangedForAWhileByThoseWhoMay() throws Exception {
    var pki = TestPki.generate("EC", 1);
    pki.writeTo(directory);
    var logger = (Logger) LoggerFactory.getLogger("dev.hcp.Chatty");
    var before = logger.getEffectiveLevel();
    Reviews reviews =
        (token, call) ->
            token.equals("administrator") || call.verb().equals("get")
                ? new Verdict.Allowed(token)
                : new Verdict.Forbidden(
                    "%s may not %s %s".formatted(token, call.verb(), call.path()));
    try (var metrics = new MetricsServer(BuildInfo.load());
        var tls = TlsFiles.open(directory, Duration.ofMinutes(1), metrics.registry());
        var gatekeeper = new Gatekeeper(reviews, Gatekeeper.Timing.DEFAULT);
        var client = HttpClient.newBuilder().sslContext(TestPki.trusting(pki)).build()) {
      metrics.serve(0, tls.sslContext(), gatekeeper);
      var levels = new Levels(client, metrics.port());

      assertThat(levels.put("reader", "level=debug"))
          .isEqualTo("403 reader may not put /log-levels\n");
      assertThat(levels.put("administrator", "logger=dev.hcp.Chatty&level=loud"))
          .isEqualTo("400 level: invalid value \"loud\": accepted is debug, info, warn, error\n");
      assertThat(levels.put("administrator", "logger=io.netty&level=debug"))
          .startsWith("400 logger: invalid value \"io.netty\": accepted is dev.hcp, or");
      for (var duration : List.of("25h", "0s", "-1m", "soon", "")) {
        assertThat(levels.put("administrator", "logger=dev.hcp.Chatty&level=debug&for=" + duration))
            .startsWith("400 for: invalid value \"%s\": ".formatted(duration));
      }
      assertThat(logger.getEffectiveLevel()).isEqualTo(before);

      assertThat(levels.put("administrator", "logger=dev.hcp.Chatty&level=DEBUG&for=1h"))
          .startsWith("200 dev.hcp.Chatty debug until 20");
      assertThat(logger.getEffectiveLevel()).isEqualTo(Level.DEBUG);
      assertThat(levels.get("reader"))
          .startsWith("200 dev.hcp ")
          .contains("\ndev.hcp.Chatty debug until 20");

      assertThat(levels.put("administrator", "logger=dev.hcp.Chatty&level=error&for=50ms"))
          .startsWith("200 ");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(levels.get("reader")).doesNotContain("Chatty"));
      assertThat(logger.getLevel()).as("that of the logger above it").isNull();
      assertThat(logger.getEffectiveLevel()).isEqualTo(before);
    }
  }

  /** Asks for and changes log levels. */
  private record Levels(HttpClient client, int port) {
    String get(String token) throws Exception {
      return send(token, "", HttpRequest.newBuilder().GET());
    }

    String put(String token, String query) throws Exception {
      return send(token, "?" + query, HttpRequest.newBuilder().PUT(BodyPublishers.noBody()));
    }

    private String send(String token, String query, HttpRequest.Builder request) throws Exception {
      var answer =
          client.send(
              request
                  .uri(URI.create("https://localhost:%d/log-levels%s".formatted(port, query)))
                  .header("Authorization", "Bearer " + token)
                  .timeout(Duration.ofSeconds(30))
                  .build(),
              BodyHandlers.ofString());
      return answer.statusCode() + " " + answer.body();
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
