package dev.hcp.controller.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestoreSpec;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.api.v1alpha1.InitializationStatus;
import dev.hcp.api.v1alpha1.RestorePhase;
import dev.hcp.api.v1alpha1.RestoreSource;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.kube.Kube.Applied;
import dev.hcp.controller.kube.Kube.EventType;
import dev.hcp.controller.plan.RestoreProgress;
import dev.hcp.controller.restore.RestoreStatuses;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.ControlPlanes;
import dev.hcp.controller.testing.Crds;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.controller.testing.WithManagementApiServer;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Requests other than applying generated objects. */
@WithManagementApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Fabric8KubeIT {
  private static final String NAMESPACE = "kube";
  private static final Duration SOON = Duration.ofSeconds(30);

  private final KubernetesClient client;
  private final KubernetesClient controllerClient;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
  private final Fabric8Kube kube;

  Fabric8KubeIT(ManagementApiServer server) {
    client = server.client();
    controllerClient = server.controllerClient();
    kube =
        new Fabric8Kube(
            controllerClient,
            new ServedRoutes(),
            "replica-1",
            new ControllerMetrics(registry),
            (InstantSource) now::get);
  }

  @BeforeAll
  void install() {
    List.of(Crds.HOSTED_CONTROL_PLANES, Crds.RESTORES, Crds.TESTCLUSTERS)
        .forEach(crd -> crd.install(client));
    Namespaces.apply(client, NAMESPACE);
  }

  @AfterAll
  void close() {
    kube.close();
    controllerClient.close();
    client.close();
  }

  @Test
  void statusIsWrittenOnlyIfItDiffers() {
    var seen = created("status");
    assertThat(kube.applyStatus(seen, status(3, "Ready", "Available"))).isEqualTo(Applied.CHANGED);
    var written = read("status");
    assertThat(written.getStatus().replicas()).isEqualTo(3);
    assertThat(kube.applyStatus(written, status(3, "Ready", "Available")))
        .isEqualTo(Applied.UNCHANGED);
    assertThat(kube.applyStatus(written, status(2, "Ready", "Available")))
        .isEqualTo(Applied.CHANGED);
  }

  @Test
  void restorationsAreToldHowFarTheyAre() {
    var restore = restore("told", RestoreSource.NEWEST, null);
    var progress =
        new RestoreProgress(
            RestorePhase.PREPARING, Reason.PREPARING_RESTORE, "it is fetched", Optional.empty(), 1);
    var status = RestoreStatuses.of(restore, progress, now.get());
    assertThat(kube.applyStatus(restore, status)).isEqualTo(Applied.CHANGED);
    var written = client.resource(restore).get();
    assertThat(written.getStatus()).isEqualTo(status);
    assertThat(written.getStatus().startTime()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(kube.applyStatus(written, RestoreStatuses.of(written, progress, now.get())))
        .isEqualTo(Applied.UNCHANGED);
  }

  /** By the rules in their schema: no webhook is asked. */
  @Test
  void restorationsCannotBeChangedButCancelled() {
    assertThatThrownBy(() ->
            restore(
                "both",
                new RestoreSource(
                    "20260821T023011Z-3f9a2c1b", "2026-08-21T00:00:00Z", null, null, null, null),
                null))
        .hasMessageContaining("backup and upToTime exclude each other");
    assertThatThrownBy(() ->
            restore("nameless", new RestoreSource("newest", null, null, null, null, null), null))
        .hasMessageContaining("spec.source.backup");
    assertThatThrownBy(() ->
            restore("timeless", new RestoreSource(null, "yesterday", null, null, null, null), null))
        .hasMessageContaining("spec.source.upToTime");
    var restore = restore("fixed", RestoreSource.NEWEST, null);
    assertThatThrownBy(() -> change(restore, "other", RestoreSource.NEWEST, null))
        .hasMessageContaining("controlPlaneName and source cannot be changed");
    assertThatThrownBy(() -> change(restore, "demo", null, null))
        .hasMessageContaining("controlPlaneName and source cannot be changed");
    change(restore, "demo", RestoreSource.NEWEST, true);
    assertThatThrownBy(() -> change(restore, "demo", RestoreSource.NEWEST, false))
        .hasMessageContaining("cancel cannot be taken back");
    assertThatThrownBy(() -> change(restore, "demo", RestoreSource.NEWEST, null))
        .hasMessageContaining("cancel cannot be taken back");
  }

  private HostedControlPlaneRestore restore(
      String name, @Nullable RestoreSource source, @Nullable Boolean cancel) {
    var restore = new HostedControlPlaneRestore();
    restore.setMetadata(new ObjectMetaBuilder().withNamespace(NAMESPACE).withName(name).build());
    restore.setSpec(new HostedControlPlaneRestoreSpec("demo", source, cancel));
    return client.resource(restore).create();
  }

  private void change(
      HostedControlPlaneRestore restore,
      String controlPlane,
      @Nullable RestoreSource source,
      @Nullable Boolean cancel) {
    var changed = client.resource(restore).get();
    changed.setSpec(new HostedControlPlaneRestoreSpec(controlPlane, source, cancel));
    var _ = client.resource(changed).update();
  }

  @Test
  void conditionsAndFieldsThatAreNotSetAnyMoreGo() {
    var _ = kube.applyStatus(created("shrinking"), status(3, "Ready", "Available"));
    foreignStatus(
        "shrinking",
        """
        {"status":{"conditions":[{"type":"Theirs","status":"True","reason":"R","message":"m",
        "lastTransitionTime":"2026-01-01T00:00:00Z"}]}}
        """);
    assertThat(kube.applyStatus(read("shrinking"), status(null, "Ready")))
        .isEqualTo(Applied.CHANGED);
    var status = read("shrinking").getStatus();
    assertThat(status.replicas()).isNull();
    assertThat(status.conditions())
        .extracting(Condition::type)
        .as("the conditions of others stay")
        .containsExactlyInAnyOrder("Ready", "Theirs");
    assertThat(kube.applyStatus(read("shrinking"), status(null, "Ready")))
        .isEqualTo(Applied.UNCHANGED);
  }

  @Test
  void theStatusOfAnObjectThatIsGoneIsNotWritten() {
    var seen = created("ended");
    var _ = client.resource(seen).delete();
    assertThat(kube.applyStatus(seen, status(3, "Ready"))).isEqualTo(Applied.UNCHANGED);
    assertThat(kube.find(HostedControlPlane.class, NAMESPACE, "ended")).isEmpty();
  }

  @Test
  void theEndpointIsPublishedOnceAndSurvivesOthers() {
    var seen = created("endpoint");
    var endpoint = new ControlPlaneEndpoint("a.example.com", 443);
    kube.applyEndpoint(seen, endpoint);
    var published = read("endpoint");
    assertThat(published.getSpec().controlPlaneEndpoint()).isEqualTo(endpoint);
    kube.applyEndpoint(published, endpoint);
    assertThat(read("endpoint").getMetadata().getResourceVersion())
        .as("no second request")
        .isEqualTo(published.getMetadata().getResourceVersion());
    var _ = kube.applyStatus(published, status(1, "Ready"));
    assertThat(read("endpoint").getSpec().controlPlaneEndpoint()).isEqualTo(endpoint);
  }

  @Test
  void anObjectThatIsGoneIsNotMadeAgainByItsEndpoint() {
    var seen = created("gone");
    var _ = client.resource(seen).delete();
    assertThatThrownBy(() -> kube.applyEndpoint(seen, new ControlPlaneEndpoint("a", 443)))
        .isInstanceOf(KubernetesClientException.class);
    assertThat(kube.find(HostedControlPlane.class, NAMESPACE, "gone")).isEmpty();
  }

  @Test
  void ourFinalizerComesAndGoesWithoutThoseOfOthers() {
    var seen = created("finalizer");
    kube.addFinalizer(seen);
    merge(
        "finalizer",
        "{\"metadata\":{\"finalizers\":[\"%s\",\"example.com/theirs\"]}}"
            .formatted(Names.FINALIZER));
    assertThatThrownBy(() -> kube.removeFinalizer(withFinalizer(seen)))
        .as("based on an older object")
        .isInstanceOf(KubernetesClientException.class)
        .extracting(e -> ((KubernetesClientException) e).getCode())
        .isEqualTo(409);
    kube.removeFinalizer(read("finalizer"));
    assertThat(read("finalizer").getFinalizers()).containsExactly("example.com/theirs");
    kube.removeFinalizer(read("finalizer"));
    kube.addFinalizer(read("finalizer"));
    assertThat(read("finalizer").getFinalizers())
        .containsExactly("example.com/theirs", Names.FINALIZER);
    merge("finalizer", "{\"metadata\":{\"finalizers\":null}}");
  }

  @Test
  void removingTheFinalizerOfAnObjectThatIsGoneIsSuccess() {
    kube.addFinalizer(created("vanished"));
    var seen = read("vanished");
    merge("vanished", "{\"metadata\":{\"finalizers\":null}}");
    var _ = client.resource(seen).delete();
    kube.removeFinalizer(seen);
    assertThat(kube.find(HostedControlPlane.class, NAMESPACE, "vanished")).isEmpty();
  }

  @Test
  void onlyTheObjectThatWasSeenIsDeleted() {
    kube.create(secret("first"));
    var seen = kube.find(Secret.class, NAMESPACE, "secret").orElseThrow();
    kube.delete(seen);
    kube.delete(seen);
    kube.create(secret("second"));
    kube.delete(seen);
    var other = kube.find(Secret.class, NAMESPACE, "secret").orElseThrow();
    assertThat(other.getData()).containsKey("second");
    kube.delete(other);
    assertThat(kube.find(Secret.class, NAMESPACE, "secret")).isEmpty();
  }

  /** A pod that is to be replaced; nobody but the API server is here, so it is gone at once. */
  @Test
  void podsCanBeDeleted() {
    createPod("demo-etcd-0");
    var seen = kube.find(Pod.class, NAMESPACE, "demo-etcd-0").orElseThrow();
    kube.delete(seen);
    assertThat(kube.find(Pod.class, NAMESPACE, "demo-etcd-0")).isEmpty();
  }

  @Test
  void annotationsOfPodsComeAndGoUnlessSomebodyElseHasChangedThePod() {
    createPod("demo-etcd-1");
    var seen = kube.find(Pod.class, NAMESPACE, "demo-etcd-1").orElseThrow();
    kube.annotate(seen, "example.com/ours", Optional.of("set"));
    assertThat(annotations())
        .isEqualTo(Map.of("example.com/other", "kept", "example.com/ours", "set"));
    kube.annotate(seen, "example.com/ours", Optional.of("late"));
    assertThat(annotations()).containsEntry("example.com/ours", "set");
    kube.annotate(
        kube.find(Pod.class, NAMESPACE, "demo-etcd-1").orElseThrow(),
        "example.com/ours",
        Optional.empty());
    assertThat(annotations()).isEqualTo(Map.of("example.com/other", "kept"));
    kube.delete(kube.find(Pod.class, NAMESPACE, "demo-etcd-1").orElseThrow());
    kube.annotate(seen, "example.com/ours", Optional.of("gone"));
    assertThat(kube.find(Pod.class, NAMESPACE, "demo-etcd-1")).isEmpty();
  }

  /** Server-side apply alone leaves what somebody else has written too, as a creation does. */
  @Test
  void entriesOfSecretsComeAndGoUnlessSomebodyElseHasChangedTheSecret() {
    kube.create(entries(Map.of("a", "YQ==")));
    var seen = entries();
    var _ = kube.apply(entries(Map.of("a", "YQ==")), seen);
    kube.edit(seen, Map.of("b", Optional.of("late")));
    assertThat(entries().getData()).containsOnlyKeys("a");
    kube.edit(entries(), Map.of("b", Optional.of("Yg==")));
    assertThat(entries().getData()).isEqualTo(Map.of("a", "YQ==", "b", "Yg=="));
    var _ = kube.apply(entries(Map.of("b", "Yg==")), entries());
    assertThat(entries().getData()).containsKey("a");
    kube.edit(entries(), Map.of("a", Optional.empty()));
    assertThat(entries().getData()).isEqualTo(Map.of("b", "Yg=="));
    assertThat(kube.apply(entries(Map.of("b", "Yg==")), entries())).isEqualTo(Applied.UNCHANGED);
  }

  private Secret entries() {
    return kube.find(Secret.class, NAMESPACE, "entries").orElseThrow();
  }

  private static Secret entries(Map<String, String> data) {
    return new SecretBuilder()
        .withNewMetadata()
        .withName("entries")
        .withNamespace(NAMESPACE)
        .endMetadata()
        .withType("Opaque")
        .withData(data)
        .build();
  }

  private Map<String, String> annotations() {
    return kube.find(Pod.class, NAMESPACE, "demo-etcd-1")
        .orElseThrow()
        .getMetadata()
        .getAnnotations();
  }

  private void createPod(String name) {
    var _ =
        client
            .resource(
                new PodBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .withNamespace(NAMESPACE)
                    .addToAnnotations("example.com/other", "kept")
                    .endMetadata()
                    .withNewSpec()
                    .addNewContainer()
                    .withName("etcd")
                    .withImage("registry.example.com/etcd:v1")
                    .endContainer()
                    .endSpec()
                    .build())
            .create();
  }

  @Test
  void aClaimOfAClassWithExpansionAsksForMore() {
    storageClass("growing", true);
    var seen = claim("grows", "growing");
    assertThat(kube.enlarge(seen, new Quantity("2Gi"))).isEqualTo(Applied.CHANGED);
    assertThat(requested("grows")).isEqualTo("2Gi");
    assertThat(kube.enlarge(seen, new Quantity("5Gi")))
        .as("it is not the claim any more that was seen")
        .isEqualTo(Applied.UNCHANGED);
    assertThat(requested("grows")).isEqualTo("2Gi");
    var _ = client.resource(seen).delete();
    var _ =
        client
            .resource(seen)
            .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
    assertThat(kube.find(PersistentVolumeClaim.class, NAMESPACE, "grows")).isEmpty();
    assertThat(kube.enlarge(seen, new Quantity("5Gi"))).isEqualTo(Applied.UNCHANGED);
  }

  @Test
  void whyAClaimCannotGrowIsPassedOn() {
    storageClass("rigid", false);
    for (var name : List.of("rigid", "gone")) {
      var seen = claim("stays-" + name, name);
      assertThatThrownBy(() -> kube.enlarge(seen, new Quantity("2Gi")))
          .isInstanceOf(KubernetesClientException.class)
          .hasMessageContaining("stays-" + name)
          .hasMessageContaining("must support resize");
      assertThat(requested("stays-" + name)).isEqualTo("1Gi");
    }
  }

  private void storageClass(String name, boolean expandable) {
    var _ =
        client
            .resource(
                new StorageClassBuilder()
                    .withNewMetadata()
                    .withName(name)
                    .endMetadata()
                    .withProvisioner("example.com/disks")
                    .withAllowVolumeExpansion(expandable)
                    .build())
            .create();
  }

  /** A claim that has a volume of 1 GiB; nobody but the API server is here. */
  private PersistentVolumeClaim claim(String name, String storageClass) {
    var claim =
        new PersistentVolumeClaimBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(NAMESPACE)
            .endMetadata()
            .withNewSpec()
            .withAccessModes("ReadWriteOnce")
            .withStorageClassName(storageClass)
            .withVolumeName("volume-of-" + name)
            .withNewResources()
            .withRequests(Map.of("storage", new Quantity("1Gi")))
            .endResources()
            .endSpec()
            .build();
    var created = client.resource(claim).create();
    return client
        .resource(created)
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"status\":{\"phase\":\"Bound\",\"capacity\":{\"storage\":\"1Gi\"}}}");
  }

  private String requested(String claim) {
    return kube.find(PersistentVolumeClaim.class, NAMESPACE, claim)
        .orElseThrow()
        .getSpec()
        .getResources()
        .getRequests()
        .get("storage")
        .toString();
  }

  @Test
  void creatingWhatExistsIsAConflict() {
    var secret = new SecretBuilder(secret("x")).editMetadata().withName("twice").endMetadata();
    kube.create(secret.build());
    assertThatThrownBy(() -> kube.create(secret.build()))
        .isInstanceOf(KubernetesClientException.class)
        .extracting(e -> ((KubernetesClientException) e).getCode())
        .isEqualTo(409);
  }

  @Test
  void createdObjectsAreAdoptedByTheirFirstApply() {
    var secret = new SecretBuilder(secret("a")).editMetadata().withName("adopted").endMetadata();
    kube.create(secret.build());
    var live = kube.find(Secret.class, NAMESPACE, "adopted").orElseThrow();
    assertThat(kube.apply(secret.build(), live)).isEqualTo(Applied.CHANGED);
    var adopted = kube.find(Secret.class, NAMESPACE, "adopted").orElseThrow();
    assertThat(kube.apply(secret.build(), adopted)).isEqualTo(Applied.UNCHANGED);
  }

  @Test
  void infrastructureClustersAreReadInTheContractsVersion() {
    var _ =
        client
            .load(
                new ByteArrayInputStream(
                    """
                    apiVersion: infrastructure.cluster.x-k8s.io/v1alpha1
                    kind: TestCluster
                    metadata: {namespace: kube, name: infra}
                    spec: {region: here}
                    """
                        .getBytes(StandardCharsets.UTF_8)))
            .create();
    var group = "infrastructure.cluster.x-k8s.io";
    var seen =
        kube.findInfrastructureCluster(group, "TestCluster", NAMESPACE, "infra").orElseThrow();
    assertThat(seen.getApiVersion()).isEqualTo(group + "/v1alpha3");
    kube.setInfrastructureEndpoint(seen, new ControlPlaneEndpoint("a.example.com", 443));
    var told =
        kube.findInfrastructureCluster(group, "TestCluster", NAMESPACE, "infra").orElseThrow();
    assertThat(told.<Map<String, Object>>get("spec"))
        .containsEntry("region", "here")
        .containsEntry("controlPlaneEndpoint", Map.of("host", "a.example.com", "port", 443));
    assertThatThrownBy(
            () -> kube.setInfrastructureEndpoint(seen, new ControlPlaneEndpoint("b", 443)))
        .as("changed since it was seen")
        .isInstanceOf(KubernetesClientException.class);
    assertThat(kube.findInfrastructureCluster(group, "TestCluster", NAMESPACE, "none")).isEmpty();
    assertThat(kube.findInfrastructureCluster(group, "NoCluster", NAMESPACE, "infra")).isEmpty();
    assertThat(kube.findInfrastructureCluster("no.x-k8s.io", "X", NAMESPACE, "infra")).isEmpty();
  }

  @Test
  void eventsAreWrittenOnceInTenMinutes() {
    var about = created("eventful");
    kube.event(about, EventType.WARNING, "Broken", "Mend", "x".repeat(2000));
    kube.event(about, EventType.WARNING, "Broken", "Mend", "x".repeat(2000));
    kube.event(about, EventType.NORMAL, "Mended", "Mend", "it works");
    await().atMost(SOON).until(() -> events(about).size() == 2);
    assertThat(registry.get("hcp.events").tag("result", "repeated").counter().count()).isEqualTo(1);
    assertThat(events(about))
        .allSatisfy(event -> {
          assertThat(event.getReportingController()).isEqualTo("hosted-control-plane-controller");
          assertThat(event.getReportingInstance()).isEqualTo("replica-1");
          assertThat(event.getAction()).isEqualTo("Mend");
        })
        .extracting(Event::getType)
        .containsExactlyInAnyOrder("Warning", "Normal");
    now.updateAndGet(before -> before.plus(EventRecorder.REPEAT));
    kube.event(about, EventType.NORMAL, "Mended", "Mend", "it works");
    await().atMost(SOON).until(() -> events(about).size() == 3);
  }

  private List<Event> events(HostedControlPlane about) {
    return client.events().v1().events().inNamespace(NAMESPACE).list().getItems().stream()
        .filter(event -> about.getMetadata().getUid().equals(event.getRegarding().getUid()))
        .toList();
  }

  private HostedControlPlane created(String name) {
    return client.resource(ControlPlanes.hostedControlPlane(NAMESPACE, name)).create();
  }

  private HostedControlPlane read(String name) {
    return kube.find(HostedControlPlane.class, NAMESPACE, name).orElseThrow();
  }

  private static HostedControlPlane withFinalizer(HostedControlPlane object) {
    object.getMetadata().setFinalizers(List.of(Names.FINALIZER));
    return object;
  }

  private static Secret secret(String key) {
    return new SecretBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName("secret")
        .endMetadata()
        .withData(Map.of(key, "dmFsdWU="))
        .build();
  }

  private void merge(String name, String patch) {
    var _ = client.resource(read(name)).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
  }

  private void foreignStatus(String name, String patch) {
    var context =
        new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("someone")
            .build();
    var resource =
        client.getKubernetesSerialization().unmarshal(patch, GenericKubernetesResource.class);
    var seen = read(name);
    resource.setApiVersion(seen.getApiVersion());
    resource.setKind(seen.getKind());
    var _ =
        client
            .resource(seen)
            .subresource("status")
            .patch(context, client.getKubernetesSerialization().asJson(resource));
  }

  private static HostedControlPlaneStatus status(Integer replicas, String... conditions) {
    return new HostedControlPlaneStatus(
        Arrays.stream(conditions)
            .map(type ->
                new Condition(type, "True", 1L, "2026-01-01T00:00:00Z", "Reason", "message"))
            .toList(),
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
        null,
        replicas,
        null,
        null,
        null,
        new InitializationStatus(true),
        true,
        null,
        null,
        true,
        1L);
  }
}
