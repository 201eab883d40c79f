package dev.hcp.controller.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.controller.Main;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.testing.Crds;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.controller.testing.WithManagementApiServer;
import dev.hcp.naming.Labels;
import dev.hcp.process.TraceCollector;
import dev.hcp.process.TraceCollector.Span;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The controller as a process with the OpenTelemetry agent, against a real API server: what becomes
 * of a pass in a trace.
 */
@WithManagementApiServer
class TracingIT {
  private static final String NAMESPACE = "tracing";
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  private final ManagementApiServer server;

  @TempDir Path directory;

  TracingIT(ManagementApiServer server) {
    this.server = server;
  }

  @Test
  void aPassIsATraceWithItsStepsAndRequests() throws Exception {
    try (var client = server.client();
        var collector = new TraceCollector()) {
      prepare(client);
      var process = start(collector);
      try {
        await("a pass that makes objects, see " + directory)
            .atMost(PATIENCE)
            .failFast("the controller ended, see " + directory, () -> !process.isAlive())
            .until(() -> pass(collector).isPresent());
        var pass = pass(collector).orElseThrow();
        assertThat(pass.parent()).isEmpty();
        assertThat(pass.attributes())
            .containsEntry("namespace", NAMESPACE)
            .containsEntry("name", "demo")
            .containsKey("reconcile.id");
        assertThat(collector.below(pass))
            .extracting(Span::name)
            .contains("Observe", "Plan", "Step", "Report");
        assertThat(collector.below(pass))
            .filteredOn(span -> span.name().equals("Step"))
            .extracting(span -> span.attributes().get("component"))
            .contains("CACertificatesReady", "EtcdClusterReady", "APIServerDeploymentsReady");

        // Requests of a step are below it.
        var etcd =
            collector
                .below(pass)
                .filter(span -> "EtcdClusterReady".equals(span.attributes().get("component")))
                .findFirst()
                .orElseThrow();
        assertThat(etcd.attributes()).containsEntry("result", "success");
        assertThat(collector.below(etcd))
            .anyMatch(span -> url(span).contains("/statefulsets/demo-etcd"));

        // Whoever looks at a log finds the trace, and the other way round.
        await().atMost(PATIENCE).until(() -> log().anyMatch(line -> line.contains(pass.trace())));
        assertThat(log().filter(line -> line.contains(pass.trace())))
            .allSatisfy(line -> assertThat(line).contains("\"trace_id\":\"" + pass.trace() + "\""))
            .anySatisfy(line -> assertThat(line).contains(pass.attributes().get("reconcile.id")));

        await()
            .atMost(PATIENCE)
            .until(() ->
                client.events().v1().events().inNamespace(NAMESPACE).list().getItems().stream()
                    .anyMatch(event ->
                        event.getMetadata().getAnnotations() != null
                            && event
                                .getMetadata()
                                .getAnnotations()
                                .containsKey(Labels.TRACE_ANNOTATION)));
        // No trace goes on for ever.
        assertThat(collector.spans())
            .filteredOn(span -> span.name().equals("Reconcile"))
            .allMatch(span -> span.parent().isEmpty())
            .extracting(Span::trace)
            .doesNotHaveDuplicates();
      } finally {
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      }
    }
  }

  /** The first pass that has written something of etcd. */
  private static Optional<Span> pass(TraceCollector collector) {
    return collector.spans().stream()
        .filter(span -> span.name().equals("Reconcile"))
        .filter(pass ->
            collector.below(pass).anyMatch(span -> url(span).contains("/statefulsets/demo-etcd")))
        .findFirst();
  }

  private static String url(Span span) {
    return span.attributes().getOrDefault("url.full", "");
  }

  private Stream<String> log() throws IOException {
    return Files.readAllLines(directory.resolve("out")).stream();
  }

  private Process start(TraceCollector collector) throws IOException {
    var kubeconfig = directory.resolve("kubeconfig");
    var config = server.config();
    var _ =
        Files.writeString(
            kubeconfig,
            """
            apiVersion: v1
            kind: Config
            clusters: [{name: m, cluster: {server: "%s", certificate-authority: "%s"}}]
            users: [{name: m, user: {token: "%s"}}]
            contexts: [{name: m, context: {cluster: m, user: m}}]
            current-context: m
            """
                .formatted(config.getMasterUrl(), config.getCaCertFile(), config.getOauthToken()));
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            TraceCollector.flag(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "--namespace",
            NAMESPACE);
    builder.environment().clear();
    builder.environment().putAll(collector.environment("controller"));
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    builder.environment().put("CONTROLLER_NAMESPACE", ManagementApiServer.NAMESPACE);
    builder.environment().put("LEADER_ELECTION", "false");
    builder.environment().put("LOG_LEVEL", "debug");
    builder.environment().put("MANAGEMENT_TOKEN_ISSUER", "none");
    builder.environment().put("METRICS_SECURE", "false");
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

  private static void prepare(KubernetesClient client) {
    Stream.of(Crds.values()).forEach(crd -> crd.install(client));
    for (var namespace : List.of(NAMESPACE, "gateways")) {
      Namespaces.apply(client, namespace);
    }
    var sample = Scenario.named("minimal");
    var _ = client.resource(sample.get(Gateway.class, "capi")).forceConflicts().serverSideApply();
    var cluster = Manifests.toMap(sample.get(Cluster.class, "demo"));
    var metadata = new TreeMap<String, Object>();
    metadata.put("name", "demo");
    metadata.put("namespace", NAMESPACE);
    cluster.put("metadata", metadata);
    var owner = client.resource(Manifests.fromMap(cluster, Cluster.class)).create();
    var object = Manifests.copy(sample.get(HostedControlPlane.class, "demo"));
    object.getMetadata().setNamespace(NAMESPACE);
    object.getMetadata().setUid(null);
    object.getMetadata().setResourceVersion(null);
    object.getMetadata().setFinalizers(List.of());
    object
        .getMetadata()
        .setOwnerReferences(
            List.of(
                new OwnerReferenceBuilder()
                    .withApiVersion("cluster.x-k8s.io/v1beta2")
                    .withKind("Cluster")
                    .withName("demo")
                    .withUid(owner.getMetadata().getUid())
                    .build()));
    object.setStatus(null);
    var _ = client.resource(object).create();
  }
}
