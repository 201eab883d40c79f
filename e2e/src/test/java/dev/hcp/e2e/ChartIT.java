package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.e2e.cluster.Provider;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.SourceTree;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The life of a release of the Helm chart, in the order of the tests: installed, tried out,
 * upgraded, rolled back, removed and installed again, while a hosted cluster runs that notices none
 * of it.
 */
@Order(-1)
@DisabledIfEnvironmentVariable(
    named = "SKIP_E2E",
    matches = ".+",
    disabledReason = "SKIP_E2E is set: the chart was NOT installed")
@ExtendWith(EmptyBedExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ChartIT {
  private static final String HOSTED = "hosted";
  private static final int HOSTED_RANGE = 60;
  private static final String CONTROLLER = "capi-hosted-control-plane-controller-manager";
  private static final String WEBHOOK = "capi-hosted-control-plane-webhook";
  private static final String CERTIFICATE = "capi-hosted-control-plane-webhook-service-certificate";

  /** Shorter than that of the commands, so that it is Helm that says what it waits for. */
  private static final String TIMEOUT = "--timeout=4m";

  private static final Duration HELM_DEADLINE = Duration.ofMinutes(5);
  private static final Duration CREATION_DEADLINE = Duration.ofMinutes(4);
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private final Bed bed;
  private final KubernetesClient client;
  private final HostedCluster hosted;
  private final String chart;
  private Map<String, String> pods = Map.of();

  ChartIT(Bed bed, KubernetesClient client) {
    this.bed = bed;
    this.client = client;
    this.hosted = new HostedCluster(bed, client, HOSTED, HOSTED);
    this.chart = SourceTree.locate(System.getenv()).chartPackage().toString();
  }

  @BeforeAll
  void theImagesAreOnTheNode() {
    var source = SourceTree.locate(System.getenv());
    Provider.requireRelease(source.release(), source);
    for (var module : List.of("webhook", "controller")) {
      bed.node().machine().importImage(source.imageArchive(module), bed.folder().log("chart"));
    }
  }

  @Test
  @Order(1)
  void installationWaitsUntilBothProcessesAreUpAndSaysWhatComesNext() {
    var notes =
        helm("install", HelmChart.RELEASE, chart, "--create-namespace", "--wait", TIMEOUT).output();
    assertThat(notes)
        .contains("helm -n %s test %s".formatted(Provider.NAMESPACE, HelmChart.RELEASE));
    assertThat(deployment(CONTROLLER).getStatus().getAvailableReplicas()).isEqualTo(2);
    assertThat(deployment(WEBHOOK).getStatus().getAvailableReplicas()).isEqualTo(2);
    assertAdmissionWorks();
  }

  @Test
  @Order(2)
  void whatIsInstalledBringsUpAControlPlane() {
    Manifests.createRestrictedNamespace(bed, HOSTED);
    Manifests.apply(bed, Manifests.small(HOSTED, HOSTED_RANGE));
    HostedClustersExtension.awaitReady(hosted, CREATION_DEADLINE);
    pods = pods();
    assertThat(pods).isNotEmpty();
  }

  @Test
  @Order(3)
  void theTestOfTheReleasePassesAndFailsWithoutTheWebhook() {
    helm("test", HelmChart.RELEASE, "--timeout=1m").check();
    assertThat(bed.kubectl("get", "hcpt", "--all-namespaces").output()).isEmpty();

    scaleWebhook(0);
    var failed = helm("test", HelmChart.RELEASE, "--timeout=30s").run();
    assertThat(failed.succeeded()).isFalse();
    assertThat(failed.error()).contains("failed calling webhook");
    scaleWebhook(2);
    // API server and kube-proxy learn a moment later than the Deployment that pods are ready.
    await("the test passes again")
        .atMost(DEADLINE)
        .until(() -> helm("test", HelmChart.RELEASE, "--timeout=1m").run().succeeded());
  }

  @Test
  @Order(4)
  void anUpgradeRollsWhatHasChangedAndARollbackRollsItBack() {
    var webhooks = deployment(WEBHOOK).getStatus().getObservedGeneration();
    helm("upgrade", HelmChart.RELEASE, chart, "--wait", TIMEOUT)
        .with("--set", "controller.log.level=debug")
        .check();
    assertThat(logLevel()).isEqualTo("debug");
    assertThat(deployment(CONTROLLER).getStatus().getUpdatedReplicas()).isEqualTo(2);

    helm("rollback", HelmChart.RELEASE, "1", "--wait", TIMEOUT).check();
    assertThat(logLevel()).isEmpty();
    assertThat(deployment(WEBHOOK).getStatus().getObservedGeneration()).isEqualTo(webhooks);
    assertThat(pods()).isEqualTo(pods);
  }

  @Test
  @Order(5)
  void removalLeavesDefinitionsAndClustersAlone() {
    var kept = helm("uninstall", HelmChart.RELEASE, "--wait", TIMEOUT).output();
    assertThat(kept).contains("CustomResourceDefinition", "hostedcontrolplanes");
    assertThat(client.apps().deployments().inNamespace(Provider.NAMESPACE).list().getItems())
        .isEmpty();
    assertThat(
            client
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withLabel("cluster.x-k8s.io/provider", "control-plane-hosted-control-plane")
                .list()
                .getItems())
        .hasSize(3);
    assertThat(client.resources(HostedControlPlane.class).inAnyNamespace().list().getItems())
        .extracting(object -> object.getMetadata().getName())
        .containsExactly(HOSTED);
    assertThat(pods()).isEqualTo(pods);
    assertThat(hosted.answers()).isTrue();
  }

  /** With the certificate that cert-manager has left behind, as if it were one's own. */
  @Test
  @Order(6)
  void itCanBeInstalledAgainWithACertificateOfOnesOwn() {
    var secret = client.secrets().inNamespace(Provider.NAMESPACE).withName(CERTIFICATE).get();
    var authority = bed.folder().root().resolve("webhook-ca.crt");
    bed.folder()
        .write(
            authority,
            new String(
                Base64.getDecoder().decode(secret.getData().get("ca.crt")),
                StandardCharsets.UTF_8));
    helm("install", HelmChart.RELEASE, chart, "--wait", TIMEOUT)
        .with("--set", "certificate.source=Secret,certificate.secretName=" + CERTIFICATE)
        .with("--set-file", "certificate.caBundle=" + authority)
        .check();
    assertThat(bed.kubectl("get", "certificates", "--namespace", Provider.NAMESPACE).output())
        .isEmpty();
    assertAdmissionWorks();
    helm("test", HelmChart.RELEASE, "--timeout=1m").check();
    await("the controller has looked after the cluster again")
        .atMost(DEADLINE)
        .until(hosted::isReady);
    assertThat(pods()).isEqualTo(pods);
  }

  @Test
  @Order(7)
  void theClusterCanStillBeDeleted() {
    hosted.delete();
    await("the control plane is gone")
        .atMost(CREATION_DEADLINE)
        .until(() -> hosted.controlPlane().isEmpty() && hosted.cluster().isEmpty());
  }

  /** That a good object is accepted, and a bad one refused by the webhook and not by the schema. */
  private void assertAdmissionWorks() {
    var manifest =
        """
        apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
        kind: HostedControlPlane
        metadata: {name: tried, namespace: default}
        spec: {version: v1.36.3, gateway: {name: capi, namespace: gateways}}
        """;
    var apply = bed.kubectl("create", "--dry-run=server", "--filename=-");
    await("a good object is accepted")
        .atMost(DEADLINE)
        .until(() -> apply.input(manifest).run().succeeded());
    assertThat(apply.input(manifest.replace("v1.36.3", "banana")).run().error())
        .contains("spec.version: Invalid value: \"banana\": must be a Kubernetes version");
  }

  private void scaleWebhook(int replicas) {
    bed.kubectl("scale", "deployment", WEBHOOK, "--namespace", Provider.NAMESPACE)
        .with("--replicas=" + replicas)
        .check();
    await("the webhook runs %d times".formatted(replicas))
        .atMost(DEADLINE)
        .until(() -> {
          var running =
              client
                  .pods()
                  .inNamespace(Provider.NAMESPACE)
                  .withLabel("control-plane", "webhook")
                  .list()
                  .getItems();
          return running.size() == replicas && running.stream().allMatch(ChartIT::isReady);
        });
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  private Deployment deployment(String name) {
    return client.apps().deployments().inNamespace(Provider.NAMESPACE).withName(name).get();
  }

  private String logLevel() {
    return deployment(CONTROLLER)
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getEnv()
        .stream()
        .filter(variable -> variable.getName().equals("LOG_LEVEL"))
        .map(variable -> variable.getValue())
        .findFirst()
        .orElse("");
  }

  /** The pods of the hosted control plane and their identities. */
  private Map<String, String> pods() {
    var found = new TreeMap<String, String>();
    hosted
        .pods()
        .forEach(pod -> found.put(pod.getMetadata().getName(), pod.getMetadata().getUid()));
    return found;
  }

  private Command helm(String... arguments) {
    return bed.command("helm")
        .with(arguments)
        .with("--namespace", Provider.NAMESPACE)
        .log(bed.folder().log("chart"))
        .within(HELM_DEADLINE);
  }
}
