package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.e2e.cluster.Provider;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.SourceTree;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What another commit would have released is installed in each of the three ways, upgraded to what
 * was built now, and removed, one way after the other, while a hosted cluster runs of which nobody
 * is refused. By {@code make test-upgrades} only, which builds the other commit.
 */
@Order(-2)
@EnabledIfEnvironmentVariable(
    named = InstallationUpgradeIT.PREVIOUS_SOURCE,
    matches = ".+",
    disabledReason = "make test-upgrades runs it")
@ExtendWith(EmptyBedExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class InstallationUpgradeIT {
  /** The folder with the sources, and the build, of the other commit. */
  static final String PREVIOUS_SOURCE = "PREVIOUS_SOURCE";

  private static final String HOSTED = "hosted";
  private static final int HOSTED_RANGE = 60;
  private static final int API_SERVERS = 2;
  private static final String COMPONENTS = "control-plane-components.yaml";
  private static final String CLUSTERCTL_NAME = "hosted-control-plane";
  private static final String TIMEOUT = "--timeout=4m";
  private static final Duration COMMAND_DEADLINE = Duration.ofMinutes(5);
  private static final Duration CREATION_DEADLINE = Duration.ofMinutes(4);
  private static final Duration DEADLINE = Duration.ofMinutes(4);

  private final Bed bed;
  private final KubernetesClient client;
  private final HostedCluster hosted;
  private final SourceTree present = SourceTree.locate(System.getenv());
  private final SourceTree previous =
      SourceTree.locate(Map.of("HCP_SOURCE", System.getenv().getOrDefault(PREVIOUS_SOURCE, "")));
  private @Nullable SteadyRequests requests;

  InstallationUpgradeIT(Bed bed, KubernetesClient client) {
    this.bed = bed;
    this.client = client;
    this.hosted = new HostedCluster(bed, client, HOSTED, HOSTED);
  }

  @BeforeAll
  void bothReleasesAreThere() throws IOException {
    assertThat(previous.version()).startsWith(present.version() + "-");
    for (var source : List.of(previous, present)) {
      Provider.requireRelease(source.release(), source);
      for (var module : List.of("webhook", "controller")) {
        bed.node().machine().importImage(source.imageArchive(module), bed.folder().log("upgrade"));
      }
      var place =
          bed.folder()
              .repository()
              .resolve("control-plane-" + CLUSTERCTL_NAME)
              .resolve(source.version());
      for (var file : List.of(COMPONENTS, "metadata.yaml")) {
        bed.folder().write(place.resolve(file), Files.readString(source.release().resolve(file)));
      }
    }
  }

  @Test
  @Order(1)
  void clusterctlUpgradesAndRemovesIt() {
    clusterctl("init", "--control-plane", CLUSTERCTL_NAME + ":" + previous.version())
        .with("--bootstrap", "-", "--infrastructure", "-", "--wait-providers")
        .check();
    assertRuns(previous);
    Manifests.createRestrictedNamespace(bed, HOSTED);
    Manifests.apply(bed, Manifests.small(HOSTED, HOSTED_RANGE, API_SERVERS));
    HostedClustersExtension.awaitReady(hosted, CREATION_DEADLINE);
    requests = new SteadyRequests(hosted.endpoint().orElseThrow());

    assertThat(clusterctl("upgrade", "plan").output()).contains(CLUSTERCTL_NAME, present.version());
    clusterctl("upgrade", "apply", "--wait-providers")
        .with("--control-plane")
        .with("%s/%s:%s".formatted(Provider.NAMESPACE, CLUSTERCTL_NAME, present.version()))
        .check();
    assertRuns(present);
    assertTheClusterIsLookedAfter();

    clusterctl("delete", "--control-plane", CLUSTERCTL_NAME).check();
    assertIsRemoved();
  }

  @Test
  @Order(2)
  void helmUpgradesAndRemovesIt() {
    helm("install", HelmChart.RELEASE, previous.chartPackage().toString(), "--create-namespace")
        .with("--take-ownership", "--force-conflicts")
        .check();
    assertRuns(previous);
    helm("upgrade", HelmChart.RELEASE, present.chartPackage().toString())
        .with("--reset-then-reuse-values")
        .check();
    assertRuns(present);
    assertTheClusterIsLookedAfter();
    bed.command("helm", "test", HelmChart.RELEASE, "--namespace", Provider.NAMESPACE)
        .with("--timeout=1m")
        .within(COMMAND_DEADLINE)
        .check();

    helm("uninstall", HelmChart.RELEASE).check();
    assertIsRemoved();
  }

  @Test
  @Order(3)
  void kubectlUpgradesAndRemovesIt() throws IOException {
    kubectl("apply", previous).check();
    assertRuns(previous);
    kubectl("apply", present).check();
    assertRuns(present);
    assertTheClusterIsLookedAfter();

    kubectl("delete", present).with("--selector=!cluster.x-k8s.io/v1beta2").check();
    assertIsRemoved();

    kubectl("apply", present).check();
    assertRuns(present);
    assertTheClusterIsLookedAfter();
  }

  @AfterAll
  void nobodyWasRefused() {
    if (requests != null) {
      requests.close();
      assertThat(requests.requests()).isPositive();
      assertThat(requests.failures()).isEmpty();
    }
  }

  private void assertRuns(SourceTree source) {
    await("both processes of %s run".formatted(source.version()))
        .atMost(DEADLINE)
        .untilAsserted(() ->
            assertThat(deployments())
                .hasSize(2)
                .allSatisfy(deployment -> {
                  assertThat(
                          deployment
                              .getSpec()
                              .getTemplate()
                              .getSpec()
                              .getContainers()
                              .getFirst()
                              .getImage())
                      .endsWith(":" + source.version());
                  var status = deployment.getStatus();
                  assertThat(status.getObservedGeneration())
                      .isEqualTo(deployment.getMetadata().getGeneration());
                  assertThat(status.getUpdatedReplicas()).isEqualTo(2);
                  assertThat(status.getAvailableReplicas()).isEqualTo(2);
                  assertThat(status.getReplicas()).isEqualTo(2);
                }));
  }

  /** A change is taken, and done. */
  private void assertTheClusterIsLookedAfter() {
    for (int replicas : new int[] {API_SERVERS + 1, API_SERVERS}) {
      await("the change is accepted")
          .atMost(DEADLINE)
          .until(() ->
              bed.kubectl("scale", "hcp", HOSTED, "--namespace", HOSTED)
                  .with("--replicas=" + replicas)
                  .run()
                  .succeeded());
      await("%d API servers".formatted(replicas))
          .atMost(DEADLINE)
          .untilAsserted(() -> {
            assertThat(hosted.isReady()).as(hosted.summary()).isTrue();
            assertThat(hosted.controlPlane().orElseThrow().getStatus().replicas())
                .isEqualTo(replicas);
          });
    }
  }

  private void assertIsRemoved() {
    await("no process is left").atMost(DEADLINE).until(() -> deployments().isEmpty());
    assertThat(hosted.controlPlane()).isPresent();
    assertThat(hosted.answers()).isTrue();
  }

  private List<Deployment> deployments() {
    return client.apps().deployments().inNamespace(Provider.NAMESPACE).list().getItems();
  }

  private Command clusterctl(String... arguments) {
    return bed.command("clusterctl")
        .with(arguments)
        .log(bed.folder().log("upgrade"))
        .within(COMMAND_DEADLINE);
  }

  private Command helm(String... arguments) {
    return bed.command("helm")
        .with(arguments)
        .with("--namespace", Provider.NAMESPACE, "--wait", TIMEOUT)
        .log(bed.folder().log("upgrade"))
        .within(COMMAND_DEADLINE);
  }

  private Command kubectl(String verb, SourceTree source) throws IOException {
    return bed.kubectl(verb, "--filename=-")
        .input(Files.readString(source.release().resolve(COMPONENTS)))
        .within(COMMAND_DEADLINE);
  }
}
