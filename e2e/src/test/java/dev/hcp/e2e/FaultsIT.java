package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hcp.conditions.ConditionType;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.hosted.Kubeconfig;
import dev.hcp.e2e.hosted.LiveObject;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Whatever is killed or deleted comes back as it was, the status tells the truth meanwhile, and
 * after each test the cluster still knows the administrator, its data and its tokens of before.
 */
@Order(60)
@ExtendWith({BedExtension.class, HostedClustersExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class FaultsIT {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final Duration RECOVERY_DEADLINE = Duration.ofMinutes(7);
  private static final String INTERRUPTED = "interrupted";
  private static final int INTERRUPTED_RANGE = 132;

  /** Kinds that others make from what the controller makes. */
  private static final Set<String> NOT_GENERATED =
      Set.of(
          "CertificateRequest",
          "ControllerRevision",
          "EndpointSlice",
          "Endpoints",
          "HostedControlPlane",
          "Cluster",
          "PersistentVolumeClaim",
          "Pod",
          "ReplicaSet");

  private static final Map<String, ConditionType> CONDITIONS =
      Map.of(
          "api-server", ConditionType.API_SERVER,
          "controller-manager", ConditionType.CONTROLLER_MANAGER,
          "scheduler", ConditionType.SCHEDULER,
          "etcd", ConditionType.ETCD);

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster demo;
  private final Controllers controllers;

  private String savedKubeconfig = "";
  private String savedToken = "";

  FaultsIT(Bed bed, KubernetesClient management, HostedCluster demo) {
    this.bed = bed;
    this.management = management;
    this.demo = demo;
    this.controllers = new Controllers(bed, management);
  }

  @BeforeAll
  void rememberWhatHasToSurvive() {
    savedKubeconfig = bed.kubeconfig(demo.namespace(), demo.name());
    try (var client = administrator()) {
      client
          .configMaps()
          .inNamespace("default")
          .resource(
              new ConfigMapBuilder()
                  .withNewMetadata()
                  .withName("survivor")
                  .endMetadata()
                  .addToData("written", "before all faults")
                  .build())
          .serverSideApply();
      savedToken = Tokens.issue(client, "default", "default");
    }
  }

  @AfterEach
  void theClusterIsWhatItWas() {
    HostedClustersExtension.awaitReady(demo, RECOVERY_DEADLINE);
    await("the administrator of before is let in, and the data are there")
        .atMost(DEADLINE)
        .ignoreExceptions()
        .untilAsserted(() -> {
          try (var client = administrator()) {
            assertThat(client.configMaps().inNamespace("default").withName("survivor").get())
                .extracting(map -> map.getData().get("written"))
                .isEqualTo("before all faults");
          }
          assertThat(Tokens.whoAmI(bed, demo, savedToken))
              .contains("system:serviceaccount:default:default");
        });
  }

  @Test
  @Order(1)
  void aControlPlaneIsFinishedByAnotherControllerWhenTheLeaderIsKilled() {
    Manifests.createRestrictedNamespace(bed, INTERRUPTED);
    var cluster = new HostedCluster(bed, management, INTERRUPTED, INTERRUPTED);
    var leader = controllers.leader();
    Manifests.apply(bed, Manifests.small(INTERRUPTED, INTERRUPTED_RANGE));
    await("the leader has begun")
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> cluster.secret(cluster.names().kubernetesCa(), "tls.crt").isPresent());
    assertThat(cluster.isReady()).as("it is killed in the middle of the work").isFalse();
    controllers.kill(leader);
    HostedClustersExtension.awaitReady(cluster, RECOVERY_DEADLINE);

    var next = controllers.leader();
    assertThat(uid(next)).isNotEqualTo(uid(leader));
    cluster.delete();
    await("the deletion has begun")
        .atMost(DEADLINE)
        .until(() -> cluster.condition(ConditionType.DELETING).isPresent());
    controllers.kill(next);
    await("nothing is left")
        .atMost(RECOVERY_DEADLINE)
        .untilAsserted(() -> {
          assertThat(cluster.cluster()).isEmpty();
          assertThat(cluster.objects()).isEmpty();
        });
    management.namespaces().withName(INTERRUPTED).delete();
  }

  @Test
  @Order(2)
  void aKilledPodIsReplacedAndItsConditionSaysSo() {
    var pods = demo.pods();
    inParallel(
        () -> killOneByOne(pods, "api-server"),
        () -> killOneByOne(pods, "etcd"),
        () -> {
          killOneByOne(pods, "controller-manager");
          killOneByOne(pods, "scheduler");
        });
  }

  @Test
  @Order(3)
  void everyObjectComesBackAsItWas() {
    var objects = generated();
    assertThat(objects)
        .extracting(LiveObject::kind)
        .contains(
            "Secret",
            "ConfigMap",
            "Certificate",
            "Issuer",
            "PodDisruptionBudget",
            "TLSRoute",
            "Service",
            "Deployment",
            "StatefulSet");
    Predicate<LiveObject> later =
        object -> Set.of("Deployment", "StatefulSet", "Service").contains(object.kind());
    inParallel(
        () -> objects.stream().filter(this::isRoot).forEach(this::deleteAndAwait),
        () ->
            objects.stream()
                .filter(object -> object.kind().equals("Secret"))
                .filter(object -> !isRoot(object))
                .forEach(this::deleteAndAwait),
        () ->
            objects.stream()
                .filter(object -> !object.kind().equals("Secret"))
                .filter(later.negate())
                .forEach(this::deleteAndAwait));
  }

  @Test
  @Order(4)
  void everyWorkloadComesBackAsItWasAndItsConditionSaysSo() {
    for (var workload : generated()) {
      if (workload.kind().equals("Deployment") || workload.kind().equals("StatefulSet")) {
        var condition = CONDITIONS.get(workload.label(Labels.COMPONENT));
        try (var recorder = new ConditionRecorder(management, demo)) {
          deleteAndAwait(workload);
          awaitDownAndUp(recorder, condition);
          awaitDownAndUp(recorder, ConditionType.READY);
        }
      }
    }
  }

  @Test
  @Order(5)
  void everyServiceComesBackAsItWasPerhapsWithAnotherAddress() {
    for (var service : generated()) {
      if (service.kind().equals("Service")) {
        deleteAndAwait(service);
      }
    }
  }

  @Test
  @Order(6)
  void theOtherControllerTakesOverWhenTheLeaderIsKilledAtRest() {
    var leader = controllers.leader();
    controllers.kill(leader);
    var object =
        generated().stream()
            .filter(candidate -> candidate.kind().equals("ConfigMap"))
            .findFirst()
            .orElseThrow();
    deleteAndAwait(object);
    assertThat(uid(controllers.leader())).isNotEqualTo(uid(leader));
  }

  /** Everything that is there because the controller has made it, or cert-manager for it. */
  private List<LiveObject> generated() {
    return demo.objects().stream()
        .filter(object -> !NOT_GENERATED.contains(object.kind()))
        .toList();
  }

  private void deleteAndAwait(LiveObject before) {
    delete(before.kind(), before.name(), demo.namespace());
    await(before + " comes back as it was")
        .atMost(RECOVERY_DEADLINE)
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptions()
        .untilAsserted(() -> {
          var now = get(before);
          assertThat(now.uid()).isNotEqualTo(before.uid());
          assertThat(now.isBeingDeleted()).isFalse();
          assertThat(comparable(now)).isEqualTo(comparable(before));
        });
  }

  private LiveObject get(LiveObject object) {
    return demo.object(resource(object.kind()), object.name()).orElseThrow();
  }

  /**
   * Its content. Of Secrets, only the keys that all trust rests on have to stay the same: what is
   * signed with them may be signed anew, and {@link #theClusterIsWhatItWas} shows that everybody
   * still trusts it. What cert-manager notes in annotations says only by whom it was signed last.
   */
  private String comparable(LiveObject object) {
    var content = object.content();
    if (object.kind().equals("Secret") && content.path("data") instanceof ObjectNode data) {
      var keys = new ArrayList<String>();
      data.fieldNames().forEachRemaining(keys::add);
      keys.stream().filter(key -> !isToStay(object, key)).forEach(key -> data.put(key, "anything"));
      if (content.path("metadata") instanceof ObjectNode metadata) {
        metadata.remove("annotations");
      }
    }
    return content.toPrettyString();
  }

  private boolean isToStay(LiveObject secret, String key) {
    return key.endsWith(".key") && isRoot(secret)
        || secret.name().equals(demo.names().serviceAccountKeys());
  }

  private boolean isRoot(LiveObject object) {
    return object.kind().equals("Secret")
        && Set.of(
                demo.names().kubernetesCa(),
                demo.names().etcdCa(),
                demo.names().frontProxyCa(),
                demo.names().serviceAccountKeys(),
                demo.names().rootKeys())
            .contains(object.name());
  }

  private void killOneByOne(List<Pod> pods, String component) {
    for (var pod : of(pods, component)) {
      try (var recorder = new ConditionRecorder(management, demo)) {
        controllers.kill(pod);
        await("%s is replaced".formatted(pod.getMetadata().getName()))
            .atMost(RECOVERY_DEADLINE)
            .until(() -> {
              var now = of(demo.pods(), component);
              return now.size() == of(pods, component).size()
                  && now.stream().noneMatch(other -> uid(other).equals(uid(pod)));
            });
        awaitDownAndUp(recorder, CONDITIONS.get(component));
        awaitDownAndUp(recorder, ConditionType.READY);
      }
    }
  }

  private static List<Pod> of(List<Pod> pods, String component) {
    return pods.stream()
        .filter(pod -> component.equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
        .toList();
  }

  private static void awaitDownAndUp(ConditionRecorder recorder, ConditionType type) {
    await(type.value() + " says what happened")
        .atMost(RECOVERY_DEADLINE)
        .untilAsserted(() ->
            assertThat(recorder.wentDownAndUp(type))
                .as("%s: %s", type.value(), recorder.history(type))
                .isTrue());
  }

  private void delete(String kind, String name, String namespace) {
    bed.kubectl("delete", resource(kind), name, "--namespace", namespace, "--wait=false")
        .with(Manifests.AS_THE_CLUSTER_ITSELF)
        .check();
  }

  /** Some kinds stand in several groups. */
  private static String resource(String kind) {
    return switch (kind) {
      case "Certificate" -> "certificates.cert-manager.io";
      case "Issuer" -> "issuers.cert-manager.io";
      case "TLSRoute" -> "tlsroutes.gateway.networking.k8s.io";
      default -> kind.toLowerCase(Locale.ROOT);
    };
  }

  private KubernetesClient administrator() {
    return new KubernetesClientBuilder().withConfig(Kubeconfig.parse(savedKubeconfig)).build();
  }

  private static String uid(Pod pod) {
    return pod.getMetadata().getUid();
  }

  private static void inParallel(Runnable... lanes) {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var running = new ArrayList<Future<?>>();
      for (var lane : lanes) {
        running.add(threads.submit(lane));
      }
      for (var lane : running) {
        lane.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
