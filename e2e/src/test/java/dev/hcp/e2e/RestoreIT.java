package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/** Backups in a real S3 server take the place of a running cluster's data, and found another. */
@Order(76)
@ExtendWith({BedExtension.class, ClusterWithNodesExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class RestoreIT {
  private static final String SECRET = "backups";
  private static final String HOSTED_NAMESPACE = "default";
  private static final String COPY = "copy";
  private static final int RANGE = 178;
  private static final Duration DEADLINE = Duration.ofMinutes(3);
  private static final Duration RESTORE_DEADLINE = Duration.ofMinutes(8);

  private final Bed bed;
  private final KubernetesClient management;
  private final ClusterWithNodes cluster;
  private final HostedCluster controlPlane;
  private final S3Server store;
  private String token = "";

  RestoreIT(Bed bed, KubernetesClient management, ClusterWithNodes cluster) {
    this.bed = bed;
    this.management = management;
    this.cluster = cluster;
    this.controlPlane = cluster.controlPlane();
    this.store = S3Server.start(bed.network().host());
  }

  @BeforeAll
  void aBackupIsMade() {
    createSecret(controlPlane.namespace());
    cluster.patchControlPlane(
        "{\"etcd\":{\"backup\":{\"schedule\":\"@monthly\",\"secret\":{\"name\":\"%s\"}}}}"
            .formatted(SECRET));
    write("canary", "before");
    cluster
        .client()
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(HOSTED_NAMESPACE)
                .withName("encrypted")
                .endMetadata()
                .addToStringData("canary", "before")
                .build())
        .serverSideApply();
    token = Tokens.issue(cluster.client(), HOSTED_NAMESPACE, "default");
    bed.kubectl("annotate", "hcp", controlPlane.name(), "--overwrite")
        .with("--namespace", controlPlane.namespace())
        .with("%s=for the restoration".formatted(Labels.BACKUP_ANNOTATION))
        .check();
    await("a backup is made")
        .atMost(DEADLINE)
        .untilAsserted(() ->
            assertThat(
                    controlPlane.controlPlane().orElseThrow().getStatus().etcdLastBackupRequest())
                .as("%s", controlPlane.condition(ConditionType.BACKUP))
                .isEqualTo("for the restoration"));
  }

  @AfterAll
  void withoutBackups() {
    cluster.patchControlPlane("{\"etcd\":{\"backup\":null}}");
    management
        .resources(HostedControlPlaneRestore.class)
        .inNamespace(controlPlane.namespace())
        .delete();
    management.secrets().inNamespace(controlPlane.namespace()).withName(SECRET).delete();
    store.close();
    HostedClustersExtension.awaitReady(controlPlane, DEADLINE);
  }

  @Test
  @Order(1)
  void aBackupThatDoesNotExistChangesNothing() {
    restore(controlPlane.namespace(), "missing", "source: {backup: 20200101T000000Z-00000000}");
    awaitPhase(controlPlane, "missing", "Failed", DEADLINE);
    assertThat(reason("missing")).contains(Reason.BACKUP_NOT_FOUND.value());
    assertThat(controlPlane.isReady()).as("%s", controlPlane.summary()).isTrue();
    assertThat(controlPlane.answers()).isTrue();
    await("nothing is left of it")
        .atMost(DEADLINE)
        .until(() -> claims().equals(List.of("etcd-data-nodes-etcd-0")));
  }

  @Test
  @Order(2)
  void aBackupTakesThePlaceOfTheDataUnderRunningNodes() {
    var pods = podsOnNodes();
    assertThat(pods).isNotEmpty();
    try (var recorder = new ConditionRecorder(management, controlPlane);
        var watcher = bed.client(controlPlane.namespace(), controlPlane.name());
        var informer = watcher.configMaps().inNamespace(HOSTED_NAMESPACE).inform()) {
      write("canary", "after");
      write("later", "after");
      await("a watcher sees what is about to be lost")
          .atMost(DEADLINE)
          .until(() ->
              cached(informer.getStore().list(), "canary").equals(Optional.of("after"))
                  && cached(informer.getStore().list(), "later").isPresent());

      var begun = Instant.now();
      restore(controlPlane.namespace(), "in-place", "");
      awaitPhase(controlPlane, "in-place", "Succeeded", RESTORE_DEADLINE);
      System.err.printf(
          "restored in place within %d s%n", Duration.between(begun, Instant.now()).toSeconds());
      HostedClustersExtension.awaitReady(controlPlane, DEADLINE);

      assertThat(recorder.wasFalse(ConditionType.AVAILABLE, Reason.RESTORING)).isTrue();
      assertThat(read("canary")).contains("before");
      assertThat(read("later")).isEmpty();
      await("what watches begins anew, and keeps nothing that is no longer true")
          .atMost(DEADLINE)
          .until(() ->
              cached(informer.getStore().list(), "canary").equals(Optional.of("before"))
                  && cached(informer.getStore().list(), "later").isEmpty());
    }
    assertThat(Tokens.whoAmI(bed, controlPlane, token))
        .contains("system:serviceaccount:default:default");
    assertThat(claims()).containsExactly("etcd-data-nodes-etcd-5");
    await("the nodes go on").atMost(DEADLINE).until(cluster::areNodesReady);
    await("pods run on")
        .atMost(DEADLINE)
        .untilAsserted(() -> assertThat(podsOnNodes()).containsExactlyInAnyOrderElementsOf(pods));
    // Kubelets listen to the API server again: it has them run something new.
    cluster.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: after-restore, namespace: default}
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 0
          containers:
            - {name: echo, image: docker.io/library/toolbox:1, command: [sh, -c, echo it runs]}
        """);
    await("a new pod runs, and what it says comes back through konnectivity")
        .atMost(DEADLINE)
        .ignoreExceptions()
        .until(() ->
            cluster
                .kubectl("logs", "after-restore", "--namespace=default")
                .output()
                .contains("it runs"));
    cluster.kubectl("delete", "pod", "after-restore", "--namespace=default").check();
  }

  /** With the keys by which tokens are signed, and what is encrypted; CAs are made anew. */
  @Test
  @Order(3)
  void anotherClusterIsFoundedWithIt() {
    var copy = new HostedCluster(bed, management, COPY, controlPlane.name());
    Manifests.createRestrictedNamespace(bed, COPY);
    createSecret(COPY);
    var keys =
        management
            .secrets()
            .inNamespace(controlPlane.namespace())
            .withName(controlPlane.names().rootKeys())
            .get();
    management
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withNamespace(COPY)
                .withName(keys.getMetadata().getName())
                .withLabels(keys.getMetadata().getLabels())
                .endMetadata()
                .withData(
                    keys.getData().entrySet().stream()
                        .filter(entry ->
                            entry.getKey().startsWith("sa.")
                                || entry.getKey().startsWith("encryption-"))
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)))
                .build())
        .create();
    restore(
        COPY,
        COPY,
        "source: {cluster: {name: %s, namespace: %s}, secret: {name: %s}}"
            .formatted(controlPlane.name(), controlPlane.namespace(), SECRET));
    Manifests.apply(
        bed,
        Manifests.small(controlPlane.name(), RANGE)
            .replace("namespace: " + controlPlane.namespace(), "namespace: " + COPY)
            .replace("etcd: {replicas: 1}", "etcd: {replicas: 3}"));
    awaitPhase(copy, COPY, "Succeeded", RESTORE_DEADLINE);
    // The nodes are the other cluster's, so that it gets no further than to answer.
    await("it answers")
        .atMost(DEADLINE)
        .until(() ->
            copy.condition(ConditionType.AVAILABLE)
                    .filter(condition -> condition.status().equals("True"))
                    .isPresent()
                && copy.answers());
    try (var client = bed.client(COPY, controlPlane.name())) {
      var found = client.configMaps().inNamespace(HOSTED_NAMESPACE).withName("canary").get();
      assertThat(found.getData()).containsEntry("value", "before");
      assertThat(
              client.secrets().inNamespace(HOSTED_NAMESPACE).withName("encrypted").get().getData())
          .as("it can be decrypted")
          .containsKey("canary");
      assertThat(client.nodes().list().getItems()).hasSize(ClusterWithNodes.NODES.size());
    }
    assertThat(Tokens.whoAmI(bed, copy, token))
        .as("signed with the key that was brought back")
        .contains("system:serviceaccount:default:default");
    copy.delete();
    await("all of it is gone").atMost(DEADLINE).until(() -> copy.controlPlane().isEmpty());
    bed.kubectl("delete", "namespace", COPY, "--wait=false").check();
  }

  private void restore(String namespace, String name, String source) {
    bed.kubectl("apply", "--server-side", "--field-manager=tests", "--filename=-")
        .input(
            """
            apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
            kind: HostedControlPlaneRestore
            metadata: {name: %s, namespace: %s}
            spec:
              controlPlaneName: %s
              %s
            """
                .formatted(name, namespace, controlPlane.name(), source))
        .check();
  }

  private void awaitPhase(HostedCluster of, String name, String phase, Duration deadline) {
    await("%s is %s".formatted(name, phase))
        .atMost(deadline)
        .untilAsserted(() ->
            assertThat(
                    bed.kubectl("get", "hcpr", name, "--namespace", of.namespace())
                        .with("--output=jsonpath={.status.phase}")
                        .output())
                .as(
                    "%s; %s",
                    bed.kubectl("get", "hcpr", name, "--namespace", of.namespace())
                        .with("--output=jsonpath={.status.conditions}")
                        .output(),
                    of.summary())
                .isEqualTo(phase));
  }

  private Optional<String> reason(String name) {
    return Optional.ofNullable(
            management
                .resources(HostedControlPlaneRestore.class)
                .inNamespace(controlPlane.namespace())
                .withName(name)
                .get())
        .map(restore -> restore.getStatus().conditions().getFirst().reason());
  }

  private void createSecret(String namespace) {
    management.resource(store.secret(namespace, SECRET)).serverSideApply();
  }

  private void write(String name, String value) {
    cluster
        .client()
        .resource(
            new ConfigMapBuilder()
                .withNewMetadata()
                .withNamespace(HOSTED_NAMESPACE)
                .withName(name)
                .endMetadata()
                .addToData("value", value)
                .build())
        .forceConflicts()
        .serverSideApply();
  }

  private Optional<String> read(String name) {
    return Optional.ofNullable(
            cluster.client().configMaps().inNamespace(HOSTED_NAMESPACE).withName(name).get())
        .map(found -> found.getData().get("value"));
  }

  private static Optional<String> cached(List<ConfigMap> cache, String name) {
    return cache.stream()
        .filter(object -> object.getMetadata().getName().equals(name))
        .map(object -> object.getData().get("value"))
        .findFirst();
  }

  private List<String> claims() {
    return management
        .resources(PersistentVolumeClaim.class)
        .inNamespace(controlPlane.namespace())
        .list()
        .getItems()
        .stream()
        .map(claim -> claim.getMetadata().getName())
        .sorted()
        .toList();
  }

  /** Identities of the pods that run on the nodes. */
  private List<String> podsOnNodes() {
    return cluster
        .client()
        .resources(Pod.class)
        .inNamespace("kube-system")
        .list()
        .getItems()
        .stream()
        .filter(ClusterWithNodes::isReady)
        .map(pod -> pod.getMetadata().getUid())
        .toList();
  }
}
