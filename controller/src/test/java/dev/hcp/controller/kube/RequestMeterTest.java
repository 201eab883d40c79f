package dev.hcp.controller.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.hcp.controller.telemetry.ControllerMetrics;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestMeterTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/namespaces/a/secrets/b, get, secrets",
    "GET, /api/v1/namespaces/a/secrets, list, secrets",
    "GET, /api/v1/secrets?labelSelector=a, list, secrets",
    "GET, /api/v1/secrets?labelSelector=a&watch=true, watch, secrets",
    "GET, /api/v1/namespaces, list, namespaces",
    "GET, /api/v1/namespaces/a, get, namespaces",
    "PUT, /api/v1/namespaces/a/finalize, update, namespaces/finalize",
    "PATCH, /apis/apps/v1/namespaces/a/deployments/b?force=true, patch, deployments.apps",
    "PATCH, /apis/a.b/v1/namespaces/n/cs/c/status, patch, cs.a.b/status",
    "POST, /apis/events.k8s.io/v1/namespaces/a/events, create, events.events.k8s.io",
    "DELETE, /apis/apps/v1/namespaces/a/statefulsets/b, delete, statefulsets.apps",
    "DELETE, /apis/apps/v1/namespaces/a/statefulsets, deletecollection, statefulsets.apps",
    "GET, /apis/storage.k8s.io/v1/storageclasses/fast, get, storageclasses.storage.k8s.io",
    "GET, /apis/apps/v1, get, none",
    "GET, /apis, get, none",
    "GET, /, get, none",
    "GET, /version, get, none",
    "GET, /.well-known/openid-configuration, get, none"
  })
  void tellsWhatARequestIsAbout(String method, String uri, String verb, String resource) {
    assertThat(RequestMeter.Subject.of(method, URI.create(uri)))
        .isEqualTo(new RequestMeter.Subject(verb, resource));
  }

  @Test
  void requestsOfAClientAreCountedOnceEachByTheirAnswer() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            int code = exchange.getRequestURI().getPath().endsWith("/missing") ? 404 : 200;
            var body =
                "{\"apiVersion\": \"v1\", \"kind\": \"Secret\"}".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
          }
        });
    server.start();
    var port = server.getAddress().getPort();
    try (var client = client(port)) {
      var secrets = client.secrets().inNamespace("clusters");
      assertThat(secrets.withName("there").get()).isNotNull();
      assertThat(secrets.withName("there").get()).isNotNull();
      assertThat(secrets.withName("missing").get()).isNull();
    } finally {
      server.stop(0);
    }
    assertThat(counts()).isEqualTo(Map.of("200", 2.0, "404", 1.0));
  }

  private Map<String, Double> counts() {
    return registry.find("hcp.kubernetes.requests").counters().stream()
        .map(Counter::getId)
        .peek(id -> assertThat(labels(id)).isEqualTo("management get secrets"))
        .collect(
            Collectors.toMap(
                id -> String.valueOf(id.getTag("code")),
                id ->
                    registry.get("hcp.kubernetes.requests").tags(id.getTags()).counter().count()));
  }

  private static String labels(Meter.Id id) {
    return "%s %s %s".formatted(id.getTag("api"), id.getTag("verb"), id.getTag("resource"));
  }

  private KubernetesClient client(int port) {
    return ManagementClient.open(
        new ConfigBuilder(io.fabric8.kubernetes.client.Config.empty())
            .withMasterUrl("http://127.0.0.1:%d/".formatted(port))
            .build(),
        Duration.ofSeconds(10),
        new ControllerMetrics(registry));
  }
}
