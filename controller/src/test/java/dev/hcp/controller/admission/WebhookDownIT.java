package dev.hcp.controller.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.controller.testing.Crds;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * With the shipped webhook configurations and no webhook, existing control planes go on. This takes
 * an API server of its own: nothing else could be created beside it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebhookDownIT {
  private static final String NAMESPACE = "webhook-down";
  private static final Path WEBHOOKS = Path.of("../config/webhook");
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final ManagementApiServer server = ManagementApiServer.start();
  private final KubernetesClient client = server.client();

  @BeforeAll
  void install() throws IOException {
    Crds.HOSTED_CONTROL_PLANES.install(client);
    Namespaces.apply(client, NAMESPACE);
    create("kept").create();
    create("leaving").create();
    for (var file : List.of("mutating_webhook.yaml", "validating_webhook.yaml")) {
      try (var manifest = Files.newInputStream(WEBHOOKS.resolve(file))) {
        var _ = client.load(manifest).create();
      }
    }
    Awaitility.await("the webhooks are called")
        .atMost(DEADLINE)
        .untilAsserted(() -> assertNeedsWebhook(() -> create("new").dryRun().create()));
  }

  @AfterAll
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void whatTheControllerWritesPasses() {
    assertPasses("kept", "{'metadata': {'finalizers': ['hcp.controlplane.cluster.x-k8s.io']}}");
    assertPasses("kept", "{'metadata': {'annotations': {'cluster.x-k8s.io/paused': ''}}}");
    assertPasses(
        "kept", "{'spec': {'controlPlaneEndpoint': {'host': 'a.example.com', 'port': 443}}}");
    assertPasses("kept", "{'metadata': {'finalizers': null}}");
    assertThatCode(() ->
            object("kept")
                .subresource("status")
                .patch(
                    PatchContext.of(PatchType.JSON_MERGE),
                    "{\"status\": {\"version\": \"v1.36.3\"}}"))
        .doesNotThrowAnyException();
    assertThat(object("kept").get().getSpec().controlPlaneEndpoint().host())
        .isEqualTo("a.example.com");
  }

  @Test
  void whatHasToBeJudgedWaits() {
    assertNeedsWebhook(() -> patch("kept", "{'spec': {'version': 'v1.37.0'}}"));
    assertNeedsWebhook(() -> patch("kept", "{'spec': {'etcd': {'replicas': 1}}}"));
    assertNeedsWebhook(() -> patch("kept", "{'spec': {'exposure': null, 'coredns': {}}}"));
    assertNeedsWebhook(() ->
        patch("kept", "{'metadata': {'labels': {'cluster.x-k8s.io/cluster-name': 'other'}}}"));
    assertNeedsWebhook(() ->
        patch(
            "kept",
            "{'metadata': {'ownerReferences': [{'apiVersion': 'cluster.x-k8s.io/v1beta2', 'kind':"
                + " 'Cluster', 'name': 'other', 'uid': '1'}]}}"));
  }

  @Test
  void whatIsDeletedGoes() {
    assertPasses("leaving", "{'metadata': {'finalizers': ['example.com/held']}}");
    var _ = object("leaving").delete();
    assertPasses("leaving", "{'spec': {'replicas': 1}, 'metadata': {'finalizers': null}}");
    assertThat(object("leaving").get()).isNull();
  }

  private void assertPasses(String name, String patch) {
    assertThatCode(() -> patch(name, patch)).as(patch).doesNotThrowAnyException();
  }

  private static void assertNeedsWebhook(ThrowingCallable change) {
    assertThatThrownBy(change)
        .isInstanceOf(KubernetesClientException.class)
        .hasMessageContaining("failed calling webhook");
  }

  private void patch(String name, String patch) {
    var _ = object(name).patch(PatchContext.of(PatchType.JSON_MERGE), patch.replace('\'', '"'));
  }

  private Resource<HostedControlPlane> object(String name) {
    return client.resources(HostedControlPlane.class).inNamespace(NAMESPACE).withName(name);
  }

  private Resource<HostedControlPlane> create(String name) {
    return client.resource(
        client
            .getKubernetesSerialization()
            .unmarshal(
                """
                apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
                kind: HostedControlPlane
                metadata: {name: %s, namespace: %s}
                spec: {version: v1.36.3, gateway: {name: capi, namespace: gateways}}
                """
                    .formatted(name, NAMESPACE),
                HostedControlPlane.class));
  }
}
