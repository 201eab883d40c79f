package dev.hcp.webhook;

import static dev.hcp.webhook.RunningWebhook.VALIDATE;
import static dev.hcp.webhook.RunningWebhook.hostedControlPlane;
import static dev.hcp.webhook.RunningWebhook.review;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.process.ConfigurationException;
import dev.hcp.process.TestPki;
import dev.hcp.webhook.admission.Rules;
import dev.hcp.webhook.http.Limits;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Start, certificate renewal, overload, internal errors, end. */
@Timeout(60)
class LifecycleTest {
  private static final String REVIEW = review("CREATE", Map.of(), hostedControlPlane(Map.of()));

  private static final Duration SOON = Duration.ofMillis(300);

  private final TestPki pki = TestPki.generate("EC", 1);
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch proceed = new CountDownLatch(1);
  private final AtomicBoolean armed = new AtomicBoolean();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @TempDir Path certificates;

  @AfterEach
  void release() {
    proceed.countDown();
    threads.shutdownNow();
  }

  @Test
  void withoutCertificateItDoesNotStart() {
    assertThatThrownBy(() -> RunningWebhook.start(certificates, pki))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("WEBHOOK_CERT_DIR: no usable tls.crt and tls.key in");
  }

  @Test
  void renewedCertificateIsServedWithoutRestart() throws Exception {
    var renewed = TestPki.generate("EC", 2);
    pki.writeAsKubelet(certificates, "..v1");
    try (var webhook = RunningWebhook.start(certificates, pki)) {
      assertThat(serial(webhook.post(VALIDATE, REVIEW))).isEqualTo(1);

      renewed.writeAsKubelet(certificates, "..v2");
      Awaitility.await()
          .until(() ->
              webhook
                  .metrics()
                  .contains("hcp_tls_certificate_reloads_total{result=\"success\"} 1.0"));

      // The client keeps its connection, which stays as it was.
      assertThat(serial(webhook.post(VALIDATE, REVIEW))).isEqualTo(1);
      try (var fresh = RunningWebhook.client(renewed)) {
        var answer =
            fresh.send(
                webhook
                    .request(VALIDATE)
                    .header("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString(REVIEW))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(serial(answer)).isEqualTo(2);
      }
    }
  }

  @Test
  void internalErrorHasAnIdAndNoTrace() throws Exception {
    pki.writeTo(certificates);
    var rules =
        rules(() -> {
          throw new IllegalStateException("secret detail");
        });
    try (var webhook =
        RunningWebhook.start(certificates, List.of(rules), RunningWebhook.LIMITS, pki)) {
      armed.set(true);
      var answer = webhook.post(VALIDATE, REVIEW);
      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(RunningWebhook.json(answer.body()).get("message").toString())
          .matches("internal error [0-9a-f-]{36}, see the webhook's log");
    }
  }

  @Test
  void tooMuchAtATimeIsRefusedAndTheRestIsAnswered() throws Exception {
    pki.writeTo(certificates);
    try (var webhook =
        RunningWebhook.start(
            certificates,
            List.of(rules(this::block)),
            impatient(Duration.ofSeconds(20), SOON),
            pki)) {
      armed.set(true);
      var large = hostedControlPlane(Map.of());
      large.put("metadata", Map.of("annotations", Map.of("a", "x".repeat(1_000_000))));
      var body = review("CREATE", Map.of(), large);
      Future<HttpResponse<String>> first = threads.submit(() -> webhook.post(VALIDATE, body));
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

      var second = webhook.post(VALIDATE, body);
      assertThat(second.statusCode()).isEqualTo(503);
      assertThat(second.headers().firstValue("Retry-After")).contains("1");

      proceed.countDown();
      assertThat(first.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      assertThat(webhook.post(VALIDATE, body).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void slowBodyIsGivenUp() throws Exception {
    pki.writeTo(certificates);
    var limits = impatient(SOON, Duration.ofSeconds(20));
    try (var webhook = RunningWebhook.start(certificates, Rules.all(), limits, pki);
        var socket =
            TestPki.trusting(pki).getSocketFactory().createSocket("localhost", webhook.port())) {
      socket.setSoTimeout(20_000);
      var beginning =
          """
          POST %s HTTP/1.1
          Host: localhost
          Content-Type: application/json
          Content-Length: 9

          {\
          """
              .formatted(VALIDATE)
              .replace("\n", "\r\n");
      socket.getOutputStream().write(beginning.getBytes(StandardCharsets.US_ASCII));
      socket.getOutputStream().flush();

      var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(answer).startsWith("HTTP/1.1 408").doesNotContain("\tat ", "Exception");
    }
  }

  @Test
  void requestUnderWayIsAnsweredBeforeTheEnd() throws Exception {
    pki.writeTo(certificates);
    try (var webhook =
        RunningWebhook.start(
            certificates, List.of(rules(this::block)), RunningWebhook.LIMITS, pki)) {
      int port = webhook.port();
      armed.set(true);
      Future<HttpResponse<String>> answer = threads.submit(() -> webhook.post(VALIDATE, REVIEW));
      assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();

      Future<?> end = threads.submit(() -> webhook.shutdown().run());
      // New connections are refused while the old request is still being worked on.
      Awaitility.await().until(() -> !accepts(port));
      proceed.countDown();
      assertThat(answer.get(20, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      end.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void connectionsEndWithTheirNextAnswerOnceItIsToEnd() throws Exception {
    pki.writeTo(certificates);
    try (var webhook = RunningWebhook.startLingering(certificates, Duration.ofSeconds(3), pki)) {
      assertThat(webhook.post(VALIDATE, REVIEW).headers().firstValue("Connection")).isEmpty();

      Future<?> end = threads.submit(() -> webhook.shutdown().run());
      Awaitility.await().until(() -> webhook.readiness().contains("shutting down"));
      var last = webhook.post(VALIDATE, REVIEW);
      assertThat(last.statusCode()).isEqualTo(200);
      assertThat(last.headers().firstValue("Connection")).contains("close");
      var refused = webhook.post(VALIDATE, "{}");
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.headers().firstValue("Connection")).contains("close");
      end.get(20, TimeUnit.SECONDS);
    }
  }

  private static Limits impatient(Duration patience, Duration turn) {
    return new Limits(RunningWebhook.MAX_BYTES, patience, turn, RunningWebhook.LIMITS.drain());
  }

  private static boolean accepts(int port) throws IOException {
    try (var _ = new Socket("localhost", port)) {
      return true;
    } catch (ConnectException e) {
      return false;
    }
  }

  /** Accepts everything, after an action of the test's; not before it is armed, for the warm-up. */
  private Rules<HostedControlPlane> rules(Runnable action) {
    return new Rules<>(
        HostedControlPlane.KIND,
        HostedControlPlane.class,
        _ -> {
          if (armed.get()) {
            action.run();
          }
          return List.of();
        },
        (_, _, _) -> List.of(),
        _ -> List.of());
  }

  private void block() {
    entered.countDown();
    try {
      if (!proceed.await(30, TimeUnit.SECONDS)) {
        throw new IllegalStateException("nobody let it proceed");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long serial(HttpResponse<String> answer) throws Exception {
    var session = answer.sslSession().orElseThrow();
    return ((X509Certificate) session.getPeerCertificates()[0]).getSerialNumber().longValueExact();
  }
}
