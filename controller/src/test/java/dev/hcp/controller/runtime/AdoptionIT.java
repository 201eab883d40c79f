package dev.hcp.controller.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.Issuer;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.controller.kube.Fabric8Kube;
import dev.hcp.controller.kube.ServedRoutes;
import dev.hcp.controller.memory.Answers;
import dev.hcp.controller.memory.BackupsInMemory;
import dev.hcp.controller.memory.DrillsInMemory;
import dev.hcp.controller.memory.EtcdInMemory;
import dev.hcp.controller.memory.HostNamesInMemory;
import dev.hcp.controller.memory.HostedClustersInMemory;
import dev.hcp.controller.memory.MachinesInMemory;
import dev.hcp.controller.memory.ManagementCluster;
import dev.hcp.controller.memory.NamedObjectsInMemory;
import dev.hcp.controller.memory.RewritesInMemory;
import dev.hcp.controller.plan.ManagementTokens;
import dev.hcp.controller.reconcile.HostedControlPlaneReconciler;
import dev.hcp.controller.reconcile.Reconciler;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.Crds;
import dev.hcp.controller.testing.Forerunner;
import dev.hcp.controller.testing.Forerunner.Layout;
import dev.hcp.controller.testing.Kubes;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.SigningCertManager;
import dev.hcp.controller.testing.WithManagementApiServer;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.process.ControllerSettings;
import dev.hcp.process.Environment;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A control plane that the forerunner has made is taken over in a real API server, with the rights
 * that the controller has: nothing is refused, for what cannot be changed is left as it is, and
 * nothing is left of what the forerunner had applied and we do not want.
 */
@WithManagementApiServer
class AdoptionIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration CALM = Duration.ofSeconds(2);

  private final ManagementApiServer server;
  private final SigningCertManager certManager = new SigningCertManager(InstantSource.system());
  private final AtomicInteger passes = new AtomicInteger();

  /** Each layout has its own: what is there is not taken over twice. */
  private String namespace = "adoption";

  AdoptionIT(ManagementApiServer server) {
    this.server = server;
  }

  @Test
  void aRealApiServerTakesAllChanges() {
    takeOver(Layout.LATER, List.of());
  }

  /** It publishes no trust bundles of etcd and front proxy. */
  @Test
  void neitherDoesItRefuseThoseOfTheReleasedVersion() {
    namespace = "adoption-of-release";
    takeOver(Layout.V1_7_2, List.of("demo-etcd-ca-bundle", "demo-front-proxy-ca-bundle"));
  }

  private void takeOver(Layout layout, List<String> missing) {
    try (var client = server.client();
        var controllerClient = server.controllerClient()) {
      forerunner(client, layout);
      assertThat(missing).allMatch(name -> find(client, name).isEmpty());
      var before = uids(client);
      var key = secret(client, "demo-service-account").getData().get("tls.key");
      try (var kube = kube(controllerClient);
          var _ = RunningController.start(controllerClient, passes -> reconciler(passes, kube))) {
        await("all is taken over")
            .atMost(PATIENCE)
            .pollInterval(Duration.ofMillis(200))
            .until(() -> {
              signAll(client);
              return isRoot(client) && isLeftToUs(client);
            });
        awaitCalm(client);
        assertThat(refusals()).isEmpty();
        assertThat(uids(client)).containsAllEntriesOf(before);
        assertObjects(client, key);

        int calm = controllerRequests().size();
        client
            .resources(HostedControlPlane.class)
            .inNamespace(namespace)
            .withName("demo")
            .edit(o -> {
              o.getMetadata().setAnnotations(Map.of("example.test/touched", "once"));
              return o;
            });
        int last = passes.get();
        await().atMost(PATIENCE).until(() -> passes.get() > last);
        awaitCalm(client);
        assertThat(controllerRequests().stream().skip(calm)).isEmpty();
      } finally {
        // It is not in the namespace of this test.
        var _ =
            client
                .genericKubernetesResources("gateway.networking.k8s.io/v1", "Gateway")
                .inNamespace("gateways")
                .withName("capi")
                .delete();
      }
    }
  }

  private void assertObjects(KubernetesClient client, String key) {
    assertThat(secret(client, "demo-sa").getData()).containsEntry("tls.key", key);
    assertThat(secret(client, "demo-root-keys").getData()).containsEntry("sa.key", key);
    assertThat(secret(client, "demo-etcd-ca-bundle").getData()).containsOnlyKeys("ca.crt");
    // Only once its Certificate is gone.
    await("the former key is gone")
        .atMost(PATIENCE)
        .until(() ->
            client.secrets().inNamespace(namespace).withName("demo-service-account").get() == null);
    var set = client.apps().statefulSets().inNamespace(namespace).withName("demo-etcd").get();
    assertThat(set.getSpec().getUpdateStrategy().getRollingUpdate()).isNull();
    assertThat(set.getSpec().getPersistentVolumeClaimRetentionPolicy().getWhenDeleted())
        .isEqualTo("Retain");
    assertNothingIsLeft(set.getSpec().getTemplate());
    for (var deployment : client.apps().deployments().inNamespace(namespace).list().getItems()) {
      assertNothingIsLeft(deployment.getSpec().getTemplate());
      assertThat(deployment.getSpec().getStrategy().getRollingUpdate().getMaxUnavailable())
          .as(deployment.getMetadata().getName())
          .returns(0, max -> max.getIntVal());
    }
    for (var budget :
        client.policy().v1().podDisruptionBudget().inNamespace(namespace).list().getItems()) {
      assertThat(budget.getMetadata().getOwnerReferences())
          .singleElement()
          .returns("HostedControlPlane", owner -> owner.getKind());
    }
    assertThat(claims(client))
        .hasSize(3)
        .allMatch(claim -> claim.getMetadata().getLabels().containsKey(Labels.MANAGED_BY));
    assertThat(
            client
                .resources(HostedControlPlane.class)
                .inNamespace(namespace)
                .withName("demo")
                .get()
                .getStatus()
                .conditions())
        .extracting(Condition::type)
        .contains("Ready")
        .doesNotContain("CARotationAnnotationReady");
  }

  private static void assertNothingIsLeft(PodTemplateSpec template) {
    assertThat(
            template.getMetadata().getAnnotations() == null
                ? Map.of()
                : template.getMetadata().getAnnotations())
        .doesNotContainKey("checksum/secrets");
    var mounted =
        template.getSpec().getContainers().stream()
            .flatMap(container -> container.getVolumeMounts().stream())
            .map(VolumeMount::getName)
            .toList();
    assertThat(template.getSpec().getVolumes())
        .extracting(Volume::getName)
        .allMatch(mounted::contains);
    assertThat(Manifests.write(template)).doesNotContain("demo-service-account");
  }

  private void forerunner(KubernetesClient client, Layout layout) {
    Stream.of(Crds.values()).forEach(crd -> crd.install(client));
    for (var each : List.of(namespace, "gateways")) {
      apply(
          client,
          "test",
          new NamespaceBuilder().withNewMetadata().withName(each).endMetadata().build());
    }
    var sample = Scenario.named("minimal");
    apply(client, "test", sample.get(Gateway.class, "capi"));
    var cluster = Manifests.toMap(sample.get(Cluster.class, "demo"));
    put(cluster, "metadata", "namespace", namespace);
    put(
        cluster,
        "spec",
        "controlPlaneEndpoint",
        Map.of("host", "demo." + namespace + ".hcp.example.test", "port", 443));
    var owner = client.resource(Manifests.fromMap(cluster, Cluster.class)).create();
    var object = Manifests.copy(sample.get(HostedControlPlane.class, "demo"));
    object.getMetadata().setNamespace(namespace);
    object.getMetadata().setUid(null);
    object.getMetadata().setResourceVersion(null);
    object.getMetadata().setFinalizers(List.of(Names.FINALIZER));
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
    var created = client.resource(object).create();
    var _ =
        client
            .resource(created)
            .subresource("status")
            .patch(
                merge("hcp-controller"),
                """
                {"status": {
                  "initialization": {"controlPlaneInitialized": true},
                  "conditions": [
                    {"type": "Ready", "status": "True", "reason": "ReconcileSucceeded", "message": "",
                     "lastTransitionTime": "2025-12-31T00:00:00Z"},
                    {"type": "CARotationAnnotationReady", "status": "True", "reason": "ReconcileSucceeded",
                     "message": "", "lastTransitionTime": "2025-12-31T00:00:00Z"}]}}
                """);
    var uid = created.getMetadata().getUid();
    Forerunner.objects(layout, namespace, uid, "").stream()
        .filter(o -> o instanceof Issuer || o instanceof Certificate)
        .forEach(o -> apply(client, Labels.MANAGER, o));
    for (int i = 0; i < 3; i++) {
      signAll(client);
    }
    var root = secret(client, "demo-ca").getData().get("ca.crt");
    Forerunner.objects(layout, namespace, uid, root).stream()
        .filter(o -> !(o instanceof Issuer) && !(o instanceof Certificate))
        .forEach(o -> apply(client, Labels.MANAGER, o));
    // The controller of StatefulSets is not here.
    var template =
        client
            .apps()
            .statefulSets()
            .inNamespace(namespace)
            .withName("demo-etcd")
            .get()
            .getSpec()
            .getVolumeClaimTemplates()
            .getFirst();
    for (int i = 0; i < 3; i++) {
      var _ =
          client
              .resource(
                  new PersistentVolumeClaimBuilder()
                      .withNewMetadata()
                      .withNamespace(namespace)
                      .withName("etcd-data-demo-etcd-" + i)
                      .addToLabels(Labels.CLUSTER_NAME, "demo")
                      .addToLabels(Labels.COMPONENT, "etcd")
                      .endMetadata()
                      .withSpec(template.getSpec())
                      .build())
              .create();
    }
  }

  private Fabric8Kube kube(KubernetesClient client) {
    var routes = new ServedRoutes();
    routes.all().forEach(kind -> kind.served(List.of("v1", "v1alpha2")));
    return Kubes.of(client, routes);
  }

  private Reconciler reconciler(RecordingReconciler recording, Fabric8Kube kube) {
    var nothing = new ManagementCluster();
    var reconciler =
        new HostedControlPlaneReconciler(
            recording.cache,
            kube,
            new Answers(nothing),
            new HostedClustersInMemory(),
            new BackupsInMemory(),
            new DrillsInMemory(),
            new HostNamesInMemory(),
            new NamedObjectsInMemory(nothing),
            new EtcdInMemory(),
            new RewritesInMemory(),
            new MachinesInMemory(nothing),
            () -> ManagementTokens.UNWANTED,
            ControllerSettings.from(
                Environment.of(Map.of("CONTROLLER_NAMESPACE", ManagementApiServer.NAMESPACE)),
                List.of()),
            new ControllerMetrics(new SimpleMeterRegistry()),
            InstantSource.system());
    return (of, name) -> {
      if (!of.equals(namespace)) {
        return Optional.empty();
      }
      try {
        return reconciler.reconcile(of, name);
      } finally {
        var _ = passes.incrementAndGet();
      }
    };
  }

  private boolean isRoot(KubernetesClient client) {
    return client
        .resources(Certificate.class)
        .inNamespace(namespace)
        .withName("demo-etcd-ca")
        .get()
        .getSpec()
        .issuerRef()
        .name()
        .equals("demo-root");
  }

  private boolean isLeftToUs(KubernetesClient client) {
    return "OnDelete"
        .equals(
            client
                .apps()
                .statefulSets()
                .inNamespace(namespace)
                .withName("demo-etcd")
                .get()
                .getSpec()
                .getUpdateStrategy()
                .getType());
  }

  /** Waits until no pass was made for a while, though cert-manager has nothing more to do. */
  private void awaitCalm(KubernetesClient client) {
    var last = new AtomicInteger(-1);
    await("calm")
        .atMost(PATIENCE)
        .pollInterval(CALM)
        .until(() -> {
          signAll(client);
          return last.getAndSet(passes.get()) == passes.get();
        });
  }

  /** What was refused of the controller's requests. */
  private List<String> refusals() {
    return controllerRequests().stream()
        .filter(line -> line.matches(".*\"code\":(400|403|422|5..).*"))
        .toList();
  }

  /** All requests of the controller in this namespace except watches. */
  private List<String> controllerRequests() {
    return server.auditLog().stream()
        .filter(line -> line.contains("\"impersonatedUser\""))
        .filter(line -> line.contains("\"namespace\":\"%s\"".formatted(namespace)))
        .filter(line -> !line.contains("\"verb\":\"watch\""))
        .toList();
  }

  private Map<String, String> uids(KubernetesClient client) {
    var uids = new TreeMap<String, String>();
    Stream.of(
            claims(client),
            client.apps().statefulSets().inNamespace(namespace).list().getItems(),
            client.apps().deployments().inNamespace(namespace).list().getItems(),
            client.services().inNamespace(namespace).list().getItems())
        .flatMap(List::stream)
        .forEach(
            o -> uids.put(o.getKind() + " " + o.getMetadata().getName(), o.getMetadata().getUid()));
    return uids;
  }

  private List<PersistentVolumeClaim> claims(KubernetesClient client) {
    return client.persistentVolumeClaims().inNamespace(namespace).list().getItems();
  }

  private Secret secret(KubernetesClient client, String name) {
    return find(client, name).orElseThrow();
  }

  private Optional<Secret> find(KubernetesClient client, String name) {
    return Optional.ofNullable(client.secrets().inNamespace(namespace).withName(name).get());
  }

  private static void apply(KubernetesClient client, String manager, HasMetadata object) {
    var _ =
        client
            .resource(object)
            .patch(
                new PatchContext.Builder()
                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                    .withFieldManager(manager)
                    .withForce(true)
                    .build(),
                client.getKubernetesSerialization().asJson(object));
  }

  private static PatchContext merge(String manager) {
    return new PatchContext.Builder()
        .withPatchType(PatchType.JSON_MERGE)
        .withFieldManager(manager)
        .build();
  }

  private static void put(Map<String, Object> object, String part, String field, Object value) {
    var changed = new TreeMap<String, Object>(Manifests.map(Manifests.write(object.get(part))));
    changed.put(field, value);
    object.put(part, changed);
  }

  /** cert-manager's move. */
  private void signAll(KubernetesClient client) {
    for (var certificate :
        client.resources(Certificate.class).inNamespace(namespace).list().getItems()) {
      if (certificate.getMetadata().getName().equals("demo-service-account")
          && find(client, "demo-sa").isPresent()) {
        // There is nothing to do for it, but its Secret may be deleted since it was listed.
        continue;
      }
      var issuer =
          client
              .resources(Issuer.class)
              .inNamespace(namespace)
              .withName(certificate.getSpec().issuerRef().name())
              .get();
      var authority =
          issuer.getSpec().ca() == null
              ? Optional.<Secret>empty()
              : find(client, issuer.getSpec().ca().secretName());
      if (issuer.getSpec().ca() != null && authority.isEmpty()) {
        continue;
      }
      certManager
          .sign(certificate, find(client, certificate.getSpec().secretName()), authority)
          .ifPresent(signed ->
              apply(
                  client,
                  "cert-manager-certificates-issuing",
                  new SecretBuilder()
                      .withNewMetadata()
                      .withNamespace(namespace)
                      .withName(signed.getMetadata().getName())
                      .withLabels(certificate.getSpec().secretTemplate().labels())
                      .endMetadata()
                      .withType(signed.getType())
                      .withData(signed.getData())
                      .build()));
      ready(client, certificate, certificate.getMetadata().getGeneration());
    }
    client
        .resources(Issuer.class)
        .inNamespace(namespace)
        .list()
        .getItems()
        .forEach(issuer -> ready(client, issuer, null));
  }

  private static void ready(KubernetesClient client, HasMetadata object, Long generation) {
    try {
      var _ =
          client
              .resource(object)
              .subresource("status")
              .patch(
                  merge("cert-manager"),
                  "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\",\"reason\":\"Ready\",\"message\":\"\"%s}]}}"
                      .formatted(
                          generation == null ? "" : ",\"observedGeneration\":" + generation));
    } catch (KubernetesClientException e) {
      // Deleted meanwhile.
      assertThat(e.getCode()).as(e.getMessage()).isEqualTo(404);
    }
  }
}
