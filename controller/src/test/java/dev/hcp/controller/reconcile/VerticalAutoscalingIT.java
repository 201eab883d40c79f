package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.autoscaling.ContainerResourcePolicy;
import dev.hcp.api.autoscaling.UpdateMode;
import dev.hcp.api.autoscaling.VerticalPodAutoscaler;
import dev.hcp.controller.kube.Fabric8Kube;
import dev.hcp.controller.kube.Kube.Applied;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.testing.Crds;
import dev.hcp.controller.testing.Kubes;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.controller.testing.WithManagementApiServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Whose what is that pods request, as a real API server sees it. */
@WithManagementApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerticalAutoscalingIT {
  private static final String NAMESPACE = "sizes";
  private static final String NAME = "demo-api-server";
  private static final String ETCD = "demo-etcd";
  private static final Duration START = Duration.ofSeconds(60);
  private static final String REVISION = "demo-etcd-6d5f8c7b9";
  private static final String OFF = "deployment: {}\netcd: {}";
  private static final String ON =
      """
      deployment:
        apiServer:
          verticalAutoscaling: {mode: Auto, maxAllowed: {cpu: %1$s, memory: 8Gi}}
      etcd:
        verticalAutoscaling: {mode: Auto, maxAllowed: {cpu: %1$s, memory: 8Gi}}
      """;

  private final KubernetesClient client;
  private final KubernetesClient controllerClient;
  private final Fabric8Kube kube;
  private final Scenario scenario;

  VerticalAutoscalingIT(ManagementApiServer server) throws IOException {
    scenario =
        Scenario.of(
                Files.readString(Scenario.FOLDER.resolve("autoscaling").resolve(Scenario.INPUT))
                    .replace("namespace: clusters", "namespace: " + NAMESPACE))
            .without(Deployment.class, NAME)
            .with(
                """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: verticalpodautoscalers.autoscaling.k8s.io}
                """);
    client = server.client();
    controllerClient = server.controllerClient();
    kube = Kubes.of(controllerClient);
  }

  @BeforeAll
  void install() {
    Crds.VERTICALPODAUTOSCALERS.install(client);
    // The first requests may be told that its storage is being made.
    await().atMost(START).ignoreExceptions().until(() -> autoscalers().isEmpty());
    Namespaces.apply(client, NAMESPACE);
  }

  @AfterAll
  void close() {
    kube.close();
    controllerClient.close();
    client.close();
  }

  @Test
  void whatTheAutoscalerGivesPodsIsNotTakenBackAndTheRestIsOurs() {
    scenario.spec(OFF);
    pass();
    see();
    assertThat(owner(deployment())).returns(true, OwnerReference::getController);

    scenario.spec(ON.formatted("2"));
    assertThat(pass()).isNotEmpty();
    see();
    assertThat(pass()).as("all is as it shall be").isEmpty();
    assertThat(autoscaler(NAME).getSpec().updatePolicy().updateMode())
        .isEqualTo(UpdateMode.IN_PLACE_OR_RECREATE.value());
    assertThat(autoscaler(ETCD).getSpec().updatePolicy().updateMode())
        .isEqualTo(UpdateMode.INITIAL.value());
    for (var workload : List.of(deployment(), set())) {
      assertThat(owner(workload)).returns(null, OwnerReference::getController);
    }
    assertThat(deployment().getMetadata().getGeneration())
        .as("no pod is replaced for that")
        .isEqualTo(1L);

    var members = createPods();
    members.forEach(this::resize);
    see();
    seePods();
    assertThat(pass()).as("with pods that were resized").isEmpty();
    members.forEach(pod ->
        assertThat(memory(client.pods().inNamespace(NAMESPACE).withName(name(pod)).get()))
            .isEqualTo("7Gi"));

    say(NAME);
    see();
    assertThat(pass()).as("what the recommender says is not ours").isEmpty();
    scenario.spec(ON.formatted("3"));
    assertThat(pass())
        .containsOnlyKeys("VerticalPodAutoscaler " + NAME, "VerticalPodAutoscaler " + ETCD);
    see();
    assertThat(autoscaler(NAME).getStatus().conditions()).as("stays").isNotEmpty();
    assertThat(autoscaler(NAME).getSpec().resourcePolicy().containerPolicies())
        .extracting(ContainerResourcePolicy::maxAllowed)
        .first()
        .isEqualTo(Map.of("cpu", new Quantity("3"), "memory", new Quantity("8Gi")));

    client
        .resources(VerticalPodAutoscaler.class)
        .inNamespace(NAMESPACE)
        .withName(ETCD)
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            "{\"spec\": {\"updatePolicy\": {\"updateMode\": \"Recreate\"}}}");
    scenario.without(VerticalPodAutoscaler.class, ETCD);
    pass();
    assertThat(autoscaler(ETCD).getSpec().updatePolicy().updateMode())
        .as("drift")
        .isEqualTo(UpdateMode.INITIAL.value());
    see();

    scenario.spec(OFF);
    pass();
    assertThat(autoscalers()).isEmpty();
    assertThat(owner(deployment())).returns(true, OwnerReference::getController);
  }

  /** What a pass changes of workloads and autoscalers, by kind and name. */
  private Map<String, Applied> pass() {
    var changed = new TreeMap<String, Applied>();
    var plan = Plan.of(scenario.observation());
    for (var step : plan.steps()) {
      for (var desired : step.desired()) {
        if (isOurs(desired)) {
          var live = plan.planning().objects().counterpart(desired).orElse(null);
          var result = kube.apply(desired, live);
          if (result != Applied.UNCHANGED) {
            changed.put(desired.getKind() + " " + name(desired), result);
          }
        }
      }
      step.obsolete().stream()
          .filter(object -> isOurs(object) || object instanceof Pod)
          .forEach(object -> {
            changed.put(object.getKind() + " " + name(object), Applied.CHANGED);
            kube.delete(object);
          });
    }
    return changed;
  }

  private static boolean isOurs(HasMetadata object) {
    return List.of(NAME, ETCD).contains(name(object))
        && (object instanceof Deployment
            || object instanceof StatefulSet
            || object instanceof VerticalPodAutoscaler);
  }

  /** Brings the cache up to date. */
  private void see() {
    scenario.with(deployment());
    scenario.with(set());
    autoscalers().forEach(scenario::with);
  }

  private void seePods() {
    client.pods().inNamespace(NAMESPACE).list().getItems().forEach(scenario::with);
  }

  /** As the controllers of Kubernetes make them, of the templates as they are. */
  private List<Pod> createPods() {
    var pods = new ArrayList<Pod>();
    pods.add(client.resource(pod(NAME + "-0", deployment().getSpec().getTemplate())).create());
    for (int ordinal = 0; ordinal < set().getSpec().getReplicas(); ordinal++) {
      pods.add(
          client
              .resource(
                  new PodBuilder(pod(ETCD + "-" + ordinal, set().getSpec().getTemplate()))
                      .editMetadata()
                      .addToLabels("controller-revision-hash", REVISION)
                      .endMetadata()
                      .editSpec()
                      .addNewVolume()
                      .withName(name(set().getSpec().getVolumeClaimTemplates().getFirst()))
                      .withNewEmptyDir()
                      .endEmptyDir()
                      .endVolume()
                      .endSpec()
                      .build())
              .create());
    }
    var _ =
        client
            .apps()
            .statefulSets()
            .inNamespace(NAMESPACE)
            .withName(ETCD)
            .editStatus(set -> {
              set.setStatus(
                  new StatefulSetStatusBuilder()
                      .withObservedGeneration(set.getMetadata().getGeneration())
                      .withReplicas(set.getSpec().getReplicas())
                      .withUpdatedReplicas(set.getSpec().getReplicas())
                      .withCurrentRevision(REVISION)
                      .withUpdateRevision(REVISION)
                      .build());
              return set;
            });
    return pods;
  }

  private static Pod pod(String name, PodTemplateSpec template) {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName(name)
        .withLabels(template.getMetadata().getLabels())
        .withAnnotations(template.getMetadata().getAnnotations())
        .endMetadata()
        .withSpec(template.getSpec())
        .build();
  }

  /** As the updater of the autoscaler does it. */
  private void resize(Pod pod) {
    var _ =
        client
            .pods()
            .inNamespace(NAMESPACE)
            .withName(name(pod))
            .subresource("resize")
            .patch(
                PatchContext.of(PatchType.JSON),
                """
                [{"op": "replace", "path": "/spec/containers/0/resources/requests/memory", "value": "7Gi"}]
                """);
  }

  /** As the recommender does it. */
  private void say(String name) {
    var _ =
        client
            .resources(VerticalPodAutoscaler.class)
            .inNamespace(NAMESPACE)
            .withName(name)
            .subresource("status")
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                """
                {"status": {
                  "conditions": [{"type": "RecommendationProvided", "status": "True"}],
                  "recommendation": {"containerRecommendations": [
                    {"containerName": "kube-apiserver", "target": {"cpu": "700m", "memory": "7Gi"}}]}}}
                """);
  }

  private static String memory(Pod pod) {
    return pod.getSpec()
        .getContainers()
        .getFirst()
        .getResources()
        .getRequests()
        .get("memory")
        .toString();
  }

  private static OwnerReference owner(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().getFirst();
  }

  private static String name(HasMetadata object) {
    return object.getMetadata().getName();
  }

  private Deployment deployment() {
    return client.apps().deployments().inNamespace(NAMESPACE).withName(NAME).get();
  }

  private StatefulSet set() {
    return client.apps().statefulSets().inNamespace(NAMESPACE).withName(ETCD).get();
  }

  private List<VerticalPodAutoscaler> autoscalers() {
    return client.resources(VerticalPodAutoscaler.class).inNamespace(NAMESPACE).list().getItems();
  }

  private VerticalPodAutoscaler autoscaler(String name) {
    return client
        .resources(VerticalPodAutoscaler.class)
        .inNamespace(NAMESPACE)
        .withName(name)
        .get();
  }
}
