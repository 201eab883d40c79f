package dev.hcp.controller.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.controller.kube.Fabric8Kube;
import dev.hcp.controller.kube.ServedRoutes;
import dev.hcp.controller.reconcile.Reconciler;
import dev.hcp.controller.testing.ControlPlanes;
import dev.hcp.controller.testing.Crds;
import dev.hcp.controller.testing.Kubes;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/** From a management cluster where nothing is installed to a control plane that is at rest. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StartIT {
  private static final String NAMESPACE = "start";
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration SOON = Duration.ofSeconds(30);

  private final ManagementApiServer server = ManagementApiServer.start();
  private final KubernetesClient client = server.client();
  private final KubernetesClient controllerClient = server.controllerClient();

  @AfterAll
  void close() {
    controllerClient.close();
    client.close();
    server.close();
  }

  @Test
  @Order(1)
  void kindsMayBeInstalledAfterTheController() {
    Namespaces.apply(client, NAMESPACE);
    try (var running = RunningController.start(controllerClient)) {
      await()
          .atMost(START)
          .until(() ->
              running
                  .controller
                  .notReady()
                  .filter(problem -> !problem.contains("cannot be read yet"))
                  .isPresent());
      assertThat(running.controller.notReady().orElseThrow())
          .contains(
              "CustomResourceDefinition hostedcontrolplanes.controlplane.cluster.x-k8s.io",
              "CustomResourceDefinition clusters.cluster.x-k8s.io",
              "CustomResourceDefinition certificates.cert-manager.io",
              "CustomResourceDefinition issuers.cert-manager.io",
              "install cert-manager")
          .doesNotContain("gateway");
      assertThat(running.controller.broken()).isEmpty();

      List.of(
              Crds.HOSTED_CONTROL_PLANES,
              Crds.RESTORES,
              Crds.CLUSTERS,
              Crds.CERTIFICATES,
              Crds.ISSUERS)
          .forEach(crd -> crd.install(client));
      await().atMost(START).until(() -> running.controller.notReady().isEmpty());
      var _ = client.resource(controlPlane("early")).create();
      await().atMost(SOON).until(() -> running.passes().passes(NAMESPACE, "early") > 0);
      assertThat(running.passes().cache.tlsRouteApiVersion()).isEmpty();

      var before = running.passes().passes(NAMESPACE, "early");
      List.of(Crds.GATEWAYS, Crds.TLSROUTES).forEach(crd -> crd.install(client));
      await().atMost(START).until(() -> running.passes().cache.tlsRouteApiVersion().isPresent());
      await().atMost(SOON).until(() -> running.passes().passes(NAMESPACE, "early") > before);
      await().atMost(START).until(() -> running.controller.notReady().isEmpty());
    }
  }

  @Test
  @Order(2)
  void aControlPlaneAtRestCostsNoRequest() {
    Stream.of(Crds.values()).forEach(crd -> crd.install(client));
    var routes = new ServedRoutes();
    routes.all().forEach(kind -> kind.served(List.of("v1", "v1alpha2")));
    var passes = new AtomicInteger();
    try (var kube = Kubes.of(controllerClient, routes);
        var running =
            RunningController.start(
                controllerClient, recording -> applyingEverything(recording, kube, passes))) {
      var _ = client.resource(controlPlane("resting")).create();
      await().atMost(START).until(() -> passes.get() > 0);
      awaitRest(passes);

      var requests = controllerRequests();
      assertThat(requests).as("what was asked for before").isNotEmpty();
      for (int i = 0; i < 5; i++) {
        var before = passes.get();
        running.trigger().reconcile(NAMESPACE, "resting");
        await().atMost(SOON).until(() -> passes.get() > before);
      }
      awaitRest(passes);
      assertThat(controllerRequests().stream().skip(requests.size())).isEmpty();

      // The proof is one only if a change does show.
      var _ = client.secrets().inNamespace(NAMESPACE).withName("resting-kubeconfig").delete();
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> assertThat(controllerRequests().stream().skip(requests.size())).hasSize(1));
    }
  }

  private static Reconciler applyingEverything(
      RecordingReconciler recording, Fabric8Kube kube, AtomicInteger passes) {
    return (namespace, name) -> {
      recording
          .cache
          .hostedControlPlane(namespace, name)
          .filter(object -> name.equals("resting"))
          .ifPresent(object -> {
            ControlPlanes.objects(namespace, name)
                .forEach(desired ->
                    kube.apply(
                        desired,
                        recording
                            .cache
                            .ofCluster(desired.getClass(), namespace, name)
                            .get(desired.getMetadata().getName())));
            var _ = kube.applyStatus(object, status());
            var _ = passes.incrementAndGet();
          });
      return Optional.empty();
    };
  }

  /** Waits until no pass was made for a second. */
  private static void awaitRest(AtomicInteger passes) {
    var last = new AtomicInteger(-1);
    await()
        .atMost(START)
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> last.getAndSet(passes.get()) == passes.get());
  }

  /** All requests of the controller except watches. */
  private List<String> controllerRequests() {
    return server.auditLog().stream()
        .filter(line -> line.contains("\"impersonatedUser\""))
        .filter(line -> !line.contains("\"verb\":\"watch\""))
        .toList();
  }

  private static HostedControlPlane controlPlane(String name) {
    var object = ControlPlanes.hostedControlPlane(NAMESPACE, name);
    object
        .getMetadata()
        .setOwnerReferences(
            List.of(
                new OwnerReferenceBuilder()
                    .withApiVersion(Cluster.GROUP + "/" + Cluster.VERSION)
                    .withKind("Cluster")
                    .withName(name)
                    .withUid("4d6c9d2e-52c4-4c8c-9a0e-1f0a4f0c8c11")
                    .build()));
    return object;
  }

  private static HostedControlPlaneStatus status() {
    return new HostedControlPlaneStatus(
        List.of(new Condition("Ready", "True", 1L, "2026-01-01T00:00:00Z", "Reason", "message")),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        "a=b",
        3,
        3,
        3,
        3,
        null,
        true,
        null,
        null,
        true,
        1L);
  }
}
