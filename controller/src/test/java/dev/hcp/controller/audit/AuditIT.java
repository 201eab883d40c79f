package dev.hcp.controller.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.controller.kube.ManagementClient;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.EventReceiver;
import dev.hcp.controller.testing.ManagementApiServer;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real API server reads what is rendered, beside it a real forwarder, and receivers count what
 * arrives.
 */
final class AuditIT {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /** How long a receiver is down; all attempts of the API server together take longer. */
  private static final Duration OUTAGE = Duration.ofSeconds(Long.getLong("audit.outage", 20));

  private static final String MOUNT = "/etc/kubernetes/audit";

  @TempDir Path directory;
  private final List<EventReceiver> receivers = new ArrayList<>();
  private final List<Process> processes = new ArrayList<>();
  private List<String> flags;
  private ManagementApiServer server;

  @AfterEach
  void stop() throws InterruptedException {
    if (server != null) {
      server.close();
    }
    for (var process : processes) {
      process.destroy();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    receivers.forEach(EventReceiver::close);
  }

  @Test
  void threeReceiversGetEveryEventAlsoAfterOneWasDown() throws Exception {
    start("blocking", 3, "4s");
    try (var client =
        ManagementClient.open(
            server.config(), PATIENCE, new ControllerMetrics(new SimpleMeterRegistry()))) {
      IntStream.range(0, 20).forEach(number -> create(client, "before-" + number));
      receivers.get(1).stop();
      // Requests wait until their events are stored; on a busy machine for too long, perhaps.
      var meanwhile =
          IntStream.range(0, 20)
              .mapToObj(number ->
                  CompletableFuture.runAsync(() -> attempt(client, "meanwhile-" + number)))
              .toList();
      var _ =
          CompletableFuture.runAsync(
                  receivers.get(1)::start,
                  CompletableFuture.delayedExecutor(OUTAGE.toMillis(), TimeUnit.MILLISECONDS))
              .thenCompose(
                  _ -> CompletableFuture.allOf(meanwhile.toArray(CompletableFuture[]::new)))
              .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      IntStream.range(0, 20).forEach(number -> create(client, "after-" + number));
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(receivers)
                .allSatisfy(receiver -> assertThat(creations(receiver)).hasSize(60)));
    assertThat(receivers)
        .allSatisfy(receiver ->
            assertThat(creations(receiver))
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(creations(receivers.getFirst())));
    assertThat(receivers).allMatch(receiver -> receiver.refused() == 0);
  }

  @Test
  void whatCannotBeStoredByAllIsNotDoneWhereThatIsStrict() throws Exception {
    start("blocking-strict", 3, "100ms");
    try (var client = server.client()) {
      create(client, "stored");
      receivers.get(2).answer(500);
      assertThatThrownBy(() -> create(client, "refused"))
          .isInstanceOfSatisfying(
              KubernetesClientException.class, e -> assertThat(e.getCode()).isEqualTo(500));
      receivers.get(2).answer(200);
      assertThat(client.configMaps().inNamespace("default").withName("refused").get()).isNull();
    }
  }

  @Test
  void oneReceiverIsCalledByTheApiServerItself() throws Exception {
    start("blocking", 1, "1s");
    try (var client = server.client()) {
      create(client, "one");
    }
    assertThat(creations(receivers.getFirst())).hasSize(1);
    assertThat(receivers.getFirst().refused()).isZero();
    assertThat(processes).isEmpty();
  }

  @Test
  void batchesArriveToo() throws Exception {
    start("batch", 2, "1s");
    try (var client = server.client()) {
      IntStream.range(0, 50).forEach(number -> create(client, "batch-" + number));
    }
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThat(receivers)
                .allSatisfy(receiver ->
                    assertThat(creations(receiver)).hasSize(50).doesNotHaveDuplicates()));
  }

  @Test
  void withoutReceiversEventsAreLogged() throws Exception {
    start("blocking", 0, "1s");
    try (var client = server.client()) {
      create(client, "logged");
    }
    assertThat(server.log().lines())
        .anyMatch(line -> line.contains("\"kind\":\"Event\"") && line.contains("\"create\""));
  }

  private void start(String mode, int count, String backoff) throws Exception {
    write(mode, count, backoff);
    server = ManagementApiServer.start(_ -> flags);
  }

  /**
   * Writes the files and starts the forwarder, if there is one.
   *
   * @return the port of the forwarder
   */
  private int write(String mode, int count, String backoff) throws Exception {
    var scenario = scenario(mode, count, backoff);
    var objects =
        Plan.of(scenario.observation()).steps().stream()
            .map(Step::desired)
            .<HasMetadata>flatMap(List::stream)
            .toList();
    int port = freePort();
    find(objects, Secret.class, "demo-audit-webhook")
        .getData()
        .forEach((name, content) ->
            write(
                directory.resolve(name),
                new String(Base64.getDecoder().decode(content))
                    .replace(MOUNT, directory.toString())
                    .replace("127.0.0.1:8090", "127.0.0.1:" + port)));
    var pod = find(objects, Deployment.class, "demo-api-server").getSpec().getTemplate().getSpec();
    for (var forwarder : pod.getInitContainers()) {
      forward(forwarder.getCommand().getLast(), forwarder.getArgs(), port);
    }
    flags =
        pod.getContainers().getFirst().getArgs().stream()
            .filter(flag -> flag.startsWith("--audit-"))
            .map(flag -> flag.replace(MOUNT, directory.toString()))
            .toList();
    return port;
  }

  /** Runs the forwarder with the flags that are rendered, but for its places. */
  private void forward(String main, List<String> arguments, int port) throws Exception {
    int healthPort = freePort();
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // What the container's limit leaves to it.
                "-Xmx128m",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                main));
    command.addAll(arguments);
    command.addAll(
        List.of("--port=" + port, "--health-port=" + healthPort, "--targets=" + directory));
    processes.add(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("forwarder.log").toFile())
            .start());
    var ready =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/readyz".formatted(healthPort)))
            .build();
    try (var client = HttpClient.newHttpClient()) {
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(
              () -> client.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200);
    }
  }

  private Scenario scenario(String mode, int count, String backoff) {
    var targets = new StringBuilder();
    var scenario = Scenario.named("minimal");
    for (int i = 0; i < count; i++) {
      var receiver = new EventReceiver("token-" + i);
      receivers.add(receiver);
      targets.append(
          """
                - server: %s
                  authentication: {secretName: receiver-%d}
                  certificateAuthority: |
          %s
          """
              .formatted(receiver.url(), i, receiver.authority().indent(12).stripTrailing()));
      scenario.with(
          new SecretBuilder()
              .withNewMetadata()
              .withName("receiver-" + i)
              .withNamespace("clusters")
              .endMetadata()
              .addToData("token", Base64.getEncoder().encodeToString(("token-" + i).getBytes()))
              .build());
    }
    return scenario.spec(
        """
        deployment:
          apiServer:
            args: {audit-webhook-initial-backoff: %s, audit-webhook-batch-max-wait: 1s}
            audit:
              mode: %s
              policy:
                omitStages: [ResponseStarted, ResponseComplete]
                rules:
                - level: RequestResponse
                  verbs: [create]
                  namespaces: [default]
                  resources: [{group: "", resources: [configmaps]}]
        %s
        """
            .formatted(
                backoff,
                mode,
                count == 0
                    ? ""
                    : "      webhook:\n        targets:\n" + targets.toString().indent(2)));
  }

  private static List<String> creations(EventReceiver receiver) {
    return receiver.events().stream()
        .filter(event -> event.contains("/namespaces/default/configmaps"))
        .toList();
  }

  private static void attempt(KubernetesClient client, String name) {
    try {
      create(client, name);
    } catch (KubernetesClientException _) {
      // What counts is that it is recorded.
    }
  }

  private static void create(KubernetesClient client, String name) {
    var _ =
        client
            .resource(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withNamespace("default")
                    .withName(name)
                    .endMetadata()
                    .build())
            .create();
  }

  private static <T extends HasMetadata> T find(
      List<HasMetadata> objects, Class<T> type, String name) {
    return objects.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .filter(object -> object.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
