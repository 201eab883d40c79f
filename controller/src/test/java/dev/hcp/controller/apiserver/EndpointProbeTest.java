package dev.hcp.controller.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.controller.plan.Answer;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.ServerPki;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Questions to a real TLS server. */
class EndpointProbeTest {
  private static final String HOST = "localhost";
  private static final Duration SOON = Duration.ofSeconds(20);

  /** What the server says. */
  private record Response(int status, String body) {}

  private final ServerPki pki = new ServerPki(HOST);
  private final AtomicReference<Response> response = new AtomicReference<>(new Response(200, "ok"));
  private final AtomicInteger requests = new AtomicInteger();
  private final List<String> woken = new CopyOnWriteArrayList<>();
  private final EndpointProbe probe =
      new EndpointProbe(
          (namespace, name) -> woken.add(namespace + "/" + name),
          new ControllerMetrics(new SimpleMeterRegistry()),
          new EndpointProbe.Timing(
              Duration.ofSeconds(2), Duration.ofMillis(20), Duration.ofMillis(200)),
          RandomGenerator.getDefault());
  private HttpsServer server;

  @BeforeEach
  void start() throws IOException {
    server = serve(pki);
  }

  private HttpsServer serve(ServerPki identity) throws IOException {
    var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.setHttpsConfigurator(new HttpsConfigurator(identity.serverContext()));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/readyz",
        exchange -> {
          var _ = requests.incrementAndGet();
          var current = response.get();
          var body = current.body().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(current.status(), body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  @AfterEach
  void stop() {
    probe.close();
    server.stop(0);
  }

  @Test
  void aReadyServerIsAskedOnceAndWakesOnce() {
    ask(pki.authority());
    await().atMost(SOON).until(() -> last().equals(new Answer(true, "ok")));
    ask(pki.authority());
    await().during(Duration.ofMillis(300)).atMost(SOON).until(() -> requests.get() == 1);
    assertThat(woken).containsExactly("clusters/demo");
  }

  @Test
  void failingChecksAreNamedUntilTheServerIsReady() {
    response.set(
        new Response(500, "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n"));
    ask(pki.authority());
    await()
        .atMost(SOON)
        .until(() -> last().equals(new Answer(false, "HTTP 500: [-]etcd failed: reason withheld")));
    await().atMost(SOON).until(() -> requests.get() > 3);
    assertThat(woken).as("the same answer wakes nobody").hasSize(1);
    response.set(new Response(200, "ok"));
    await().atMost(SOON).until(() -> last().ready() && woken.size() == 2);
  }

  @Test
  void aServerOfAnotherAuthorityIsNotTrusted() {
    ask(new ServerPki(HOST).authority());
    await().atMost(SOON).until(() -> last().detail().startsWith("certificate not trusted: "));
    assertThat(requests).hasValue(0);
    ask(pki.authority());
    await().atMost(SOON).until(() -> last().ready());
  }

  @Test
  void aCertificateForAnotherNameIsNotTrusted() throws IOException {
    var other = new ServerPki("other.example.com");
    server.stop(0);
    server = serve(other);
    ask(other.authority());
    await().atMost(SOON).until(() -> last().detail().startsWith("certificate not trusted: "));
  }

  @Test
  void refusedConnectionsAreReported() throws IOException {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    probe.await("clusters", "demo", new ControlPlaneEndpoint(HOST, port), pki.authority());
    await().atMost(SOON).until(() -> last().equals(new Answer(false, "connection refused")));
  }

  @Test
  void unknownNamesAreReported() {
    probe.await("clusters", "demo", new ControlPlaneEndpoint("none.invalid", 443), pki.authority());
    await()
        .atMost(SOON)
        .until(() -> last().equals(new Answer(false, "host name none.invalid is not known")));
  }

  @Test
  void aSilentServerIsGivenUpAfterTheDeadline() throws IOException {
    try (var silent = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
      probe.await(
          "clusters",
          "demo",
          new ControlPlaneEndpoint(HOST, silent.getLocalPort()),
          pki.authority());
      await()
          .atMost(SOON)
          .until(() -> last().equals(new Answer(false, "no answer within 2000 ms")));
    }
  }

  @Test
  void unreadableAuthoritiesAreReported() {
    ask("-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n");
    await()
        .atMost(SOON)
        .until(() -> last().detail().startsWith("the CA certificates cannot be read"));
  }

  @Test
  void nothingIsKnownOfWhatIsForgotten() {
    response.set(new Response(503, "no"));
    ask(pki.authority());
    await().atMost(SOON).until(() -> last().equals(new Answer(false, "HTTP 503: no")));
    probe.forget("clusters", "demo");
    assertThat(probe.last("clusters", "demo")).isEmpty();
    // A question that is under way may still arrive, but no other.
    var before = requests.get();
    await().during(Duration.ofMillis(500)).atMost(SOON).until(() -> requests.get() <= before + 1);
  }

  private void ask(String authority) {
    probe.await(
        "clusters",
        "demo",
        new ControlPlaneEndpoint(HOST, server.getAddress().getPort()),
        authority);
  }

  private Answer last() {
    return probe.last("clusters", "demo").orElse(new Answer(false, "none"));
  }
}
