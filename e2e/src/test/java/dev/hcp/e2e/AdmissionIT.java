package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.e2e.cluster.Provider;
import dev.hcp.e2e.process.Command;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code kubectl apply} answers, through the API server and the real webhook. */
@Order(10)
@ExtendWith(BedExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class AdmissionIT {
  private static final String NAMESPACE = "admission";
  private static final Duration DEADLINE = Duration.ofSeconds(90);

  private final Bed bed;
  private final KubernetesClient client;

  AdmissionIT(Bed bed, KubernetesClient client) {
    this.bed = bed;
    this.client = client;
  }

  @BeforeAll
  void anObjectExists() {
    Manifests.createRestrictedNamespace(bed, NAMESPACE);
    Manifests.apply(bed, controlPlane("existing", "version: v1.36.3"));
  }

  @AfterAll
  void removeNamespace() {
    client.namespaces().withName(NAMESPACE).delete();
  }

  static Stream<Arguments> badSpecs() {
    return Stream.of(
        arguments(
            "a version that is none",
            "version: banana",
            "spec.version: Invalid value: \"banana\": must be a Kubernetes version v1.31 to v1.37,"
                + " for example v1.36.3"),
        arguments(
            "no API server at all",
            "{version: v1.36.3, replicas: 0}",
            "spec.replicas: Invalid value: 0: "),
        arguments(
            "a volume that grows by itself and has a size",
            "{version: v1.36.3, etcd: {autoGrow: true, volumeSize: 5Gi}}",
            "spec.etcd.autoGrow: Invalid value: true: must be false because volumeSize is set, to 5Gi; or"
                + " leave volumeSize out"),
        arguments(
            "a root that lives shorter than what it signs",
            "{version: v1.36.3, certificates: {rootCaCertificateDuration: 24h,"
                + " caCertificateDuration: 48h}}",
            "spec.certificates.rootCaCertificateDuration: Invalid value: \"24h\": must be at least"
                + " caCertificateDuration, 48h"),
        arguments(
            "a mount with two sources",
            "{version: v1.36.3, deployment: {apiServer: {mounts: {extra: {path: /extra,"
                + " configMap: {name: a}, secret: {secretName: b}}}}}}",
            "must have exactly one of configMap and secret, but has both"),
        arguments(
            "a backup that never takes place",
            "{version: v1.36.3, etcd: {backup: {schedule: '0 0 30 2 *', secret: {name: s3}}}}",
            "spec.etcd.backup.schedule: Invalid value: \"0 0 30 2 *\": must name a day that occurs:"
                + " this schedule never fires; for example 30 2 * * * fires every day at 02:30"
                + " UTC"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badSpecs")
  void aBadSpecIsRejectedWithFieldValueAndWhatIsAccepted(
      String mistake, String spec, String message) {
    var answer = apply(controlPlane("bad", spec)).run();
    assertThat(answer.succeeded()).as(mistake).isFalse();
    assertThat(answer.error()).contains(message);
    assertThat(find("bad")).isEmpty();
  }

  static Stream<Arguments> badChanges() {
    return Stream.of(
        arguments(
            "version: v1.35.0",
            "spec.version: Invalid value: \"v1.35.0\": must not be lower than the current v1.36.3"),
        arguments(
            "version: v1.36.2",
            "spec.version: Invalid value: \"v1.36.2\": must not be lower than the current"
                + " v1.36.3"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badChanges")
  void aVersionNeverDecreases(String spec, String message) {
    var answer = apply(controlPlane("existing", spec)).run();
    assertThat(answer.succeeded()).isFalse();
    assertThat(answer.error()).contains(message);
  }

  @Test
  void aVersionNeverSkipsAMinorVersion() {
    Manifests.apply(bed, controlPlane("older", "version: v1.34.1"));
    var answer = apply(controlPlane("older", "version: v1.36.3")).run();
    assertThat(answer.succeeded()).isFalse();
    assertThat(answer.error())
        .contains(
            "spec.version: Invalid value: \"v1.36.3\": must be at most v1.35, one minor version"
                + " above the current v1.34.1");
    assertThat(apply(controlPlane("older", "version: v1.35.6")).run().succeeded()).isTrue();
  }

  @Test
  void aVersionIsWrittenWithAvAndReplicasAreDefaulted() {
    var dryRun = apply(controlPlane("tried", "version: 1.36.3")).with("--dry-run=server");
    assertThat(dryRun.with("--output=jsonpath={.spec.version} {.spec.replicas}").output())
        .isEqualTo("v1.36.3 2");
    assertThat(find("tried")).as("a dry run stores nothing").isEmpty();

    apply(controlPlane("defaulted", "version: 1.36.3")).check();
    var stored = find("defaulted").getFirst();
    assertThat(stored.getSpec().version()).isEqualTo("v1.36.3");
    apply(controlPlane("defaulted", "version: 1.36.3")).check();
    assertThat(find("defaulted").getFirst().getMetadata().getGeneration())
        .as("to apply the same again changes nothing")
        .isEqualTo(stored.getMetadata().getGeneration());
  }

  @Test
  void toApplyTheSameOnTheServerSideAgainChangesNothing() {
    var manifest = controlPlane("server-side", "version: 1.36.3");
    var apply =
        bed.kubectl("apply", "--server-side", "--field-manager=somebody", "--filename=-")
            .input(manifest);
    apply.check();
    var stored = find("server-side").getFirst().getMetadata().getGeneration();
    apply.check();
    assertThat(find("server-side").getFirst().getMetadata().getGeneration()).isEqualTo(stored);
  }

  @Test
  void whatIsMissingIsWarnedOf() {
    var answer =
        apply(
                controlPlane(
                        "lonely",
                        "{version: v1.36.3, deployment: {apiServer: {mounts: {a: {path: /a, secret:"
                            + " {secretName: missing}}}}}}")
                    .replace("name: capi", "name: missing"))
            .with("--dry-run=server")
            .run();
    assertThat(answer.error())
        .contains(
            "Warning: spec.gateway: Gateway gateways/missing does not exist yet",
            "Warning: spec.deployment.apiServer.mounts[a].secret: Secret missing does not exist"
                + " yet");
    assertThat(answer.succeeded()).isTrue();
    assertThat(apply(controlPlane("lonely", "version: v1.36.3")).with("--dry-run=server").run())
        .satisfies(accepted -> assertThat(accepted.error()).isEmpty());
  }

  @Test
  void aClusterHasOneControlPlane() {
    apply(belonging(controlPlane("first", "version: v1.36.3"), "shared")).check();
    var answer = apply(belonging(controlPlane("second", "version: v1.36.3"), "shared")).run();
    assertThat(answer.succeeded()).isFalse();
    assertThat(answer.error()).contains("HostedControlPlane first is that of this one");
    apply(belonging(controlPlane("second", "version: v1.36.3"), "another")).check();
  }

  @Test
  void kubeletsAreNotLeftBehind() {
    apply(belonging(controlPlane("skewed", "version: v1.34.1"), "skewed")).check();
    apply(
            """
            apiVersion: cluster.x-k8s.io/v1beta2
            kind: MachineDeployment
            metadata: {name: old, namespace: %s, labels: {cluster.x-k8s.io/cluster-name: skewed}}
            spec:
              clusterName: skewed
              replicas: 1
              selector: {matchLabels: {nodes: old}}
              template:
                metadata: {labels: {nodes: old}}
                spec:
                  clusterName: skewed
                  version: v1.31.4
                  bootstrap: {dataSecretName: none}
                  infrastructureRef:
                    {apiGroup: infrastructure.cluster.x-k8s.io, kind: NoMachineTemplate, name: none}
            """
                .formatted(NAMESPACE))
        .check();
    var answer = patch("skewed", "{\"spec\":{\"version\":\"v1.35.0\"}}").run();
    assertThat(answer.succeeded()).isFalse();
    assertThat(answer.error())
        .contains("first bring to v1.32 or newer: MachineDeployment old (v1.31.4)");
    patch("skewed", "{\"spec\":{\"version\":\"v1.34.9\"}}").check();
  }

  @Test
  void generatedObjectsAreProtectedAndNamespacesCanBeDeletedAllTheSame() {
    var namespace = "admission-generated";
    Manifests.createRestrictedNamespace(bed, namespace);
    for (var name : List.of("demo-kept", "demo-released")) {
      apply(
              """
              apiVersion: v1
              kind: ConfigMap
              metadata:
                name: %s
                namespace: %s
                labels:
                  app.kubernetes.io/managed-by: hosted-control-plane-controller
                  cluster.x-k8s.io/cluster-name: demo
              """
                  .formatted(name, namespace))
          .check();
    }
    var delete = bed.kubectl("delete", "configmap", "demo-released", "--namespace", namespace);
    var refused = delete.run();
    assertThat(refused.succeeded()).isFalse();
    assertThat(refused.error())
        .contains("belongs to the control plane of Cluster demo", "allow-manual-changes=true");
    bed.kubectl("annotate", "configmap", "demo-released", "--namespace", namespace)
        .with("controlplane.cluster.x-k8s.io/allow-manual-changes=true")
        .check();
    delete.check();

    client.namespaces().withName(namespace).delete();
    await("nothing holds the namespace")
        .atMost(DEADLINE)
        .until(() -> client.namespaces().withName(namespace).get() == null);
  }

  @Test
  void aTemplateCannotBeChanged() {
    apply(template("1")).check();
    var answer = apply(template("2")).run();
    assertThat(answer.succeeded()).isFalse();
    assertThat(answer.error())
        .contains(
            "spec.template.spec: cannot be changed: make another HostedControlPlaneTemplate and"
                + " refer to that");
  }

  @Test
  void whatIsBeingDeletedCanAlwaysBeChanged() {
    apply(controlPlane("leaving", "version: v1.36.3")).check();
    patch("leaving", "{\"metadata\":{\"finalizers\":[\"example.test/held\"]}}").check();
    bed.kubectl("delete", "hcp", "leaving", "--namespace", NAMESPACE, "--wait=false").check();
    assertThat(find("leaving")).singleElement().matches(HostedControlPlane::isMarkedForDeletion);

    assertThat(patch("leaving", "{\"spec\":{\"version\":\"v1.35.0\"}}").run().error()).isEmpty();
    patch("leaving", "{\"metadata\":{\"finalizers\":null}}").check();
    await("nothing holds the object").atMost(DEADLINE).until(() -> find("leaving").isEmpty());
  }

  @Test
  void admissionGoesOnWhenOneOfTheTwoWebhooksIsKilled() {
    var before = webhooks();
    assertThat(before).hasSize(2).allMatch(AdmissionIT::isReady);
    var killed = before.getFirst();
    bed.kubectl("delete", "pod", killed.getMetadata().getName())
        .with("--namespace", Provider.NAMESPACE, "--grace-period=0", "--force", "--wait=false")
        .check();
    await("another webhook takes the place of the killed one, and admission never fails meanwhile")
        .atMost(DEADLINE)
        .failFast(
            "a good object was refused, or a bad one accepted",
            () ->
                !apply(controlPlane("good", "version: v1.36.3"))
                        .with("--dry-run=server")
                        .run()
                        .succeeded()
                    || !apply(controlPlane("bad", "version: banana"))
                        .run()
                        .error()
                        .contains("spec.version"))
        .until(() ->
            webhooks().stream().filter(AdmissionIT::isReady).count() == 2
                && webhooks().stream().noneMatch(pod -> uid(pod).equals(uid(killed))));
  }

  private List<Pod> webhooks() {
    return client
        .pods()
        .inNamespace(Provider.NAMESPACE)
        .withLabel("control-plane", "webhook")
        .list()
        .getItems();
  }

  private static String uid(Pod pod) {
    return pod.getMetadata().getUid();
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  private List<HostedControlPlane> find(String name) {
    return client
        .resources(HostedControlPlane.class)
        .inNamespace(NAMESPACE)
        .list()
        .getItems()
        .stream()
        .filter(object -> object.getMetadata().getName().equals(name))
        .toList();
  }

  private Command apply(String manifest) {
    return bed.kubectl("apply", "--filename=-").input(manifest);
  }

  private Command patch(String name, String patch) {
    return bed.kubectl("patch", "hcp", name, "--namespace", NAMESPACE)
        .with("--type=merge", "--patch", patch);
  }

  /**
   * A control plane whose gateway is set and whose spec is otherwise {@code spec}, in flow style.
   */
  private static String controlPlane(String name, String spec) {
    var fields = spec.startsWith("{") ? spec.substring(1, spec.length() - 1) : spec;
    return """
    apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
    kind: HostedControlPlane
    metadata: {name: %s, namespace: %s}
    spec: {gateway: {name: capi, namespace: gateways}, %s}
    """
        .formatted(name, NAMESPACE, fields);
  }

  /** The same with the label of a Cluster. */
  private static String belonging(String controlPlane, String cluster) {
    return controlPlane.replace(
        "namespace: %s}".formatted(NAMESPACE),
        "namespace: %s, labels: {cluster.x-k8s.io/cluster-name: %s}}"
            .formatted(NAMESPACE, cluster));
  }

  private static String template(String flagValue) {
    return """
    apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
    kind: HostedControlPlaneTemplate
    metadata: {name: template, namespace: %s}
    spec:
      template:
        spec:
          gateway: {name: capi, namespace: gateways}
          deployment: {scheduler: {args: {v: "%s"}}}
    """
        .formatted(NAMESPACE, flagValue);
  }
}
