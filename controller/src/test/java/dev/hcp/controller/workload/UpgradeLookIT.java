package dev.hcp.controller.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.kube.Fabric8HostedKubes;
import dev.hcp.controller.kube.HostedKube;
import dev.hcp.controller.kube.HostedKube.DeprecatedApi;
import dev.hcp.controller.plan.Action.SyncWorkload;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.UpgradeCheck;
import dev.hcp.controller.plan.UpgradeCheck.Server;
import dev.hcp.controller.plan.UpgradeFindings;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.WithManagementApiServer;
import dev.hcp.version.KubernetesVersion;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfiguration;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingWebhookConfigurationBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What is found out before another minor version, of a real API server. */
@WithManagementApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UpgradeLookIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final KubernetesVersion TO = KubernetesVersion.parse("v1.36.3");

  /** Of those in a certificate that kube-apiserver makes itself. */
  private static final String SERVER_NAME = "kubernetes.default.svc";

  private final ManagementApiServer server;
  private final KubernetesClient client;
  private final ControllerMetrics metrics = new ControllerMetrics(new SimpleMeterRegistry());
  private final Fabric8HostedKubes kubes = new Fabric8HostedKubes(metrics);

  UpgradeLookIT(ManagementApiServer server) {
    this.server = server;
    this.client = server.client();
  }

  @AfterAll
  void close() {
    kubes.close();
    client.close();
  }

  private int port() {
    return URI.create(server.config().getMasterUrl()).getPort();
  }

  private Server at(String address, int port, String name) {
    return new Server("demo-api-server-0", address, port, name);
  }

  private HostedKube open() {
    return kubes.open(kubeconfig());
  }

  private String kubeconfig() {
    try {
      var authority = Files.readAllBytes(Path.of(server.config().getCaCertFile()));
      return """
      apiVersion: v1
      kind: Config
      clusters:
      - name: demo
        cluster:
          server: %s
          certificate-authority-data: %s
      users:
      - name: controller
        user: {token: %s}
      contexts:
      - name: demo
        context: {cluster: demo, user: controller}
      current-context: demo
      """
          .formatted(
              server.config().getMasterUrl(),
              Base64.getEncoder().encodeToString(authority),
              server.config().getOauthToken());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void deprecatedApisThatWereAskedForAreFoundInTheMetrics() {
    assertThat(client.raw("/api/v1/componentstatuses")).isNotNull();
    try (var kube = open()) {
      assertThat(kube.deprecatedApis(at("127.0.0.1", port(), SERVER_NAME)))
          .contains(new DeprecatedApi("", "v1", "componentstatuses", "", ""));
    }
  }

  /** The address of a pod is not in its certificate. */
  @Test
  void anApiServerAtAnotherAddressIsTrustedByItsNameOnly() throws IOException {
    try (var forwarder = new Forwarder(port());
        var kube = open()) {
      assertThat(kube.deprecatedApis(at("127.0.0.2", forwarder.port(), SERVER_NAME))).isNotNull();
      assertThatThrownBy(
              () -> kube.deprecatedApis(at("127.0.0.2", forwarder.port(), "other.example.test")))
          .isInstanceOf(KubernetesClientException.class)
          .hasStackTraceContaining("CertificateException");
    }
  }

  @Test
  void whatCannotBeReadIsAProblemThatNamesThePod() throws IOException {
    int nobody;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = socket.getLocalPort();
    }
    try (var kube = open()) {
      var old =
          new NodeBuilder()
              .withNewMetadata()
              .withName("w1")
              .endMetadata()
              .withNewStatus()
              .withNewNodeInfo()
              .withKubeletVersion("v1.31.0")
              .endNodeInfo()
              .endStatus()
              .build();
      var check = new UpgradeCheck(TO, List.of(at("127.0.0.1", nobody, SERVER_NAME)), "1");
      var found = new UpgradeLook(kube, check, List.of(old)).find();
      assertThat(found.problem().orElseThrow())
          .startsWith("the metrics of pod demo-api-server-0 cannot be read: ");
      assertThat(found.kubelets()).containsExactly("Node w1 (v1.31.0)");
      assertThat(found.isClear()).isFalse();
    }
  }

  @Test
  void aWebhookThatCannotAnswerIsFoundUntilItCan() {
    var required = webhook("hcp-required", "Fail");
    var ignored = webhook("hcp-ignored", "Ignore");
    var _ = client.resource(required).create();
    var _ = client.resource(ignored).create();
    try (var synchronizer =
        new Synchronizer(
            kubes,
            (_, _) -> {},
            metrics,
            new Synchronizer.Timing(
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                Duration.ofHours(1),
                Duration.ofHours(1),
                Duration.ofMillis(500)),
            RandomGenerator.getDefault())) {
      synchronizer.keepUp(
          "clusters",
          "demo",
          new SyncWorkload(
              Base64.getEncoder().encodeToString(kubeconfig().getBytes(StandardCharsets.UTF_8)),
              List.of(),
              0,
              Set.of(),
              Optional.of(
                  new UpgradeCheck(TO, List.of(at("127.0.0.1", port(), SERVER_NAME)), "1"))));
      awaitWebhooks(
          synchronizer,
          "ValidatingWebhookConfiguration hcp-required, webhook things.example.com (Service"
              + " default/hcp-webhook does not exist)");
      var _ =
          client
              .resource(
                  new ServiceBuilder()
                      .withNewMetadata()
                      .withNamespace("default")
                      .withName("hcp-webhook")
                      .endMetadata()
                      .withNewSpec()
                      .addNewPort()
                      .withPort(443)
                      .endPort()
                      .endSpec()
                      .build())
              .create();
      awaitWebhooks(
          synchronizer,
          "ValidatingWebhookConfiguration hcp-required, webhook things.example.com (Service"
              + " default/hcp-webhook has no endpoint that is ready)");
      var _ =
          client
              .resource(
                  new EndpointSliceBuilder()
                      .withNewMetadata()
                      .withNamespace("default")
                      .withName("hcp-webhook-1")
                      .addToLabels("kubernetes.io/service-name", "hcp-webhook")
                      .endMetadata()
                      .withAddressType("IPv4")
                      .addNewEndpoint()
                      .withAddresses("192.0.2.1")
                      .withNewConditions()
                      .withReady(true)
                      .endConditions()
                      .endEndpoint()
                      .build())
              .create();
      awaitWebhooks(synchronizer);
    } finally {
      client.resource(required).delete();
      client.resource(ignored).delete();
      client.services().inNamespace("default").withName("hcp-webhook").delete();
      client
          .discovery()
          .v1()
          .endpointSlices()
          .inNamespace("default")
          .withName("hcp-webhook-1")
          .delete();
    }
  }

  @Test
  void webhookConfigurationsAreReadInPagesAndNotWithoutEnd() {
    var many = IntStream.range(0, 60).mapToObj(i -> webhook("hcp-many-" + i, "Fail")).toList();
    many.forEach(configuration -> {
      var _ = client.resource(configuration).create();
    });
    try (var kube = open()) {
      var all = kube.requiredWebhooks(500);
      assertThat(all.cut()).isEmpty();
      assertThat(all.found())
          .extracting(HostedKube.RequiredWebhook::configuration)
          .filteredOn(name -> name.startsWith("hcp-many-"))
          .hasSize(60)
          .doesNotHaveDuplicates();
      var some = kube.requiredWebhooks(50);
      assertThat(some.cut())
          .contains(
              "there are more ValidatingWebhookConfigurations than the 50 that are looked at");
      assertThat(some.found()).hasSizeLessThanOrEqualTo(50);
    } finally {
      many.forEach(configuration -> client.resource(configuration).delete());
    }
  }

  /** What API servers say of themselves are megabytes. */
  @Test
  void metricsOfABlockedUpgradeAreNotReadAllTheTimeButWhenTheUserSaysSomething()
      throws IOException {
    var required = webhook("hcp-blocking", "Fail");
    var _ = client.resource(required).create();
    try (var forwarder = new Forwarder(port());
        var synchronizer =
            new Synchronizer(
                kubes,
                (_, _) -> {},
                metrics,
                new Synchronizer.Timing(
                    Duration.ofHours(1),
                    Duration.ofMillis(1),
                    Duration.ofMillis(1),
                    Duration.ofHours(1),
                    Duration.ofHours(1)),
                RandomGenerator.getDefault())) {
      for (int word = 1; word <= 3; word++) {
        int expected = word;
        synchronizer.keepUp(
            "clusters",
            "demo",
            new SyncWorkload(
                Base64.getEncoder().encodeToString(kubeconfig().getBytes(StandardCharsets.UTF_8)),
                List.of(),
                0,
                Set.of(),
                Optional.of(
                    new UpgradeCheck(
                        TO,
                        List.of(at("127.0.0.2", forwarder.port(), SERVER_NAME)),
                        String.valueOf(word)))));
        await("word %d".formatted(word))
            .atMost(SOON)
            .until(() -> forwarder.connections() >= expected);
      }
      await("they are left alone")
          .during(Duration.ofSeconds(2))
          .atMost(SOON)
          .until(() -> forwarder.connections() == 3);
      awaitWebhooks(
          synchronizer,
          "ValidatingWebhookConfiguration hcp-blocking, webhook things.example.com (Service"
              + " default/hcp-webhook does not exist)");
    } finally {
      client.resource(required).delete();
    }
  }

  /** That of other tests, if there are any, do not count. */
  private static void awaitWebhooks(Synchronizer synchronizer, String... expected) {
    await("it is looked at again")
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(
                    synchronizer
                        .last("clusters", "demo")
                        .flatMap(HostedCluster::upgrade)
                        .map(UpgradeFindings::webhooks)
                        .orElse(List.of(" hcp-: nothing was looked at yet")))
                .filteredOn(webhook -> webhook.contains(" hcp-"))
                .containsExactly(expected));
  }

  /** Of a resource that nobody has, so that it refuses nothing. */
  private static ValidatingWebhookConfiguration webhook(String name, String failurePolicy) {
    return new ValidatingWebhookConfigurationBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .addNewWebhook()
        .withName("things.example.com")
        .withFailurePolicy(failurePolicy)
        .withSideEffects("None")
        .withAdmissionReviewVersions("v1")
        .withNewClientConfig()
        .withNewService()
        .withNamespace("default")
        .withName("hcp-webhook")
        .endService()
        .endClientConfig()
        .addNewRule()
        .withApiGroups("nobody.example.com")
        .withApiVersions("v1")
        .withResources("things")
        .withOperations("CREATE")
        .endRule()
        .endWebhook()
        .build();
  }

  /** Brings connections to 127.0.0.2 to a port of 127.0.0.1. */
  private static final class Forwarder implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.2"));
    private final int target;
    private final AtomicInteger connections = new AtomicInteger();

    Forwarder(int target) throws IOException {
      this.target = target;
      var _ = Thread.ofVirtual().start(this::accept);
    }

    int port() {
      return socket.getLocalPort();
    }

    int connections() {
      return connections.get();
    }

    private void accept() {
      try {
        while (true) {
          var from = socket.accept();
          var _ = connections.incrementAndGet();
          var to = new Socket(InetAddress.getByName("127.0.0.1"), target);
          var _ = Thread.ofVirtual().start(() -> copy(from, to));
          var _ = Thread.ofVirtual().start(() -> copy(to, from));
        }
      } catch (IOException _) {
        // Closed: the test is over.
      }
    }

    private static void copy(Socket from, Socket to) {
      try (from;
          to) {
        from.getInputStream().transferTo(to.getOutputStream());
      } catch (IOException _) {
        // One side has closed the connection.
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
