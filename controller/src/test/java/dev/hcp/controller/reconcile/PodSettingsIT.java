package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.controller.kube.Fabric8Kube;
import dev.hcp.controller.kube.Kube.Applied;
import dev.hcp.controller.kube.ServedRoutes;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.scenario.Generator;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.controller.testing.Namespaces;
import dev.hcp.controller.testing.WithManagementApiServer;
import dev.hcp.render.workload.AddOn;
import dev.hcp.render.workload.CoreDnsRenderer;
import dev.hcp.render.workload.KonnectivityAgentRenderer;
import dev.hcp.render.workload.KubeProxyRenderer;
import dev.hcp.validation.Validator;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What admission lets users set for pods, a real API server takes in Deployments, StatefulSets and
 * DaemonSets, and keeps as it is: another pass changes nothing.
 */
@WithManagementApiServer
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PodSettingsIT {
  private static final String NAMESPACE = "pod-settings";
  private static final int SEEDS = 60;

  private final KubernetesClient client;
  private final Fabric8Kube kube;

  PodSettingsIT(ManagementApiServer server) {
    client = server.client();
    kube =
        new Fabric8Kube(
            // The controller may write DaemonSets in hosted clusters only.
            client,
            new ServedRoutes(),
            "test",
            new ControllerMetrics(new SimpleMeterRegistry()),
            InstantSource.system());
  }

  @BeforeAll
  void makeNamespace() {
    Namespaces.apply(client, NAMESPACE);
  }

  @AfterAll
  void close() {
    kube.close();
    client.close();
  }

  static Stream<Named<Plan>> plans() {
    var written =
        Stream.of("full", "hosted-cluster-customised")
            .map(name -> Named.of(name, Plan.of(Scenario.named(name).observation())));
    var random =
        LongStream.range(1, SEEDS)
            .mapToObj(seed -> Named.of("seed " + seed, new Generator(seed).scenario()))
            .filter(scenario ->
                Validator.create(scenario.getPayload().observation().hostedControlPlane())
                    .isEmpty())
            .map(scenario ->
                Named.of(scenario.getName(), Plan.of(scenario.getPayload().observation())));
    return Stream.concat(written, random);
  }

  @ParameterizedTest
  @MethodSource("plans")
  void areTakenOnceAndKept(Plan plan) {
    for (var pods : Pods.of(workloads(plan))) {
      var desired = Manifests.fromMap(Manifests.toMap(pods.owner()), pods.owner().getClass());
      desired.getMetadata().setNamespace(NAMESPACE);
      desired.getMetadata().setOwnerReferences(List.of());
      assertThat(kube.apply(desired, null)).as(pods.toString()).isEqualTo(Applied.CHANGED);
      var live = live(desired);
      assertThat(kube.apply(desired, live)).as(pods.toString()).isEqualTo(Applied.UNCHANGED);
      var _ = client.resource(live).delete();
    }
  }

  private static List<HasMetadata> workloads(Plan plan) {
    var controlPlane = plan.planning().controlPlane();
    var endpoint = new ControlPlaneEndpoint("demo.example.test", 443);
    var addOns =
        Stream.of(
                KubeProxyRenderer.render(controlPlane, endpoint),
                CoreDnsRenderer.render(controlPlane, 3),
                KonnectivityAgentRenderer.render(controlPlane, endpoint, 3))
            .map(AddOn::desired)
            .flatMap(List::stream);
    return Stream.concat(
            plan.steps().stream().map(Step::desired).<HasMetadata>flatMap(List::stream), addOns)
        .toList();
  }

  private HasMetadata live(HasMetadata object) {
    return kube.find(object.getClass(), NAMESPACE, object.getMetadata().getName()).orElseThrow();
  }
}
