package dev.hcp.controller.encryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.render.encryption.EncryptionRenderer;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real API server and a real etcd, with what is rendered. */
final class EncryptionIT {
  /** API servers look at the file once a minute. */
  private static final Duration RELOAD = Duration.ofSeconds(150);

  private static final Duration PAUSE = Duration.ofSeconds(2);

  private static final String NAMESPACE = "default";

  @TempDir Path directory;
  private final Scenario scenario = Scenario.named("minimal");
  private int canaries;

  @Test
  void nothingOfASecretIsInEtcdOnceApiServersEncryptAndEverythingCanBeRead() throws IOException {
    keepKey();
    // Of a running cluster, of which one API server does not know the key yet.
    scenario.with(pod("{}"));
    write();
    try (var server =
            ManagementApiServer.start(_ ->
                List.of(
                    "--encryption-provider-config=" + file(),
                    "--encryption-provider-config-automatic-reload=true"));
        var client = server.client()) {
      var plain = secret(client);
      assertThat(server.isStored(plain)).as("what is searched for can be found").isTrue();

      scenario.with(pod("{controlplane.cluster.x-k8s.io/encryption: '%s'}".formatted(known())));
      write();
      await("it encrypts")
          .atMost(RELOAD)
          .pollInterval(PAUSE)
          .until(() -> !server.isStored(secret(client)));
      var encrypted = secret(client);
      assertThat(server.isStored(encrypted)).isFalse();
      assertThat(server.isStored("k8s:enc:secretbox:v1:key-1:")).isTrue();
      assertThat(server.isStored(configMap(client))).as("what nobody wants encrypted").isTrue();
      assertThat(secrets(client)).contains(plain, encrypted);

      scenario.spec("encryptionAtRest: {disabled: true}");
      write();
      await("it encrypts no more")
          .atMost(RELOAD)
          .pollInterval(PAUSE)
          .until(() -> server.isStored(secret(client)));
      assertThat(secrets(client)).contains(plain, encrypted);
    }
  }

  /** A new cluster has nothing in plain text from the first moment on, custom resources too. */
  @Test
  void aNewClusterEncryptsFromTheFirstMomentOn() throws IOException {
    scenario.spec("encryptionAtRest: {resources: [configmaps, events, widgets.example.com]}");
    keepKey();
    write();
    try (var server =
            ManagementApiServer.start(_ ->
                List.of(
                    "--encryption-provider-config=" + file(),
                    "--encryption-provider-config-automatic-reload=true"));
        var client = server.client()) {
      var secret = secret(client);
      var map = configMap(client);
      assertThat(server.isStored("secrets/" + NAMESPACE)).as("names are not encrypted").isTrue();
      assertThat(server.isStored(secret)).isFalse();
      assertThat(server.isStored(map)).isFalse();
      assertThat(secrets(client)).contains(secret);
    }
  }

  /** A key, and a copy of it. */
  private void keepKey() {
    scenario.with(object("demo-encryption", Map.of("key-1", EncryptionKeys.generate())));
    scenario.with(object("demo-root-keys", desired("demo-root-keys").getData()));
  }

  private static Secret object(String name, Map<String, String> data) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("clusters")
        .endMetadata()
        .withData(data)
        .build();
  }

  private static String pod(String annotations) {
    return """
    apiVersion: v1
    kind: Pod
    metadata:
      name: demo-api-server-0
      namespace: clusters
      labels: {app.kubernetes.io/component: api-server}
      annotations: %s
    """
        .formatted(annotations);
  }

  private String known() {
    var atRest = AtRest.of(Plan.of(scenario.observation()).planning());
    return EncryptionRenderer.annotations(atRest.readable().orElseThrow())
        .values()
        .iterator()
        .next();
  }

  /** Replaces the file as a kubelet does, at once. */
  private void write() throws IOException {
    var secret = desired("demo-encryption");
    scenario.with(secret);
    var content = Base64.getDecoder().decode(secret.getData().get("encryption-configuration.yaml"));
    var next = Files.write(directory.resolve("next"), content);
    Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private Path file() {
    return directory.resolve("encryption-configuration.yaml");
  }

  private Secret desired(String name) {
    return Plan.of(scenario.observation()).steps().stream()
        .map(Step::desired)
        .flatMap(List::stream)
        .filter(Secret.class::isInstance)
        .map(Secret.class::cast)
        .filter(secret -> secret.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** Writes a Secret and says what is in it. */
  private String secret(KubernetesClient client) {
    var canary = "canary-in-a-secret-%d-".formatted(++canaries);
    var _ =
        client
            .resource(
                new SecretBuilder()
                    .withNewMetadata()
                    .withName("canary-" + canaries)
                    .withNamespace(NAMESPACE)
                    .endMetadata()
                    .withStringData(Map.of("canary", canary))
                    .build())
            .create();
    return canary;
  }

  private String configMap(KubernetesClient client) {
    var canary = "canary-in-a-map-%d-".formatted(++canaries);
    var _ =
        client
            .resource(
                new ConfigMapBuilder()
                    .withNewMetadata()
                    .withName("canary-" + canaries)
                    .withNamespace(NAMESPACE)
                    .endMetadata()
                    .withData(Map.of("canary", canary))
                    .build())
            .create();
    return canary;
  }

  private static List<String> secrets(KubernetesClient client) {
    return client.secrets().inNamespace(NAMESPACE).list().getItems().stream()
        .filter(secret -> secret.getData().containsKey("canary"))
        .map(secret ->
            new String(
                Base64.getDecoder().decode(secret.getData().get("canary")),
                StandardCharsets.US_ASCII))
        .toList();
  }
}
