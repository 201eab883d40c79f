package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.kube.Fabric8Kube;
import dev.hcp.controller.kube.Kube.Applied;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.testing.Kubes;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.controller.testing.WithManagementApiServer;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.client.KubernetesClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Whose the number of API servers is, as a real API server sees it. */
@WithManagementApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AutoscalingIT {
  private static final String NAMESPACE = "clusters";
  private static final String NAME = "demo-api-server";
  private static final String ON =
      """
      deployment:
        apiServer:
          resources: {requests: {cpu: %s}}
          autoscaling: {minReplicas: 2, maxReplicas: 8}
      """;

  private final KubernetesClient client;
  private final KubernetesClient controllerClient;
  private final Fabric8Kube kube;
  private final Scenario scenario =
      Scenario.named("autoscaling")
          .without(Deployment.class, NAME)
          .without(HorizontalPodAutoscaler.class, NAME);

  AutoscalingIT(ManagementApiServer server) {
    client = server.client();
    controllerClient = server.controllerClient();
    kube = Kubes.of(controllerClient);
  }

  @BeforeAll
  void install() {
    Namespaces.apply(client, NAMESPACE);
  }

  @AfterAll
  void close() {
    kube.close();
    controllerClient.close();
    client.close();
  }

  @Test
  void itIsTheUsersUntilTheAutoscalerHasWrittenItAndAgainAfterwards() {
    scenario.spec(ON.formatted("500m"));
    assertThat(pass()).as("created").isEqualTo(Applied.CHANGED);
    assertThat(replicas()).isEqualTo(3);
    see();
    assertThat(pass()).isEqualTo(Applied.UNCHANGED);
    scenario.spec(ON.formatted("600m"));
    assertThat(pass()).as("another template, the number is ours").isEqualTo(Applied.CHANGED);
    assertThat(replicas()).isEqualTo(3);
    see();

    scale(5);
    scenario.spec(ON.formatted("700m"));
    assertThat(pass()).as("by what was seen before the scaling").isEqualTo(Applied.UNCHANGED);
    assertThat(replicas()).as("not taken back").isEqualTo(5);
    see();
    assertThat(pass()).as("by what is there").isEqualTo(Applied.CHANGED);
    assertThat(replicas()).isEqualTo(5);
    assertThat(cpu()).isEqualTo("700m");
    see();
    assertThat(pass()).isEqualTo(Applied.UNCHANGED);
    scale(4);
    scenario.spec(ON.formatted("800m"));
    assertThat(pass())
        .as("the number is not ours, nothing stands in the way")
        .isEqualTo(Applied.CHANGED);
    assertThat(replicas()).isEqualTo(4);
    see();

    scenario.spec("deployment: {apiServer: {resources: {requests: {cpu: 800m}}}}");
    assertThat(pass()).as("turned off").isEqualTo(Applied.CHANGED);
    assertThat(replicas()).isEqualTo(3);
    assertThat(
            client
                .resources(HorizontalPodAutoscaler.class)
                .inNamespace(NAMESPACE)
                .list()
                .getItems())
        .isEmpty();
    see();
    assertThat(pass()).isEqualTo(Applied.UNCHANGED);
    scenario.spec(ON.formatted("800m"));
    assertThat(pass()).as("turned on again").isEqualTo(Applied.UNCHANGED);
    assertThat(replicas()).isEqualTo(3);
    see();

    client
        .resources(HorizontalPodAutoscaler.class)
        .inNamespace(NAMESPACE)
        .withName(NAME)
        .edit(a -> {
          a.getSpec().setMaxReplicas(50);
          return a;
        });
    see();
    var _ = pass();
    assertThat(autoscaler().getSpec().getMaxReplicas()).as("drift").isEqualTo(8);
  }

  /** What a pass does with the autoscaler and the Deployment; what became of the latter. */
  private Applied pass() {
    var applied = Applied.UNCHANGED;
    var plan = Plan.of(scenario.observation());
    for (var step : plan.steps()) {
      for (var desired : step.desired()) {
        if (isOurs(desired)) {
          var live = plan.planning().objects().counterpart(desired).orElse(null);
          var result = kube.apply(desired, live);
          if (desired instanceof Deployment) {
            applied = result;
          }
        }
      }
      step.obsolete().stream().filter(AutoscalingIT::isOurs).forEach(kube::delete);
    }
    return applied;
  }

  private static boolean isOurs(HasMetadata object) {
    return object.getMetadata().getName().equals(NAME)
        && (object instanceof Deployment || object instanceof HorizontalPodAutoscaler);
  }

  /** Brings the cache up to date. */
  private void see() {
    scenario.with(deployment());
    var autoscalers =
        client.resources(HorizontalPodAutoscaler.class).inNamespace(NAMESPACE).list().getItems();
    if (autoscalers.isEmpty()) {
      scenario.without(HorizontalPodAutoscaler.class, NAME);
    } else {
      autoscalers.forEach(scenario::with);
    }
  }

  /** As the autoscaler does it. */
  private void scale(int number) {
    var _ = client.apps().deployments().inNamespace(NAMESPACE).withName(NAME).scale(number);
  }

  private Deployment deployment() {
    return client.apps().deployments().inNamespace(NAMESPACE).withName(NAME).get();
  }

  private HorizontalPodAutoscaler autoscaler() {
    return client
        .resources(HorizontalPodAutoscaler.class)
        .inNamespace(NAMESPACE)
        .withName(NAME)
        .get();
  }

  private int replicas() {
    return deployment().getSpec().getReplicas();
  }

  private String cpu() {
    return deployment()
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getResources()
        .getRequests()
        .get("cpu")
        .toString();
  }
}
