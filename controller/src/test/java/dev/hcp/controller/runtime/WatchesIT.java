package dev.hcp.controller.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.autoscaling.VerticalPodAutoscaler;
import dev.hcp.api.capi.Cluster;
import dev.hcp.api.capi.ClusterSpec;
import dev.hcp.api.capi.ContractReference;
import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.controller.kube.ClusterCache;
import dev.hcp.controller.testing.ControlPlanes;
import dev.hcp.controller.testing.Crds;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.controller.testing.WithManagementApiServer;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import dev.hcp.process.ReconcileFilter;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GatewayBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ListenerSetBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.api.model.storage.StorageClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Changes wake the control plane that they concern, soon, and no other. */
@WithManagementApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WatchesIT {
  private static final String NAMESPACE = "watches";
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration QUIET = Duration.ofSeconds(1);

  private final KubernetesClient client;
  private final KubernetesClient controllerClient;
  private RunningController running;

  WatchesIT(ManagementApiServer server) {
    client = server.client();
    controllerClient = server.controllerClient();
  }

  @BeforeAll
  void start() {
    Stream.of(Crds.values()).forEach(crd -> crd.install(client));
    for (var namespace : List.of(NAMESPACE, "gateways")) {
      Namespaces.apply(client, namespace);
    }
    owned("one");
    owned("two");
    running = RunningController.start(controllerClient);
    await().atMost(START).until(() -> passes("one") > 0 && passes("two") > 0 && isReady());
  }

  @AfterAll
  void stop() {
    running.close();
    controllerClient.close();
    client.close();
  }

  static Stream<Named<HasMetadata>> generated() {
    return Stream.concat(
            ControlPlanes.objects(NAMESPACE, "one").stream(),
            Stream.of("Pod", "PersistentVolumeClaim").map(WatchesIT::core))
        .collect(
            Collectors.toMap(
                HasMetadata::getKind, object -> object, (first, _) -> first, TreeMap::new))
        .values()
        .stream()
        .map(object -> Named.of(object.getKind(), object));
  }

  @ParameterizedTest
  @MethodSource("generated")
  void anObjectWakesTheControlPlaneOfItsCluster(HasMetadata object) {
    settle();
    var before = passes("one");
    var others = passes("two");
    var _ = client.resource(object).create();
    await().atMost(SOON).until(() -> passes("one") > before);
    assertThat(ofCluster(object.getClass()))
        .as("readable once it wakes")
        .containsKey(object.getMetadata().getName());
    settle();
    var beforeDeletion = passes("one");
    var _ = client.resource(object).withGracePeriod(0).delete();
    releaseFromProtection(object);
    await().atMost(SOON).until(() -> passes("one") > beforeDeletion);
    await()
        .atMost(SOON)
        .until(() -> !ofCluster(object.getClass()).containsKey(object.getMetadata().getName()));
    assertThat(passes("two")).as("passes over another").isEqualTo(others);
  }

  @Test
  void objectsOfOthersAreNotKept() {
    var foreign =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withNamespace(NAMESPACE)
            .withName("foreign")
            .withLabels(Map.of(Labels.CLUSTER_NAME, "one"))
            .endMetadata()
            .build();
    settle();
    var before = passes("one");
    var _ = client.resource(foreign).create();
    settle();
    assertThat(passes("one")).isEqualTo(before);
    assertThat(cache().ofCluster(foreign.getClass(), NAMESPACE, "one")).isEmpty();
  }

  @Test
  void aClusterWakesWhatItRefersTo() {
    var cluster = new Cluster();
    cluster.setMetadata(
        new ObjectMetaBuilder().withNamespace(NAMESPACE).withName("another-name").build());
    cluster.setSpec(
        new ClusterSpec(
            null,
            null,
            null,
            new ContractReference(HostedControlPlane.GROUP, HostedControlPlane.KIND, "two"),
            null));
    settle();
    var before = passes("two");
    var _ = client.resource(cluster).create();
    await().atMost(SOON).until(() -> passes("two") > before);
    assertThat(cache().cluster(NAMESPACE, "another-name")).isPresent();
    var _ = client.resource(cluster).delete();
  }

  @Test
  void aGatewayWakesAllThatNameIt() {
    settle();
    var before = List.of(passes("one"), passes("two"));
    var gateway =
        new GatewayBuilder()
            .withNewMetadata()
            .withNamespace("gateways")
            .withName("capi")
            .endMetadata()
            .withNewSpec()
            .withGatewayClassName("any")
            .endSpec()
            .build();
    var _ = client.resource(gateway).create();
    await()
        .atMost(SOON)
        .until(() -> passes("one") > before.get(0) && passes("two") > before.get(1));
    assertThat(cache().gateway("gateways", "capi")).isPresent();
    var _ = client.resource(gateway).delete();
  }

  @Test
  void aNamespaceWakesItsControlPlanes() {
    settle();
    var before = passes("one");
    var _ =
        client
            .namespaces()
            .withName(NAMESPACE)
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"metadata\":{\"labels\":{\"tenant\":\"a\"}}}");
    await().atMost(SOON).until(() -> passes("one") > before);
    assertThat(cache().namespaceLabels(NAMESPACE)).containsEntry("tenant", "a");
  }

  @Test
  void aStorageClassWakesAll() {
    settle();
    var before = List.of(passes("one"), passes("two"));
    var fast =
        new StorageClassBuilder()
            .withNewMetadata()
            .withName("fast")
            .endMetadata()
            .withProvisioner("example.com/disks")
            .withAllowVolumeExpansion(true)
            .build();
    var _ = client.resource(fast).create();
    await()
        .atMost(SOON)
        .until(() -> passes("one") > before.get(0) && passes("two") > before.get(1));
    assertThat(cache().storageClass("fast"))
        .hasValueSatisfying(found -> assertThat(found.getAllowVolumeExpansion()).isTrue());
    assertThat(cache().storageClass("slow")).isEmpty();
    var _ = client.resource(fast).delete();
  }

  @Test
  void aListenerSetOfAnybodyWakesWhoWaitsForAPort() {
    owned("portless");
    merge("portless", "{\"spec\":{\"exposure\":{\"inClusterAccess\":\"Gateway\"}}}");
    settle();
    var before = passes("portless");
    var others = passes("one");
    var foreign =
        new ListenerSetBuilder()
            .withNewMetadata()
            .withNamespace("gateways")
            .withName("foreign")
            .endMetadata()
            .withNewSpec()
            .withNewParentRef()
            .withName("capi")
            .endParentRef()
            .addNewListener()
            .withName("x")
            .withPort(20_000)
            .withProtocol("TCP")
            .endListener()
            .endSpec()
            .build();
    var _ = client.resource(foreign).create();
    await().atMost(SOON).until(() -> passes("portless") > before);
    assertThat(cache().serves(ListenerSet.class)).isTrue();
    assertThat(cache().listenerSets("gateways", "capi"))
        .extracting(set -> set.getMetadata().getName())
        .contains("foreign");
    assertThat(passes("one")).as("passes over one that wants no port").isEqualTo(others);
    var _ = client.resource(foreign).delete();
  }

  @Test
  void theTriggerWakes() {
    settle();
    var before = passes("two");
    running.trigger().reconcile(NAMESPACE, "two");
    running.trigger().reconcile(NAMESPACE, "nobody");
    await().atMost(SOON).until(() -> passes("two") > before);
    assertThat(passes("nobody")).isZero();
  }

  @Test
  void anAnnotationWakes() {
    settle();
    var before = passes("one");
    merge("one", "{\"metadata\":{\"annotations\":{\"cluster.x-k8s.io/paused\":\"\"}}}");
    await().atMost(SOON).until(() -> passes("one") > before);
  }

  @Test
  void deletionIsHandedOnUntilTheObjectIsGone() {
    var seen = owned("doomed");
    await().atMost(SOON).until(() -> passes("doomed") > 0);
    merge("doomed", "{\"metadata\":{\"finalizers\":[\"%s\"]}}".formatted(Names.FINALIZER));
    settle();
    var before = passes("doomed");
    var _ = client.resource(seen).delete();
    await().atMost(SOON).until(() -> passes("doomed") > before);
    assertThat(cache().hostedControlPlane(NAMESPACE, "doomed"))
        .hasValueSatisfying(
            object -> assertThat(object.getMetadata().getDeletionTimestamp()).isNotNull());
    settle();
    var during = passes("doomed");
    running.trigger().reconcile(NAMESPACE, "doomed");
    await().atMost(SOON).until(() -> passes("doomed") > during);
    settle();
    var last = passes("doomed");
    merge("doomed", "{\"metadata\":{\"finalizers\":null}}");
    await().atMost(SOON).until(() -> passes("doomed") > last);
    assertThat(cache().hostedControlPlane(NAMESPACE, "doomed")).isEmpty();
  }

  @Test
  void routesAreReadInWhicheverVersionIsServed() {
    var route =
        ControlPlanes.objects(NAMESPACE, "two").stream()
            .filter(TLSRoute.class::isInstance)
            .findFirst()
            .orElseThrow();
    var _ = client.resource(route).create();
    try {
      await().atMost(SOON).until(() -> ofCluster(TLSRoute.class, "two").size() == 1);
      assertThat(cache().tlsRouteApiVersion()).hasValue("gateway.networking.k8s.io/v1");
      settle();
      var before = passes("one");
      serve(Set.of("v1alpha2"));
      await()
          .atMost(START)
          .until(() ->
              cache()
                  .tlsRouteApiVersion()
                  .equals(Optional.of("gateway.networking.k8s.io/v1alpha2")));
      await().atMost(START).until(() -> passes("one") > before);
      await().atMost(START).until(() -> ofCluster(TLSRoute.class, "two").size() == 1);
      assertThat(ofCluster(TLSRoute.class, "two").values().iterator().next().getApiVersion())
          .as("as this process knows it")
          .isEqualTo("gateway.networking.k8s.io/v1");
    } finally {
      serve(Set.of("v1", "v1alpha2"));
      await()
          .atMost(START)
          .until(() ->
              cache().tlsRouteApiVersion().equals(Optional.of("gateway.networking.k8s.io/v1")));
      await().atMost(START).until(this::isReady);
    }
  }

  @Test
  void ciliumMayGoAndComeBack() {
    var definitions = client.apiextensions().v1().customResourceDefinitions();
    await().atMost(START).until(cache()::servesCiliumNetworkPolicies);
    settle();
    var before = passes("one");
    var _ = definitions.withName("ciliumnetworkpolicies.cilium.io").delete();
    try {
      await().atMost(START).until(() -> !cache().servesCiliumNetworkPolicies());
      await().atMost(START).until(() -> passes("one") > before);
      assertThat(ofCluster(CiliumNetworkPolicy.class)).isEmpty();
      assertThat(isReady()).as("passes are made without Cilium").isTrue();
      settle();
    } finally {
      await()
          .atMost(START)
          .until(() -> definitions.withName("ciliumnetworkpolicies.cilium.io").get() == null);
    }
    var without = passes("one");
    Crds.CILIUMNETWORKPOLICIES.install(client);
    await().atMost(START).until(cache()::servesCiliumNetworkPolicies);
    await().atMost(START).until(() -> passes("one") > without);
    await().atMost(START).until(this::isReady);
  }

  @Test
  void theAutoscalerOfSizesMayGoAndComeBack() {
    var definitions = client.apiextensions().v1().customResourceDefinitions();
    var name = "verticalpodautoscalers.autoscaling.k8s.io";
    await().atMost(START).until(() -> cache().serves(VerticalPodAutoscaler.class));
    settle();
    var before = passes("one");
    var _ = definitions.withName(name).delete();
    try {
      await().atMost(START).until(() -> !cache().serves(VerticalPodAutoscaler.class));
      await().atMost(START).until(() -> passes("one") > before);
      assertThat(ofCluster(VerticalPodAutoscaler.class)).isEmpty();
      assertThat(isReady()).as("passes are made without it").isTrue();
      settle();
    } finally {
      await().atMost(START).until(() -> definitions.withName(name).get() == null);
    }
    var without = passes("one");
    Crds.VERTICALPODAUTOSCALERS.install(client);
    await().atMost(START).until(() -> cache().serves(VerticalPodAutoscaler.class));
    await().atMost(START).until(() -> passes("one") > without);
    await().atMost(START).until(this::isReady);
  }

  @Test
  void theFilterLeavesOnlyDeletionToOthers() {
    owned("filtered");
    var filter = new ReconcileFilter(Optional.of(NAMESPACE), Optional.of("filtered"));
    try (var filtered = RunningController.start(controllerClient, filter)) {
      await().atMost(START).until(() -> filtered.passes().passes(NAMESPACE, "filtered") > 0);
      assertThat(filtered.passes().passes(List.of(NAMESPACE + "/one", NAMESPACE + "/two")))
          .containsExactly(0, 0);
      var other = owned("unfiltered");
      merge("unfiltered", "{\"metadata\":{\"finalizers\":[\"%s\"]}}".formatted(Names.FINALIZER));
      var _ = client.resource(other).delete();
      await().atMost(SOON).until(() -> filtered.passes().passes(NAMESPACE, "unfiltered") > 0);
      merge("unfiltered", "{\"metadata\":{\"finalizers\":null}}");
    }
  }

  @Test
  void aFailingPassIsTriedAgain() {
    owned("failing");
    try (var failing =
        RunningController.start(
            controllerClient,
            reconciler ->
                (namespace, name) -> {
                  var again = reconciler.reconcile(namespace, name);
                  if (name.equals("failing")) {
                    throw new IllegalStateException("on purpose");
                  }
                  return again;
                })) {
      await().atMost(START).until(() -> failing.passes().passes(NAMESPACE, "failing") >= 3);
    }
  }

  private HostedControlPlane owned(String name) {
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
    return client.resource(object).create();
  }

  /** What others make of our workloads, and of those that the forerunner has left. */
  private static HasMetadata core(String kind) {
    var object =
        """
        apiVersion: v1
        kind: %s
        metadata:
          namespace: %s
          name: one-0
          labels: {%s: one, %s: etcd}
        spec:
          accessModes: [ReadWriteOnce]
          resources: {requests: {storage: 1Gi}}
          containers: [{name: c, image: example.com/c}]
        """
            .formatted(kind, NAMESPACE, Labels.CLUSTER_NAME, Labels.COMPONENT);
    var serialization = new KubernetesSerialization();
    var generic = serialization.unmarshal(object, GenericKubernetesResource.class);
    var spec = generic.<Map<String, Object>>get("spec");
    spec.keySet()
        .removeAll(kind.equals("Pod") ? Set.of("accessModes", "resources") : Set.of("containers"));
    return serialization.unmarshal(serialization.asJson(generic));
  }

  /** The controller that lets go of unused volume claims does not run here. */
  private void releaseFromProtection(HasMetadata object) {
    if (object.getKind().equals("PersistentVolumeClaim")) {
      var _ =
          client
              .resource(object)
              .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");
    }
  }

  private void serve(Set<String> versions) {
    var _ =
        client
            .apiextensions()
            .v1()
            .customResourceDefinitions()
            .withName("tlsroutes.gateway.networking.k8s.io")
            .edit(definition -> {
              definition
                  .getSpec()
                  .getVersions()
                  .forEach(version -> version.setServed(versions.contains(version.getName())));
              return definition;
            });
  }

  private void merge(String name, String patch) {
    var _ =
        client
            .resource(ControlPlanes.hostedControlPlane(NAMESPACE, name))
            .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
  }

  private boolean isReady() {
    return running.controller.notReady().isEmpty();
  }

  private ClusterCache cache() {
    return running.passes().cache;
  }

  private Map<String, ? extends HasMetadata> ofCluster(Class<? extends HasMetadata> type) {
    return ofCluster(type, "one");
  }

  private Map<String, ? extends HasMetadata> ofCluster(
      Class<? extends HasMetadata> type, String cluster) {
    return cache().ofCluster(type, NAMESPACE, cluster);
  }

  private int passes(String name) {
    return running.passes().passes(NAMESPACE, name);
  }

  /** Waits until no pass was made for a while. */
  private void settle() {
    var keys =
        List.of(
            NAMESPACE + "/one", NAMESPACE + "/two", NAMESPACE + "/doomed", NAMESPACE + "/portless");
    var last = new AtomicReference<List<Integer>>(List.of());
    await()
        .atMost(START)
        .pollInterval(QUIET)
        .until(() -> {
          var now = running.passes().passes(keys);
          return last.getAndSet(now).equals(now);
        });
  }
}
