package dev.hcp.webhook;

import dev.hcp.process.BuildInfo;
import dev.hcp.process.LogFormat;
import dev.hcp.process.LogLevel;
import dev.hcp.process.LogSettings;
import dev.hcp.process.Logging;
import dev.hcp.process.MetricsSettings;
import dev.hcp.process.Shutdown;
import dev.hcp.process.TestPki;
import dev.hcp.process.WebhookSettings;
import dev.hcp.webhook.admission.Lookup;
import dev.hcp.webhook.admission.Rules;
import dev.hcp.webhook.http.Limits;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The real webhook on free ports, with a certificate of its own, and clients that trust it. */
final class RunningWebhook implements AutoCloseable {
  static final String VALIDATE =
      "/validate-controlplane-cluster-x-k8s-io-v1alpha1-hostedcontrolplane";
  static final String MUTATE = "/mutate-controlplane-cluster-x-k8s-io-v1alpha1-hostedcontrolplane";
  static final int MAX_BYTES = 1024 * 1024;

  /** Generous in time, since the machine may be busy. */
  static final Limits LIMITS =
      new Limits(MAX_BYTES, Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(5));

  private static final KubernetesSerialization JSON = new KubernetesSerialization();
  private static final Duration CERTIFICATE_POLL = Duration.ofMillis(20);

  private final Webhook webhook;
  private final Shutdown shutdown;
  private final HttpClient client;

  private RunningWebhook(Webhook webhook, Shutdown shutdown, HttpClient client) {
    this.webhook = webhook;
    this.shutdown = shutdown;
    this.client = client;
  }

  static RunningWebhook start(Path certificates, TestPki... trusted) throws IOException {
    return start(certificates, Rules.all(), LIMITS, trusted);
  }

  static RunningWebhook start(Path certificates, Lookup lookup, TestPki... trusted)
      throws IOException {
    return start(certificates, Rules.all(), lookup, LIMITS, trusted);
  }

  static RunningWebhook start(
      Path certificates, List<Rules<?>> rules, Limits limits, TestPki... trusted)
      throws IOException {
    return start(certificates, rules, Lookup.NONE, limits, trusted);
  }

  /** One that goes on serving for a while after it was told to end. */
  static RunningWebhook startLingering(
      Path certificates, Duration unreadyBeforeEnd, TestPki... trusted) throws IOException {
    return start(certificates, Rules.all(), Lookup.NONE, LIMITS, unreadyBeforeEnd, trusted);
  }

  private static RunningWebhook start(
      Path certificates, List<Rules<?>> rules, Lookup lookup, Limits limits, TestPki... trusted)
      throws IOException {
    return start(certificates, rules, lookup, limits, Duration.ZERO, trusted);
  }

  private static RunningWebhook start(
      Path certificates,
      List<Rules<?>> rules,
      Lookup lookup,
      Limits limits,
      Duration unreadyBeforeEnd,
      TestPki... trusted)
      throws IOException {
    var log = new LogSettings(LogFormat.TEXT, LogLevel.ERROR);
    Logging.configure(log);
    var shutdown = new Shutdown(Duration.ofSeconds(10));
    var webhook =
        Webhook.start(
            new WebhookSettings(log, certificates, false, 0, new MetricsSettings(0, false), 0),
            BuildInfo.load(),
            rules,
            _ -> lookup,
            limits,
            new Webhook.Timing(CERTIFICATE_POLL, unreadyBeforeEnd),
            shutdown);
    return new RunningWebhook(webhook, shutdown, client(trusted));
  }

  static HttpClient client(TestPki... trusted) {
    return HttpClient.newBuilder().sslContext(TestPki.trusting(trusted)).build();
  }

  /** A review of an operation on a HostedControlPlane or a template. */
  static String review(
      String operation, Map<String, Object> oldObject, Map<String, Object> object) {
    return review(operation, oldObject, object, Map.of());
  }

  static String review(
      String operation,
      Map<String, Object> oldObject,
      Map<String, Object> object,
      Map<String, Object> more) {
    var any = object.isEmpty() ? oldObject : object;
    var request = new LinkedHashMap<String, Object>();
    request.put("uid", "uid-1");
    request.put(
        "kind",
        Map.of(
            "group", "controlplane.cluster.x-k8s.io",
            "version", "v1alpha1",
            "kind", any.getOrDefault("kind", "HostedControlPlane")));
    request.put("operation", operation);
    request.put("namespace", "team-a");
    request.put("name", "one");
    request.put("object", object.isEmpty() ? null : object);
    request.put("oldObject", oldObject.isEmpty() ? null : oldObject);
    request.putAll(more);
    return JSON.asJson(
        Map.of("apiVersion", "admission.k8s.io/v1", "kind", "AdmissionReview", "request", request));
  }

  /** A HostedControlPlane that every rule accepts, with some fields of its spec set. */
  static Map<String, Object> hostedControlPlane(Map<String, Object> fields) {
    var spec = new LinkedHashMap<String, Object>();
    spec.put("version", "v1.36.0");
    spec.put("replicas", 3);
    spec.put("gateway", Map.of("name", "public", "namespace", "gateways"));
    spec.putAll(fields);
    var object = new LinkedHashMap<String, Object>();
    object.put("apiVersion", "controlplane.cluster.x-k8s.io/v1alpha1");
    object.put("kind", "HostedControlPlane");
    object.put("metadata", Map.of("name", "one", "namespace", "team-a"));
    object.put("spec", spec);
    return object;
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> json(String text) {
    return JSON.unmarshal(text, Map.class);
  }

  HttpResponse<String> post(String path, String body) throws Exception {
    return post(path, body.getBytes(StandardCharsets.UTF_8));
  }

  HttpResponse<String> post(String path, byte[] body) throws Exception {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(body)));
  }

  /** The response part of an answered review. */
  @SuppressWarnings("unchecked")
  Map<String, Object> answer(String path, String review) throws Exception {
    var response = post(path, review);
    if (response.statusCode() != 200) {
      throw new AssertionError(response.statusCode() + ": " + response.body());
    }
    var answered = json(response.body());
    if (!answered.get("apiVersion").equals("admission.k8s.io/v1")
        || !answered.get("kind").equals("AdmissionReview")) {
      throw new AssertionError("not a review: " + response.body());
    }
    return (Map<String, Object>) answered.get("response");
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("https://localhost:%d%s".formatted(port(), path)))
        .timeout(Duration.ofSeconds(20));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  String plain(int port, String path) throws Exception {
    return client
        .send(
            HttpRequest.newBuilder(URI.create("http://localhost:%d%s".formatted(port, path)))
                .timeout(Duration.ofSeconds(20))
                .build(),
            BodyHandlers.ofString())
        .body();
  }

  String metrics() throws Exception {
    return plain(webhook.metricsPort(), "/metrics");
  }

  String readiness() throws Exception {
    return plain(webhook.healthPort(), "/readyz");
  }

  int port() {
    return webhook.port();
  }

  Shutdown shutdown() {
    return shutdown;
  }

  @Override
  public void close() {
    client.shutdownNow();
    shutdown.run();
  }
}
