package dev.hcp.controller.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.process.TestPki;
import dev.hcp.process.TraceCollector;
import dev.hcp.webhook.Main;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The webhook as a process with the OpenTelemetry agent. */
class WebhookTracingIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String VALIDATE =
      "/validate-controlplane-cluster-x-k8s-io-v1alpha1-hostedcontrolplane";
  private static final String SPAN = "b7ad6b7169203331";

  @TempDir Path directory;

  @Test
  void aReviewGoesOnWithTheTraceOfTheApiServer() throws Exception {
    var pki = TestPki.generate("EC", 1);
    pki.writeTo(directory);
    int port = freePort();
    try (var collector = new TraceCollector()) {
      var process = start(collector, port);
      try (var http = HttpClient.newBuilder().sslContext(TestPki.trusting(pki)).build()) {
        await()
            .atMost(PATIENCE)
            .failFast("it ended, see " + directory, () -> !process.isAlive())
            .until(() -> log().contains("\"msg\":\"Serving admission\""));
        var answer =
            http.send(
                HttpRequest.newBuilder(
                        URI.create("https://localhost:%d%s".formatted(port, VALIDATE)))
                    .header("traceparent", "00-%s-%s-01".formatted(TRACE, SPAN))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{}"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isPositive();
        await()
            .atMost(PATIENCE)
            .until(() -> collector.spans().stream().anyMatch(span -> span.trace().equals(TRACE)));
        assertThat(collector.spans())
            .filteredOn(span -> span.trace().equals(TRACE))
            .anySatisfy(span -> {
              assertThat(span.parent()).isEqualTo(SPAN);
              assertThat(span.attributes()).containsEntry("url.path", VALIDATE);
            });
      } finally {
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  private String log() throws IOException {
    return Files.readString(directory.resolve("out"));
  }

  private Process start(TraceCollector collector, int port) throws IOException {
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            TraceCollector.flag(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName());
    builder.environment().clear();
    builder.environment().putAll(collector.environment("webhook"));
    builder.environment().put("WEBHOOK_CERT_DIR", directory.toString());
    builder.environment().put("WEBHOOK_PORT", Integer.toString(port));
    builder.environment().put("METRICS_PORT", Integer.toString(freePort()));
    builder.environment().put("HEALTH_PORT", Integer.toString(freePort()));
    return builder
        .redirectOutput(directory.resolve("out").toFile())
        .redirectError(directory.resolve("err").toFile())
        .start();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
