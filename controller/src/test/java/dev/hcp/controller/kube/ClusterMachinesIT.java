package dev.hcp.controller.kube;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.controller.plan.Machines;
import dev.hcp.controller.testing.Crds;
import dev.hcp.controller.testing.Kubes;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.controller.testing.WithManagementApiServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Machines are looked at, and replaced, with the rights that the controller has. */
@WithManagementApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterMachinesIT {
  private static final String NAMESPACE = "machines";
  private static final Instant TIME = Instant.parse("2026-11-30T21:00:00Z");

  private final KubernetesClient client;
  private final KubernetesClient controllerClient;
  private final Fabric8Kube kube;

  ClusterMachinesIT(ManagementApiServer server) {
    client = server.client();
    controllerClient = server.controllerClient();
    kube = Kubes.of(controllerClient);
  }

  @BeforeAll
  void install() {
    List.of(Crds.MACHINEDEPLOYMENTS, Crds.MACHINES).forEach(crd -> crd.install(client));
    Namespaces.apply(client, NAMESPACE);
    await("kinds are served")
        .atMost(Duration.ofSeconds(30))
        .ignoreException(KubernetesClientException.class)
        .untilAsserted(() -> assertThat(kube.machines(NAMESPACE, "none").nodes()).isEmpty());
  }

  @AfterAll
  void close() {
    kube.close();
    controllerClient.close();
    client.close();
  }

  @Test
  void machinesOfOneClusterAreFoundOnAllPages() {
    create("MachineDeployment", "pages", "md", "{replicas: 2}", "{}");
    create("MachineDeployment", "another", "other", "{}", "{}");
    for (int i = 0; i < 102; i++) {
      create("Machine", "pages", "m" + i, "{}", "{nodeRef: {name: node-%d}}".formatted(i));
    }
    create("Machine", "pages", "without-node", "{}", "{}");
    create("Machine", "another", "stranger", "{}", "{nodeRef: {name: strange}}");
    var found = kube.machines(NAMESPACE, "pages");
    assertThat(found.deployments()).extracting(Machines.Deployment::name).containsExactly("md");
    assertThat(found.nodes())
        .hasSize(102)
        .containsEntry("node-0", "md")
        .containsEntry("node-101", "md");
    assertThat(kube.machines(NAMESPACE, "none"))
        .isEqualTo(new Machines(Optional.empty(), List.of(), Map.of()));
  }

  @Test
  void machinesAreReplacedByATimeUnlessSomebodyHasChangedThatMeanwhile() {
    create(
        "MachineDeployment",
        "one",
        "plain",
        "{replicas: 1}",
        "{observedGeneration: 1, replicas: 1, upToDateReplicas: 1, availableReplicas: 1}");
    var seen = only("one");
    assertThat(seen.settled()).isTrue();
    assertThat(seen.after()).isEmpty();
    assertThat(seen.obstacle()).isEmpty();
    kube.rollOut(seen, TIME);
    assertThat(only("one").after()).contains(TIME);
    assertThat(only("one").settled()).as("Cluster API has not looked at it yet").isFalse();
    kube.rollOut(seen, TIME.plusSeconds(60));
    assertThat(only("one").after()).as("seen before the last change").contains(TIME);
  }

  @Test
  void whoeverElseAppliesTheTimeIsNamed() {
    create("MachineDeployment", "two", "topology", "{}", "{}");
    apply("two", "topology", "{replicas: 3}");
    assertThat(only("two").obstacle()).isEmpty();
    kube.rollOut(only("two"), TIME);
    apply("two", "topology", "{replicas: 4}");
    assertThat(only("two").after()).as("it leaves alone what it does not apply").contains(TIME);
    apply("two", "topology", "{rollout: {after: '2025-01-01T00:00:00Z'}}");
    assertThat(only("two").obstacle())
        .contains(
            "capi-topology applies its spec.rollout.after, and would take ours back: set it there");
    create("MachineDeployment", "three", "paused", "{}", "{}", "cluster.x-k8s.io/paused: ''");
    assertThat(only("three").standstill()).contains("it is paused");
  }

  private Machines.Deployment only(String cluster) {
    var all = kube.machines(NAMESPACE, cluster).deployments();
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  private void create(
      String kind, String cluster, String name, String spec, String status, String... notes) {
    var _ =
        client
            .resource(
                client
                    .getKubernetesSerialization()
                    .unmarshal(
                        """
                        apiVersion: cluster.x-k8s.io/v1beta2
                        kind: %s
                        metadata:
                          name: %s
                          namespace: %s
                          labels: {cluster.x-k8s.io/cluster-name: %s, cluster.x-k8s.io/deployment-name: md}
                          annotations: {%s}
                        spec: %s
                        status: %s
                        """
                            .formatted(
                                kind,
                                name,
                                NAMESPACE,
                                cluster,
                                String.join(", ", notes),
                                spec,
                                status),
                        GenericKubernetesResource.class))
            .create();
  }

  /** As Cluster API for a Cluster with a topology. */
  private void apply(String cluster, String name, String spec) {
    var object =
        client
            .getKubernetesSerialization()
            .unmarshal(
                """
                apiVersion: cluster.x-k8s.io/v1beta2
                kind: MachineDeployment
                metadata:
                  name: %s
                  namespace: %s
                  labels: {cluster.x-k8s.io/cluster-name: %s}
                spec: %s
                """
                    .formatted(name, NAMESPACE, cluster, spec),
                GenericKubernetesResource.class);
    var _ =
        client
            .resource(object)
            .patch(
                new PatchContext.Builder()
                    .withPatchType(PatchType.SERVER_SIDE_APPLY)
                    .withFieldManager("capi-topology")
                    .withForce(true)
                    .build(),
                client.getKubernetesSerialization().asJson(object));
  }
}
