package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.api.v1alpha1.VersionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.process.Command;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The sample's Cluster and HostedControlPlane become a Kubernetes cluster that works. */
@Order(20)
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
final class HostedClusterIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final Duration SCALING_DEADLINE = Duration.ofMinutes(3);

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster demo;

  HostedClusterIT(Bed bed, KubernetesClient management, HostedCluster demo) {
    this.bed = bed;
    this.management = management;
    this.demo = demo;
  }

  @Test
  void theApiServerAnswersThroughTheGatewayAndIsTrustedByTheAuthorityOfItsCluster()
      throws IOException {
    var endpoint = demo.endpoint().orElseThrow();
    assertThat(endpoint.host()).isEqualTo("demo.clusters.hcp.example.test");
    assertThat(endpoint.port()).isEqualTo(443);
    var answer = endpoint.get("/readyz");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("ok");
  }

  @Test
  void aDeploymentGetsItsPodsWhichWaitForANode() {
    try (var client = bed.client(demo.namespace(), demo.name())) {
      var namespace = "works";
      client
          .namespaces()
          .resource(
              new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
          .create();
      client
          .apps()
          .deployments()
          .inNamespace(namespace)
          .resource(
              new DeploymentBuilder()
                  .withNewMetadata()
                  .withName("web")
                  .endMetadata()
                  .withNewSpec()
                  .withNewSelector()
                  .addToMatchLabels("app", "web")
                  .endSelector()
                  .withNewTemplate()
                  .withNewMetadata()
                  .addToLabels("app", "web")
                  .endMetadata()
                  .withNewSpec()
                  .addNewContainer()
                  .withName("web")
                  .withImage("web")
                  .endContainer()
                  .endSpec()
                  .endTemplate()
                  .endSpec()
                  .build())
          .create();
      await("the controller-manager makes a pod, and the scheduler looks at it")
          .atMost(DEADLINE)
          .untilAsserted(() ->
              assertThat(client.pods().inNamespace(namespace).list().getItems())
                  .singleElement()
                  .satisfies(pod -> {
                    assertThat(pod.getStatus().getPhase()).isEqualTo("Pending");
                    assertThat(pod.getStatus().getConditions())
                        .filteredOn(condition -> condition.getType().equals("PodScheduled"))
                        .singleElement()
                        .satisfies(scheduled -> {
                          assertThat(scheduled.getStatus()).isEqualTo("False");
                          assertThat(scheduled.getMessage()).contains("no nodes available");
                        });
                  }));
      client.namespaces().withName(namespace).delete();
    }
  }

  @Test
  void aServiceAccountTokenAuthenticates() {
    try (var client = bed.client(demo.namespace(), demo.name())) {
      client
          .serviceAccounts()
          .inNamespace("default")
          .resource(
              new ServiceAccountBuilder().withNewMetadata().withName("robot").endMetadata().build())
          .create();
      var token = Tokens.issue(client, "default", "robot");
      assertThat(Tokens.whoAmI(bed, demo, token)).contains("system:serviceaccount:default:robot");
      assertThat(Tokens.whoAmI(bed, demo, token + "x")).isEmpty();
    }
  }

  @Test
  void allPodsOfTheControlPlaneRunWithoutARestartOnTheRestrictedLevel() {
    assertThat(management.namespaces().withName(demo.namespace()).get().getMetadata().getLabels())
        .containsEntry("pod-security.kubernetes.io/enforce", "restricted");
    var pods = demo.pods();
    assertThat(
            pods.stream()
                .collect(
                    Collectors.groupingBy(
                        pod -> pod.getMetadata().getLabels().get("app.kubernetes.io/component"),
                        Collectors.counting())))
        .isEqualTo(Map.of("api-server", 3L, "controller-manager", 1L, "scheduler", 1L, "etcd", 3L));
    assertThat(pods)
        .allSatisfy(pod -> {
          assertThat(pod.getStatus().getPhase()).isEqualTo("Running");
          assertThat(pod.getStatus().getContainerStatuses())
              .isNotEmpty()
              .allMatch(ContainerStatus::getReady)
              .allMatch(container -> container.getRestartCount() == 0);
        });
  }

  @Test
  void clusterApiSeesTheControlPlaneAndReachesTheCluster() {
    await("Cluster API has looked at the control plane")
        .atMost(DEADLINE)
        .untilAsserted(() ->
            assertThat(conditionsOfTheCluster())
                .containsEntry("ControlPlaneInitialized", "True")
                .containsEntry("ControlPlaneAvailable", "True")
                .containsEntry("RemoteConnectionProbe", "True"));
  }

  private static boolean waitsForNodes(Condition condition) {
    return condition.reason().equals(Reason.WAITING_FOR_NODES.value());
  }

  @Test
  void theStatusSaysWhatIsThere() {
    var object = demo.controlPlane().orElseThrow();
    var status = Optional.ofNullable(object.getStatus()).orElseThrow();
    assertThat(status.conditions())
        .filteredOn(
            condition -> condition.type().endsWith("Ready") || condition.type().equals("Available"))
        .hasSizeGreaterThanOrEqualTo(20)
        .allMatch(condition -> condition.status().equals("True") || waitsForNodes(condition));
    assertThat(status.conditions())
        .filteredOn(HostedClusterIT::waitsForNodes)
        .extracting(Condition::type)
        .containsExactlyInAnyOrder(
            ConditionType.WORKLOAD_KUBE_PROXY.value(),
            ConditionType.WORKLOAD_COREDNS.value(),
            ConditionType.WORKLOAD_KONNECTIVITY.value());
    assertThat(status.conditions())
        .filteredOn(condition ->
            List.of("RollingOut", "ScalingUp", "ScalingDown", "Paused").contains(condition.type()))
        .hasSize(4)
        .allMatch(condition -> condition.status().equals("False"));
    assertThat(status.conditions())
        .allMatch(condition ->
            object.getMetadata().getGeneration().equals(condition.observedGeneration()));
    assertThat(status)
        .extracting(
            HostedControlPlaneStatus::replicas,
            HostedControlPlaneStatus::readyReplicas,
            HostedControlPlaneStatus::availableReplicas,
            HostedControlPlaneStatus::upToDateReplicas,
            HostedControlPlaneStatus::version,
            HostedControlPlaneStatus::ready,
            HostedControlPlaneStatus::externalManagedControlPlane,
            HostedControlPlaneStatus::observedGeneration)
        .containsExactly(3, 3, 3, 3, "v1.36.3", true, true, object.getMetadata().getGeneration());
    assertThat(status.versions()).containsExactly(new VersionStatus("v1.36.3", 3));
    assertThat(Optional.ofNullable(status.initialization()).orElseThrow().controlPlaneInitialized())
        .isTrue();
  }

  @Test
  void kubectlShowsWhatMattersInColumns() {
    var lines =
        bed.kubectl("get", "hcp", "demo", "--namespace", demo.namespace())
            .output()
            .lines()
            .toList();
    assertThat(columns(lines.getFirst()))
        .startsWith(
            "NAME",
            "INITIALIZED",
            "API SERVER AVAILABLE",
            "REPLICAS",
            "READY",
            "UPDATED",
            "ETCD SIZE",
            "MAX ETCD SPACE USAGE",
            "PAUSED",
            "HIBERNATED",
            "VERSION",
            "AGE");
    assertThat(columns(lines.get(1))).startsWith("demo", "true", "True", "3", "3", "3");
    assertThat(lines.get(1)).contains("v1.36.3");
  }

  @Test
  void kubectlScaleChangesTheNumberOfApiServersAndPodsAlwaysFindOne() {
    try (var hosted = bed.client(demo.namespace(), demo.name());
        var kubernetes = new KubernetesService(hosted)) {
      scaleTo(2);
      scaleTo(3);
      assertThat(kubernetes.states())
          .as("where default/kubernetes leads while an API server stops")
          .isNotEmpty()
          .containsOnly(List.of(demo.loadBalancerAddress() + ":6443"));
    }
    var tooFew = scale(0).run();
    assertThat(tooFew.succeeded()).isFalse();
    assertThat(tooFew.error()).contains("replicas");
  }

  /** No such image can be had: new API servers do not start, and those that there are go on. */
  @Test
  void aVersionWhoseImageDoesNotExistIsSaidAndTakenBack() throws IOException {
    var before = uids(demo.pods().stream().filter(HostedClusterIT::isApiServer).toList());
    try (var requests = new SteadyRequests(demo.endpoint().orElseThrow())) {
      setVersion("v1.36.99").check();
      await("the status names the pod that does not start, and why")
          .atMost(SCALING_DEADLINE)
          .untilAsserted(() ->
              assertThat(demo.condition(ConditionType.API_SERVER).orElseThrow())
                  .returns(Reason.ROLLOUT_FAILING.value(), Condition::reason)
                  .extracting(Condition::message)
                  .asString()
                  .containsPattern("pod demo-api-server-\\S+: container kube-apiserver: \\w+Pull"));
      assertThat(demo.controlPlane().orElseThrow().getStatus().versions())
          .containsExactly(new VersionStatus("v1.36.3", 3));
      assertThat(setVersion("v1.36.2").run().error())
          .contains("must not be lower than the current v1.36.99, or else v1.36.3");
      setVersion("v1.36.3").check();
      await("all is as it was")
          .atMost(SCALING_DEADLINE)
          .untilAsserted(() -> {
            assertThat(demo.isReady()).as(demo.summary()).isTrue();
            assertThat(uids(demo.pods().stream().filter(HostedClusterIT::isApiServer).toList()))
                .isEqualTo(before);
          });
      assertThat(requests.requests()).isPositive();
      assertThat(requests.failures()).isEmpty();
    } finally {
      // The others have the same cluster.
      var _ = setVersion("v1.36.3").run();
    }
  }

  private Command setVersion(String version) {
    return bed.kubectl("patch", "hcp", "demo", "--namespace", demo.namespace())
        .with("--type=merge", "--patch", "{\"spec\":{\"version\":\"%s\"}}".formatted(version));
  }

  private static Set<String> uids(List<Pod> pods) {
    return pods.stream().map(pod -> pod.getMetadata().getUid()).collect(Collectors.toSet());
  }

  private void scaleTo(int replicas) {
    scale(replicas).check();
    await("the status follows the number of API servers")
        .atMost(SCALING_DEADLINE)
        .untilAsserted(() -> {
          assertThat(demo.isReady()).as(demo.summary()).isTrue();
          var status = demo.controlPlane().map(object -> object.getStatus()).orElseThrow();
          assertThat(status.replicas()).isEqualTo(replicas);
          assertThat(status.readyReplicas()).isEqualTo(replicas);
          assertThat(status.upToDateReplicas()).isEqualTo(replicas);
        });
    assertThat(demo.condition(ConditionType.AVAILABLE).orElseThrow().status()).isEqualTo("True");
    await("only as many API servers are left")
        .atMost(SCALING_DEADLINE)
        .untilAsserted(() ->
            assertThat(demo.pods()).filteredOn(HostedClusterIT::isApiServer).hasSize(replicas));
  }

  private Command scale(int replicas) {
    return bed.kubectl("scale", "hcp", "demo", "--namespace", demo.namespace())
        .with("--replicas=" + replicas);
  }

  private static boolean isApiServer(Pod pod) {
    return "api-server".equals(pod.getMetadata().getLabels().get("app.kubernetes.io/component"));
  }

  private Map<String, String> conditionsOfTheCluster() {
    GenericKubernetesResource cluster = demo.cluster().orElseThrow();
    List<Map<String, String>> conditions = cluster.get("status", "conditions");
    return conditions.stream()
        .collect(
            Collectors.toMap(
                condition -> String.valueOf(condition.get("type")),
                condition -> String.valueOf(condition.get("status"))));
  }

  /** kubectl leaves at least two spaces between columns. */
  private static List<String> columns(String line) {
    return Arrays.asList(line.strip().split(" {2,}", -1));
  }
}
