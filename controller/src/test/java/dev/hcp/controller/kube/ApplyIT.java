package dev.hcp.controller.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.controller.kube.Kube.Applied;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.ControlPlanes;
import dev.hcp.controller.testing.Crds;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.controller.testing.WithManagementApiServer;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSetUpdateStrategy;
import io.fabric8.kubernetes.api.model.apps.StatefulSetUpdateStrategyBuilder;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRouteBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Server-side apply is sent when it changes something, and only then. */
@WithManagementApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApplyIT {
  private static final String NAMESPACE = "apply";

  private final KubernetesClient client;
  private final KubernetesClient controllerClient;
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ServedRoutes routes = new ServedRoutes();
  private final Fabric8Kube kube;

  ApplyIT(ManagementApiServer server) {
    client = server.client();
    controllerClient = server.controllerClient();
    kube =
        new Fabric8Kube(
            controllerClient,
            routes,
            "test",
            new ControllerMetrics(registry),
            InstantSource.system());
  }

  @BeforeAll
  void install() {
    List.of(
            Crds.CERTIFICATES,
            Crds.ISSUERS,
            Crds.TLSROUTES,
            Crds.TCPROUTES,
            Crds.LISTENERSETS,
            Crds.CILIUMNETWORKPOLICIES,
            Crds.VERTICALPODAUTOSCALERS)
        .forEach(crd -> crd.install(client));
    routes.all().forEach(kind -> kind.served(List.of("v1", "v1alpha2")));
    Namespaces.apply(client, NAMESPACE);
  }

  @AfterAll
  void close() {
    kube.close();
    controllerClient.close();
    client.close();
  }

  static Stream<Named<HasMetadata>> objects() {
    return ControlPlanes.objects(NAMESPACE, "demo").stream()
        .map(object -> Named.of(object.getKind() + " " + object.getMetadata().getName(), object));
  }

  @ParameterizedTest
  @MethodSource("objects")
  void appliesOnceAndThenOnlyAfterAChange(HasMetadata desired) {
    assertThat(kube.apply(desired, null)).isEqualTo(Applied.CHANGED);
    var live = live(desired);
    assertThat(kube.apply(desired, live)).isEqualTo(Applied.UNCHANGED);

    patch(live, "{\"metadata\":{\"labels\":{\"app.kubernetes.io/managed-by\":\"someone\"}}}");
    assertThat(kube.apply(desired, live(desired))).as("drift").isEqualTo(Applied.CHANGED);
    assertThat(live(desired).getMetadata().getLabels())
        .containsEntry("app.kubernetes.io/managed-by", "hosted-control-plane-controller");

    patch(live, "{\"metadata\":{\"annotations\":{\"theirs\":\"stays\"}}}");
    assertThat(kube.apply(desired, live(desired))).as("foreign field").isEqualTo(Applied.UNCHANGED);

    var more = client.getKubernetesSerialization().clone(desired);
    more.getMetadata().setAnnotations(Map.of("ours", "once"));
    assertThat(kube.apply(more, live(desired))).as("field added").isEqualTo(Applied.CHANGED);
    assertThat(kube.apply(more, live(desired))).isEqualTo(Applied.UNCHANGED);
    assertThat(kube.apply(desired, live(desired))).as("field removed").isEqualTo(Applied.CHANGED);
    assertThat(live(desired).getMetadata().getAnnotations())
        .containsOnly(Map.entry("theirs", "stays"));
    assertThat(kube.apply(desired, live(desired))).isEqualTo(Applied.UNCHANGED);
    assertThat(
            registry.find("hcp.applies").tag("result", "needless").counters().stream()
                .mapToDouble(Counter::count)
                .sum())
        .as("applies that changed nothing")
        .isZero();
  }

  @Test
  void everyKindIsAmongTheObjects() {
    assertThat(ControlPlanes.objects(NAMESPACE, "demo"))
        .extracting(HasMetadata::getKind)
        .contains(
            "Certificate",
            "CiliumNetworkPolicy",
            "ConfigMap",
            "Deployment",
            "HorizontalPodAutoscaler",
            "Issuer",
            "NetworkPolicy",
            "PodDisruptionBudget",
            "Secret",
            "Service",
            "StatefulSet",
            "TLSRoute",
            "VerticalPodAutoscaler");
  }

  @Test
  void takesAContainerFieldBackAndOut() {
    var desired = rendered(Deployment.class);
    var _ = kube.apply(desired, null);
    var live = live(desired);
    patchStrategically(
        live,
        """
        {"spec":{"template":{"spec":{"containers":[{"name":"%s","image":"example.com/other:1"}]}}}}
        """
            .formatted(container(live).getName()));
    assertThat(kube.apply(desired, live(desired))).isEqualTo(Applied.CHANGED);
    assertThat(container(live(desired)).getImage()).isEqualTo(container(desired).getImage());

    var more = withContainer(desired, builder -> builder.withWorkingDir("/tmp"));
    assertThat(kube.apply(more, live(desired))).isEqualTo(Applied.CHANGED);
    assertThat(kube.apply(desired, live(desired))).isEqualTo(Applied.CHANGED);
    assertThat(container(live(desired)).getWorkingDir()).isNull();
  }

  @Test
  void findsARemovedElementOfAKeyedList() {
    var desired = rendered(Deployment.class);
    var more =
        withContainer(
            desired,
            builder ->
                builder
                    .addNewPort()
                    .withContainerPort(5353)
                    .withName("udp")
                    .withProtocol("UDP")
                    .endPort()
                    .addNewPort()
                    .withContainerPort(5353)
                    .withName("tcp")
                    .endPort()
                    .addToEnv(new EnvVarBuilder().withName("B").withValue("b").build())
                    .addToEnv(new EnvVarBuilder().withName("A").withValue("$(B)").build()));
    assertThat(kube.apply(more, liveOrNull(desired))).isEqualTo(Applied.CHANGED);
    assertThat(kube.apply(more, live(desired))).isEqualTo(Applied.UNCHANGED);
    assertThat(kube.apply(desired, live(desired))).isEqualTo(Applied.CHANGED);
    assertThat(container(live(desired)).getPorts()).hasSameSizeAs(container(desired).getPorts());
  }

  @Test
  void elementsOfAKeyedListAreBroughtIntoANewOrder() {
    var first = new EnvVarBuilder().withName("FIRST").withValue("1").build();
    var second = new EnvVarBuilder().withName("SECOND").withValue("2").build();
    var base = rendered(Deployment.class);
    var desired = withContainer(base, builder -> builder.withEnv(first, second));
    var reversed = withContainer(base, builder -> builder.withEnv(second, first));
    assertThat(kube.apply(desired, null)).isEqualTo(Applied.CHANGED);
    assertThat(kube.apply(desired, live(desired))).isEqualTo(Applied.UNCHANGED);
    assertThat(kube.apply(reversed, live(desired))).isEqualTo(Applied.CHANGED);
    assertThat(container(live(desired)).getEnv()).containsExactly(second, first);
    assertThat(kube.apply(reversed, live(desired))).isEqualTo(Applied.UNCHANGED);
  }

  @Test
  void quantitiesAreComparedAsNumbers() {
    var desired =
        withContainer(
            rendered(Deployment.class),
            builder ->
                builder
                    .withNewResources()
                    .addToRequests("cpu", new Quantity("1000m"))
                    .addToRequests("memory", new Quantity("1024Mi"))
                    .endResources());
    var _ = kube.apply(desired, liveOrNull(desired));
    assertThat(kube.apply(desired, live(desired))).isEqualTo(Applied.UNCHANGED);
    assertThat(
            kube.apply(
                withContainer(
                    desired,
                    builder ->
                        builder
                            .editResources()
                            .addToRequests("cpu", new Quantity("1001m"))
                            .endResources()),
                live(desired)))
        .isEqualTo(Applied.CHANGED);
  }

  @Test
  void findsAChangeOfTheVolumeClaimTemplate() {
    var desired = rendered(StatefulSet.class);
    var _ = kube.apply(desired, liveOrNull(desired));
    var managed = new ManagedFields(client.getKubernetesSerialization());
    var bigger =
        new StatefulSetBuilder(desired)
            .editSpec()
            .editFirstVolumeClaimTemplate()
            .editSpec()
            .editResources()
            .addToRequests("storage", new Quantity("2Gi"))
            .endResources()
            .endSpec()
            .endVolumeClaimTemplate()
            .endSpec()
            .build();
    // The server would refuse the change, so that only the comparison can be looked at.
    assertThat(
            managed.difference(
                tree(bigger), tree(live(desired)), "hosted-control-plane-controller"))
        .hasValueSatisfying(where -> assertThat(where).contains("volumeClaimTemplates"));
  }

  @Test
  void secretDataIsTakenBack() {
    var desired =
        new SecretBuilder()
            .withNewMetadata()
            .withNamespace(NAMESPACE)
            .withName("text")
            .endMetadata()
            .withType("Opaque")
            .withStringData(Map.of("key", "value", "other", "value"))
            .build();
    assertThat(kube.apply(desired, null)).isEqualTo(Applied.CHANGED);
    assertThat(kube.apply(desired, live(desired))).isEqualTo(Applied.UNCHANGED);
    patch(live(desired), "{\"data\":{\"key\":\"b3RoZXI=\"}}");
    assertThat(kube.apply(desired, live(desired))).isEqualTo(Applied.CHANGED);
    var less = new SecretBuilder(desired).withStringData(Map.of("key", "value")).build();
    assertThat(kube.apply(less, live(desired))).isEqualTo(Applied.CHANGED);
    assertThat(((Secret) live(desired)).getData()).containsOnly(Map.entry("key", "dmFsdWU="));
  }

  @Test
  void servicePortsWithTheSameNumberAreToldApart() {
    var desired =
        new ServiceBuilder()
            .withNewMetadata()
            .withNamespace(NAMESPACE)
            .withName("dns")
            .endMetadata()
            .withNewSpec()
            .withType("NodePort")
            .withSelector(Map.of("app", "dns"))
            .addNewPort()
            .withName("tcp")
            .withPort(53)
            .withNewTargetPort(53)
            .endPort()
            .addNewPort()
            .withName("udp")
            .withPort(53)
            .withProtocol("UDP")
            .endPort()
            .endSpec()
            .build();
    assertThat(kube.apply(desired, null)).isEqualTo(Applied.CHANGED);
    assertThat(kube.apply(desired, live(desired))).isEqualTo(Applied.UNCHANGED);
    var less =
        new ServiceBuilder(desired)
            .editSpec()
            .removeMatchingFromPorts(port -> "udp".equals(port.getName()))
            .endSpec()
            .build();
    assertThat(kube.apply(less, live(desired))).isEqualTo(Applied.CHANGED);
    assertThat(((Service) live(desired)).getSpec().getPorts()).hasSize(1);
  }

  @Test
  void fieldsInsideAtomicListsAreTakenOut() {
    var desired = route("atomic", null);
    var weighted = route("atomic", 5);
    assertThat(kube.apply(weighted, null)).isEqualTo(Applied.CHANGED);
    assertThat(kube.apply(weighted, live(weighted))).isEqualTo(Applied.UNCHANGED);
    assertThat(kube.apply(desired, live(desired))).isEqualTo(Applied.CHANGED);
    assertThat(kube.apply(desired, live(desired))).as("defaults").isEqualTo(Applied.UNCHANGED);
    patch(live(desired), "{\"spec\":{\"hostnames\":[\"other.example.com\"]}}");
    assertThat(kube.apply(desired, live(desired))).isEqualTo(Applied.CHANGED);
  }

  @Test
  void aServiceChangesItsTypeAndKeepsWhatOthersSet() {
    var balanced = service("LoadBalancer");
    balanced.getSpec().setLoadBalancerSourceRanges(List.of("10.0.0.0/8"));
    balanced.getMetadata().setAnnotations(Map.of("ours", "1"));
    assertThat(kube.apply(balanced, null)).isEqualTo(Applied.CHANGED);
    patch(
        live(balanced),
        "{\"metadata\":{\"annotations\":{\"theirs\":\"stays\"}},\"spec\":{\"sessionAffinity\":\"ClientIP\"}}");
    var port = ((Service) live(balanced)).getSpec().getPorts().getFirst().getNodePort();
    assertThat(port).isNotNull();
    assertThat(kube.apply(balanced, live(balanced))).isEqualTo(Applied.UNCHANGED);

    var internal = service("ClusterIP");
    assertThat(kube.apply(internal, live(balanced))).isEqualTo(Applied.CHANGED);
    var live = (Service) live(internal);
    assertThat(live.getSpec().getType()).isEqualTo("ClusterIP");
    assertThat(live.getSpec().getLoadBalancerSourceRanges()).isNullOrEmpty();
    assertThat(live.getSpec().getSessionAffinity()).isEqualTo("ClientIP");
    assertThat(live.getMetadata().getAnnotations()).isEqualTo(Map.of("theirs", "stays"));
    assertThat(kube.apply(internal, live)).isEqualTo(Applied.UNCHANGED);

    assertThat(kube.apply(balanced, live)).isEqualTo(Applied.CHANGED);
    assertThat(kube.apply(balanced, live(balanced))).isEqualTo(Applied.UNCHANGED);
  }

  private static Service service(String type) {
    return new ServiceBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName("changing")
        .withLabels(Map.of("ours", "too"))
        .endMetadata()
        .withNewSpec()
        .withType(type)
        .addNewPort()
        .withName("api")
        .withPort(443)
        .withProtocol("TCP")
        .endPort()
        .endSpec()
        .build();
  }

  @Test
  void routesAreWrittenInTheServedVersion() {
    var desired = route("old", 1);
    var old = new ServedRoutes();
    old.tls().served(List.of("v1alpha2"));
    try (var oldKube =
        new Fabric8Kube(
            controllerClient,
            old,
            "test",
            new ControllerMetrics(registry),
            InstantSource.system())) {
      assertThat(oldKube.apply(desired, null)).isEqualTo(Applied.CHANGED);
      var live = oldKube.find(TLSRoute.class, NAMESPACE, "old").orElseThrow();
      assertThat(live.getMetadata().getManagedFields())
          .extracting(ManagedFieldsEntry::getApiVersion)
          .containsExactly("gateway.networking.k8s.io/v1alpha2");
      assertThat(oldKube.apply(desired, live)).isEqualTo(Applied.UNCHANGED);
      assertThat(kube.apply(desired, live)).as("served anew").isEqualTo(Applied.UNCHANGED);
      oldKube.delete(live);
      assertThat(kube.find(TLSRoute.class, NAMESPACE, "old")).isEmpty();
    }
  }

  private static TLSRoute route(String name, Integer weight) {
    return new TLSRouteBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .withHostnames("demo.example.com")
        .addNewParentRef()
        .withName("capi")
        .endParentRef()
        .addNewRule()
        .addNewBackendRef()
        .withName("s-demo")
        .withPort(443)
        .withWeight(weight)
        .endBackendRef()
        .endRule()
        .endSpec()
        .build();
  }

  private <T extends HasMetadata> T rendered(Class<T> type) {
    var object =
        ControlPlanes.objects(NAMESPACE, "it-" + UUID.randomUUID().toString().substring(0, 8))
            .stream()
            .filter(type::isInstance)
            .map(type::cast)
            .findFirst()
            .orElseThrow();
    return object;
  }

  private static Container container(HasMetadata deployment) {
    return ((Deployment) deployment).getSpec().getTemplate().getSpec().getContainers().getFirst();
  }

  private static Deployment withContainer(
      Deployment deployment, UnaryOperator<ContainerBuilder> change) {
    var containers = new ArrayList<>(deployment.getSpec().getTemplate().getSpec().getContainers());
    containers.set(0, change.apply(new ContainerBuilder(containers.getFirst())).build());
    return new DeploymentBuilder(deployment)
        .editSpec()
        .editTemplate()
        .editSpec()
        .withContainers(containers)
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private HasMetadata live(HasMetadata object) {
    return kube.find(object.getClass(), NAMESPACE, object.getMetadata().getName()).orElseThrow();
  }

  private HasMetadata liveOrNull(HasMetadata object) {
    return kube.find(object.getClass(), NAMESPACE, object.getMetadata().getName()).orElse(null);
  }

  private Map<?, ?> tree(HasMetadata object) {
    return client.getKubernetesSerialization().convertValue(object, Map.class);
  }

  private void patch(HasMetadata object, String patch) {
    patch(object, PatchType.JSON_MERGE, patch);
  }

  private void patchStrategically(HasMetadata object, String patch) {
    patch(object, PatchType.STRATEGIC_MERGE, patch);
  }

  private void patch(HasMetadata object, PatchType type, String patch) {
    var context =
        new PatchContext.Builder().withPatchType(type).withFieldManager("someone").build();
    var _ = client.resource(object).patch(context, patch);
  }

  /**
   * A StatefulSet that somebody else has set up to replace pods itself keeps the settings for that,
   * with which an API server takes no other strategy, unless they are ours.
   */
  @Test
  void aStatefulSetStopsReplacingPodsByItself() {
    var onDelete = statefulSet("strategy", "OnDelete", null);
    assertThat(kube.apply(statefulSet("strategy", "RollingUpdate", null), null))
        .isEqualTo(Applied.CHANGED);
    assertThat(kube.apply(onDelete, live(onDelete))).isEqualTo(Applied.CHANGED);

    assertThat(kube.apply(statefulSet("strategy", "RollingUpdate", null), live(onDelete)))
        .isEqualTo(Applied.CHANGED);
    patch(onDelete, "{\"spec\":{\"updateStrategy\":{\"rollingUpdate\":{\"partition\":0}}}}");
    assertThatThrownBy(() -> kube.apply(onDelete, live(onDelete)))
        .isInstanceOf(KubernetesClientException.class);
    assertThat(kube.apply(statefulSet("strategy", "RollingUpdate", 3), live(onDelete)))
        .isEqualTo(Applied.CHANGED);
    assertThat(kube.apply(onDelete, live(onDelete))).isEqualTo(Applied.CHANGED);
    assertThat(strategy(onDelete).getType()).isEqualTo("OnDelete");
    assertThat(strategy(onDelete).getRollingUpdate()).isNull();
    assertThat(kube.apply(onDelete, live(onDelete))).isEqualTo(Applied.UNCHANGED);
  }

  private StatefulSetUpdateStrategy strategy(StatefulSet set) {
    return ((StatefulSet) live(set)).getSpec().getUpdateStrategy();
  }

  private static StatefulSet statefulSet(String name, String strategy, Integer partition) {
    var set =
        ControlPlanes.objects(NAMESPACE, name).stream()
            .filter(StatefulSet.class::isInstance)
            .map(StatefulSet.class::cast)
            .findFirst()
            .orElseThrow();
    var builder = new StatefulSetUpdateStrategyBuilder().withType(strategy);
    if (partition != null) {
      builder = builder.withNewRollingUpdate().withPartition(partition).endRollingUpdate();
    }
    set.getSpec().setUpdateStrategy(builder.build());
    return set;
  }
}
