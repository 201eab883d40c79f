package dev.hcp.controller.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.kube.Fabric8HostedKubes;
import dev.hcp.controller.kube.HostedKube.Rewritten;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.model.KeyOrder;
import dev.hcp.render.encryption.Cipher;
import dev.hcp.render.encryption.EncryptionRenderer;
import dev.hcp.render.encryption.KeyRing;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real API servers go over to a KMS, with the configurations that are rendered for them. */
final class KmsIT {
  private static final String NAMESPACE = "default";
  private static final int SECRETS = 60;

  /** API servers remember for 20 seconds that a service answered. */
  private static final Duration NOTICED = Duration.ofSeconds(40);

  private static final String SOCKET = "kms.sock";

  /** What the probe of pods asks. */
  private static final String READINESS = "/readyz?exclude=kms-providers";

  private static final String LOCAL = "k8s:enc:secretbox:v1:key-1:";
  private static final String KMS = "k8s:enc:kms:v2:cloud.secrets:";

  @TempDir Path directory;
  private final Scenario scenario =
      Scenario.named("minimal")
          .spec(
              """
              encryptionAtRest:
                provider: KMS
                kms:
                  name: cloud
                  plugin:
                    image: {registry: r.example.com, repository: kms, tag: v1}
                    socket: /run/kmsplugin/kms.sock
              """);

  @Test
  void everythingIsEncryptedByTheServiceInTheEndAndItIsSaidWhenThatIsAway() throws IOException {
    var metrics = new ControllerMetrics(new SimpleMeterRegistry());
    var service =
        EncryptionRenderer.wantedKms(Plan.of(scenario.observation()).planning().controlPlane())
            .orElseThrow();
    var keys =
        new TreeMap<Integer, Cipher>(
            Map.of(1, new Cipher.Key(EncryptionKeys.generate()), 2, service));
    try (var plugin = new KmsPluginInMemory(directory.resolve(SOCKET));
        var kubes = new Fabric8HostedKubes(metrics);
        var knows = ManagementApiServer.start(_ -> flags("knows", ring(keys, 1, 2)));
        var client = knows.client()) {
      fill(client);
      assertThat(stored(knows, LOCAL)).isEqualTo(SECRETS);

      // One writes by the service already.
      try (var writes = knows.another(flags("writes", ring(keys, 2, 1)));
          var other = writes.client();
          var kube = kubes.open(kubeconfig(writes.config()))) {
        assertThat(kube.kms().orElseThrow().problem()).isEmpty();
        var results = new ArrayList<Rewritten>();
        kube.rewrite("secrets", (_, result, _) -> results.add(result));
        assertThat(results).hasSize(SECRETS).containsOnly(Rewritten.WRITTEN);
        assertThat(stored(knows, LOCAL)).isZero();
        assertThat(stored(knows, KMS)).isEqualTo(SECRETS);
        assertThat(canaries(client)).as("what the other has written").isEqualTo(SECRETS);

        plugin.stop();
        await("that the plugin is away is said")
            .atMost(NOTICED)
            .pollInterval(Duration.ofSeconds(1))
            .until(() -> kube.kms().orElseThrow().problem().isPresent());
        assertThat(kube.kms().orElseThrow().problem().orElseThrow())
            .contains("kms-provider")
            .doesNotContain("internal server error");
        assertThat(other.raw("/livez")).isEqualTo("ok");
        assertThat(other.raw(READINESS)).isEqualTo("ok");
        assertThat(canaries(other)).as("what it remembers").isEqualTo(SECRETS);
        assertReadyOnceAllIsRead(knows, flags("late", ring(keys, 2, 1)));
      }
    }
  }

  /**
   * One that starts while the plugin is away serves nobody before it has read what is encrypted.
   */
  private void assertReadyOnceAllIsRead(ManagementApiServer server, List<String> flags)
      throws IOException {
    try (var late = server.starting(flags)) {
      await("all but what is encrypted is there")
          .atMost(NOTICED)
          .pollInterval(Duration.ofSeconds(1))
          .ignoreExceptions()
          .untilAsserted(() ->
              assertThat(late.failing(READINESS))
                  .contains("informer-sync")
                  .doesNotContain("poststarthook/rbac/bootstrap-roles"));
      Files.deleteIfExists(directory.resolve(SOCKET));
      try (var _ = new KmsPluginInMemory(directory.resolve(SOCKET))) {
        await("it is ready")
            .atMost(NOTICED)
            .pollInterval(Duration.ofSeconds(1))
            .untilAsserted(() -> assertThat(late.failing(READINESS)).isEmpty());
      }
    }
  }

  private static KeyRing ring(TreeMap<Integer, Cipher> keys, Integer... order) {
    return new KeyRing(keys, new TreeSet<>()).with(new KeyOrder(List.of(order)));
  }

  private List<String> flags(String name, KeyRing ring) {
    var controlPlane = Plan.of(scenario.observation()).planning().controlPlane();
    var wanted = EncryptionRenderer.wanted(controlPlane);
    var data = EncryptionRenderer.configuration(controlPlane, ring.with(wanted), wanted).getData();
    var content =
        new String(
                Base64.getDecoder().decode(data.get(EncryptionRenderer.FILE)),
                StandardCharsets.UTF_8)
            .replace("/run/hcp-kms/2/", directory + "/");
    try {
      return List.of(
          "--encryption-provider-config="
              + Files.writeString(directory.resolve(name + ".yaml"), content),
          "--encryption-provider-config-automatic-reload=true");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void fill(KubernetesClient client) {
    for (int i = 0; i < SECRETS; i++) {
      var _ =
          client
              .resource(
                  new SecretBuilder()
                      .withNewMetadata()
                      .withName("canary-" + i)
                      .withNamespace(NAMESPACE)
                      .endMetadata()
                      .withStringData(Map.of("canary", "canary-in-a-secret"))
                      .build())
              .create();
    }
  }

  private static int canaries(KubernetesClient client) {
    return client.secrets().inNamespace(NAMESPACE).list().getItems().size();
  }

  /** The number of Secrets that begin with this in etcd. */
  private static long stored(ManagementApiServer server, String prefix) {
    return server.values("/registry/secrets/" + NAMESPACE + "/").stream()
        .filter(value -> value.startsWith(prefix))
        .filter(value -> !value.contains("canary-in-a-secret"))
        .count();
  }

  private static String kubeconfig(Config config) {
    return Manifests.write(
        Map.of(
            "apiVersion",
            "v1",
            "kind",
            "Config",
            "current-context",
            "x",
            "clusters",
            List.of(
                Map.of(
                    "name",
                    "c",
                    "cluster",
                    Map.of(
                        "server",
                        config.getMasterUrl(),
                        "certificate-authority",
                        config.getCaCertFile()))),
            "users",
            List.of(Map.of("name", "u", "user", Map.of("token", config.getOauthToken()))),
            "contexts",
            List.of(Map.of("name", "x", "context", Map.of("cluster", "c", "user", "u")))));
  }
}
