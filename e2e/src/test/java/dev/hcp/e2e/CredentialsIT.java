package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.RotationStatus;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Certificates of a cluster with two API servers and two nodes are renewed again and again, and
 * then its keys and CAs are rotated, while it is used in every way. By {@code make
 * test-credentials} only: it takes an hour.
 */
@Order(95)
@EnabledIfEnvironmentVariable(
    named = "TEST_CREDENTIALS",
    matches = "1",
    disabledReason = "make test-credentials runs it")
@ExtendWith({BedExtension.class, ClusterWithNodesExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class CredentialsIT {
  private static final int LEAF_RENEWALS = 5;
  private static final int CA_RENEWALS = 2;
  private static final Duration RENEWAL = Duration.ofMinutes(4);
  private static final Duration PHASE = Duration.ofMinutes(12);
  private static final Duration DEADLINE = Duration.ofMinutes(3);
  private static final Duration HELD_BACK = Duration.ofSeconds(30);
  private static final List<String> PHASES = List.of("Prepare", "Switch", "Retire", "Completed");
  private static final List<String> UP_TO_RETENTION = PHASES.subList(0, 3);
  private static final String KUBERNETES_CA = "KubernetesCA";
  private static final String ASKING = "asking";

  /** Words by which rotations are asked for. */
  private static final String CALLED_OFF = "called-off";

  private static final String FOR_GOOD = "for-good";

  private final Bed bed;
  private final KubernetesClient management;
  private final ClusterWithNodes cluster;
  private final HostedCluster controlPlane;
  private final Controllers controllers;

  CredentialsIT(Bed bed, KubernetesClient management, ClusterWithNodes cluster) {
    this.bed = bed;
    this.management = management;
    this.cluster = cluster;
    this.controlPlane = cluster.controlPlane();
    this.controllers = new Controllers(bed, management);
  }

  @BeforeAll
  void aPodAsksAndEachComponentCanBeReplaced() {
    cluster.patchControlPlane("{\"encryptionAtRest\": {}, \"etcd\": {\"replicas\": 3}}");
    HostedClustersExtension.awaitReady(controlPlane, PHASE);
    aPodAsks();
  }

  private void aPodAsks() {
    cluster.apply(Manifests.ASKING_POD);
    await("the pod gets answers").atMost(DEADLINE).until(() -> questions().contains("answered"));
  }

  @AfterAll
  void thePodIsGone() {
    // It went with its node where nodes have joined anew.
    var _ = cluster.kubectl("delete", "pod", ASKING, "--ignore-not-found", "--wait=false").run();
  }

  @Test
  @Order(1)
  void nobodyNoticesRenewals() throws Exception {
    var pods = restarts();
    var failed = failedQuestions();
    var endpoint = controlPlane.endpoint().orElseThrow();
    try (var requests = new SteadyRequests(endpoint);
        var writes =
            new AcknowledgedWrites(bed.kubeconfig(ClusterWithNodes.NAME, ClusterWithNodes.NAME));
        var session = Session.open(cluster, bed.folder().log("session"));
        var watch = new LongWatch(cluster.client())) {
      for (int renewal = 0; renewal < Math.max(LEAF_RENEWALS, CA_RENEWALS); renewal++) {
        if (renewal < CA_RENEWALS) {
          renew(authorities());
        }
        var served = endpoint.servedSerials();
        renew(leaves());
        await("every API server serves its new certificate")
            .atMost(RENEWAL)
            .untilAsserted(() ->
                assertThat(endpoint.servedSerials())
                    .hasSize(1)
                    .doesNotContainAnyElementsOf(served));
      }
      await("the session goes on, after all").atMost(DEADLINE).until(session::goesOn);
      assertThat(session.isAlive()).isTrue();
      assertThat(watch.interruptions()).isEmpty();
      await("the watch still tells what is written").atMost(DEADLINE).until(watch::goesOn);
      assertThat(requests.failures()).isEmpty();
      writes.stop();
      assertThat(writes.refused()).as(writes.toString()).isEmpty();
      assertThat(writes.acknowledged()).isPositive();
    }
    assertThat(failedQuestions()).as("of the pod").isEqualTo(failed);
    assertThat(restarts()).isEqualTo(pods);
  }

  @ParameterizedTest
  @Order(2)
  @ValueSource(strings = {"encryptionKey", "serviceAccountKey", "etcdCA", "frontProxyCA"})
  void rotationsAreNoticedByNobodyAndSurviveTheController(String field) {
    var credential = Character.toUpperCase(field.charAt(0)) + field.substring(1);
    var token = Tokens.issue(cluster.client(), "default", "default");
    var failed = failedQuestions();
    try (var requests = new SteadyRequests(controlPlane.endpoint().orElseThrow());
        var writes =
            new AcknowledgedWrites(bed.kubeconfig(ClusterWithNodes.NAME, ClusterWithNodes.NAME))) {
      callOff(field, credential);
      request(field, Optional.of(FOR_GOOD));
      for (var phase : field.equals("serviceAccountKey") ? UP_TO_RETENTION : PHASES) {
        awaitPhase(credential, phase, () -> {});
      }
      HostedClustersExtension.awaitReady(controlPlane, PHASE);
      System.err.printf(
          "%s: %d requests, %d failed; %s%n",
          credential, requests.requests(), requests.failures().size(), writes);
      assertThat(requests.failures()).isEmpty();
      writes.stop();
      assertThat(writes.refused()).as(writes.toString()).isEmpty();
    }
    assertThat(Tokens.whoAmI(bed, controlPlane, token)).as("a token of before").isPresent();
    assertThat(cluster.areNodesReady()).isTrue();
    assertThat(failedQuestions()).as("of the pod").isEqualTo(failed);
    if (field.equals("serviceAccountKey")) {
      tokensOfBeforeEndWithTheRetention(token);
    }
  }

  /** Who reads the kubeconfig anew notices nothing; nodes have to join anew. */
  @Test
  @Order(3)
  void theKubernetesAuthorityIsReplacedOnceNodesHaveJoinedAnew() {
    var token = Tokens.issue(cluster.client(), "default", "default");
    try (var writes =
        new AcknowledgedWrites(
            () -> bed.kubeconfig(ClusterWithNodes.NAME, ClusterWithNodes.NAME))) {
      callOff("kubernetesCA", KUBERNETES_CA);
      request("kubernetesCA", Optional.of(FOR_GOOD));
      awaitPhase(KUBERNETES_CA, "Prepare", () -> {});
      awaitPhase(KUBERNETES_CA, "Switch", () -> {});
      nodesThatWereNotToldHoldItBack();
      awaitPhase(KUBERNETES_CA, "Retire", this::letNodesJoinAnew);
      awaitPhase(KUBERNETES_CA, "Completed", () -> {});
      HostedClustersExtension.awaitReady(controlPlane, PHASE);
      writes.stop();
      assertThat(writes.refused()).as(writes.toString()).isEmpty();
      writes.assertNothingIsLost();
    }
    assertThat(Tokens.whoAmI(bed, controlPlane, token)).as("a token of before").isPresent();
    // The certificate of the administrator of before is worth nothing any more.
    try (var administrator = bed.client(ClusterWithNodes.NAME, ClusterWithNodes.NAME)) {
      await("the nodes are ready")
          .atMost(DEADLINE)
          .until(() -> {
            var nodes = administrator.nodes().list().getItems();
            return nodes.size() == ClusterWithNodes.NODES.size()
                && nodes.stream().allMatch(ClusterWithNodes::isReady);
          });
    }
  }

  /** The leading controller is killed in each phase but the last. */
  private void awaitPhase(String credential, String phase, Runnable meanwhile) {
    await("%s reaches %s".formatted(credential, phase))
        .atMost(PHASE)
        .pollInterval(Duration.ofMillis(200))
        .until(() -> {
          meanwhile.run();
          return isAtLeast(credential, phase);
        });
    if (phase.equals("Completed")) {
      assertThat(progress(credential).orElseThrow().request()).isEqualTo(FOR_GOOD);
    } else {
      await("the leader is killed").atMost(DEADLINE).untilAsserted(controllers::killLeader);
    }
  }

  /** Nobody notices if pods were restarted first, as an administrator is told to. */
  private void tokensOfBeforeEndWithTheRetention(String token) {
    cluster.kubectl("delete", "pods", "--all", "--namespace=kube-system").check();
    cluster.kubectl("delete", "pod", ASKING, "--namespace=default").check();
    aPodAsks();
    await("the add-ons have new tokens").atMost(DEADLINE).until(cluster::areAddOnsUp);
    var failed = failedQuestions();
    cluster.patchControlPlane("{\"rotation\": {\"serviceAccountKeyRetention\": \"0s\"}}");
    await("nobody waits for tokens to expire")
        .atMost(PHASE)
        .until(() -> isAtLeast("ServiceAccountKey", "Completed"));
    await("a token of before is refused")
        .atMost(DEADLINE)
        .until(() -> Tokens.whoAmI(bed, controlPlane, token).isEmpty());
    HostedClustersExtension.awaitReady(controlPlane, PHASE);
    assertThat(failedQuestions()).as("of the pod").isEqualTo(failed);
  }

  /** As long as nothing of the new one is used. */
  private void callOff(String field, String credential) {
    var before = progress(credential).map(RotationStatus::request);
    request(field, Optional.of(CALLED_OFF));
    await(credential + " is prepared")
        .atMost(PHASE)
        .until(() ->
            progress(credential)
                .filter(progress -> progress.phase().equals("Prepare"))
                .isPresent());
    request(field, before);
    await("nothing is waited for")
        .atMost(PHASE)
        .until(() -> progress(credential).filter(p -> !p.phase().equals("Completed")).isEmpty());
    assertThat(progress(credential).map(RotationStatus::request)).isEqualTo(before);
  }

  /** They trust the former CA only, whoever else knows the new one, and are named. */
  private void nodesThatWereNotToldHoldItBack() {
    await("the nodes are waited for").atMost(PHASE).until(() -> waitingFor(ClusterWithNodes.NODES));
    await("nothing goes on without them")
        .during(HELD_BACK)
        .atMost(HELD_BACK.plus(DEADLINE))
        .until(() -> waitingFor(ClusterWithNodes.NODES) && !isAtLeast(KUBERNETES_CA, "Retire"));
  }

  private boolean waitingFor(List<String> nodes) {
    return progress(KUBERNETES_CA)
        .flatMap(progress -> Optional.ofNullable(progress.waitingFor()))
        .filter(reason -> nodes.stream().allMatch(reason::contains))
        .isPresent();
  }

  /** What an administrator does with nodes that Cluster API does not know. */
  private void letNodesJoinAnew() {
    for (var node : ClusterWithNodes.NODES) {
      if (waitingFor(List.of(node))) {
        bed.workers().remove(node);
        var _ = bed.workers().join(ClusterWithNodes.NAME, ClusterWithNodes.NAME, List.of(node));
      }
    }
  }

  private void request(String field, Optional<String> word) {
    cluster.patchControlPlane(
        "{\"rotation\": {\"%s\": %s}}"
            .formatted(field, word.map("\"%s\""::formatted).orElse("null")));
  }

  private boolean isAtLeast(String credential, String phase) {
    return progress(credential)
        .map(RotationStatus::phase)
        .filter(now -> PHASES.indexOf(now) >= PHASES.indexOf(phase))
        .isPresent();
  }

  private Optional<RotationStatus> progress(String credential) {
    return controlPlane
        .controlPlane()
        .map(HostedControlPlane::getStatus)
        .flatMap(status -> Optional.ofNullable(status.rotations()))
        .orElse(List.of())
        .stream()
        .filter(rotation -> rotation.credential().equals(credential))
        .findFirst();
  }

  private void renew(Map<String, String> before) {
    assertThat(before).isNotEmpty();
    var certificates = new Certificates(bed);
    before.keySet().forEach(name -> certificates.renew(ClusterWithNodes.NAME, name));
    await("cert-manager has issued anew " + before.keySet())
        .atMost(RENEWAL)
        .untilAsserted(() ->
            assertThat(issued(before.keySet()))
                .hasSameSizeAs(before)
                .allSatisfy(
                    (name, now) -> assertThat(now).as(name).isNotEqualTo(before.get(name))));
    await("the control plane is ready").atMost(RENEWAL).until(controlPlane::isReady);
  }

  private Map<String, String> leaves() {
    return issued(
        management
            .secrets()
            .inNamespace(ClusterWithNodes.NAME)
            .withLabel(Labels.CERTIFICATE_KIND, "client")
            .list()
            .getItems()
            .stream()
            .map(secret -> secret.getMetadata().getName())
            .collect(Collectors.toSet()));
  }

  private Map<String, String> authorities() {
    var names = controlPlane.names();
    return issued(Set.of(names.kubernetesCa(), names.etcdCa(), names.frontProxyCa()));
  }

  private Map<String, String> issued(Set<String> names) {
    var certificates = new TreeMap<String, String>();
    for (var name : names) {
      Optional.ofNullable(
              management.secrets().inNamespace(ClusterWithNodes.NAME).withName(name).get())
          .flatMap(secret -> Optional.ofNullable(secret.getData().get("tls.crt")))
          .ifPresent(certificate -> certificates.put(name, certificate));
    }
    return certificates;
  }

  private Map<String, Integer> restarts() {
    return controlPlane.pods().stream()
        .collect(
            Collectors.toMap(
                pod -> pod.getMetadata().getUid(),
                pod ->
                    pod.getStatus().getContainerStatuses().stream()
                        .mapToInt(container -> container.getRestartCount())
                        .sum()));
  }

  private Set<String> failedQuestions() {
    return questions()
        .lines()
        .filter(line -> line.startsWith("failed"))
        .collect(Collectors.toSet());
  }

  private String questions() {
    return cluster.kubectl("logs", ASKING, "--namespace=default").run().output();
  }

  /** {@code kubectl exec} in the pod, which says something every second. */
  private record Session(Process process, Path log) implements AutoCloseable {
    static Session open(ClusterWithNodes cluster, Path log) throws IOException {
      Files.deleteIfExists(log);
      var process =
          cluster
              .kubectl("exec", ASKING, "--namespace=default", "--")
              .with("sh", "-c", "while sleep 1; do echo tick; done")
              .log(log)
              .startDetached();
      var session = new Session(process, log);
      await("the session speaks").atMost(DEADLINE).until(session::goesOn);
      return session;
    }

    /** Whether it says something more within some seconds. */
    boolean goesOn() throws IOException {
      long before = Files.exists(log) ? Files.size(log) : 0;
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> Files.exists(log) && Files.size(log) > before);
      return true;
    }

    boolean isAlive() {
      return process.isAlive();
    }

    @Override
    public void close() {
      process.destroy();
    }
  }

  /** A watch that is never begun anew. */
  private static final class LongWatch implements AutoCloseable {
    private final KubernetesClient client;
    private final Watch watch;
    private final Set<String> told = new HashSet<>();
    private final List<String> interruptions = new CopyOnWriteArrayList<>();

    LongWatch(KubernetesClient client) {
      this.client = client;
      this.watch =
          client
              .configMaps()
              .inNamespace("default")
              .watch(
                  new Watcher<>() {
                    @Override
                    public void eventReceived(Action action, ConfigMap object) {
                      synchronized (told) {
                        told.add(object.getMetadata().getName());
                      }
                    }

                    @Override
                    public boolean reconnecting() {
                      return false;
                    }

                    @Override
                    public void onClose(WatcherException cause) {
                      interruptions.add(Objects.toString(cause));
                    }
                  });
    }

    List<String> interruptions() {
      return List.copyOf(interruptions);
    }

    /** Whether it tells of something that is written now. */
    boolean goesOn() {
      var name = "told-" + Long.toString(System.nanoTime(), Character.MAX_RADIX);
      var _ =
          client
              .configMaps()
              .inNamespace("default")
              .resource(
                  new ConfigMapBuilder().withNewMetadata().withName(name).endMetadata().build())
              .create();
      await()
          .atMost(DEADLINE)
          .until(() -> {
            synchronized (told) {
              return told.contains(name);
            }
          });
      return true;
    }

    @Override
    public void close() {
      watch.close();
    }
  }
}
