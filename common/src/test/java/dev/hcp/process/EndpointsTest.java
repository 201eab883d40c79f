package dev.hcp.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointsTest {
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
    try (var metrics = new MetricsServer(0, BuildInfo.load())) {
      metrics.registry().counter("hcp.example").increment();
      var answer = get(metrics.port(), "/metrics");

      assertThat(answer.headers().firstValue("Content-Type"))
          .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
      assertThat(answer.body())
          .contains("hcp_example_total 1.0", "jvm_memory_used_bytes", "process_cpu_usage")
          .containsPattern("hcp_build_info\\{java=\"25[^\"]*\",revision=\"[^\"]+\",version=\"\\d");
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
