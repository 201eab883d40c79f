package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.conditions.ConditionType;
import dev.hcp.e2e.cluster.PodMemory;
import dev.hcp.e2e.cluster.Provider;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.hosted.LiveObject;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Several control planes are changed, damaged and restarted at random for half an hour, or as many
 * minutes as {@code endurance.minutes} says: each comes to what its spec says every time, nothing
 * that was written is lost, and the controller does not grow. By {@code make test-endurance} only.
 */
@Order(97)
@EnabledIfEnvironmentVariable(
    named = EnduranceIT.WANTED,
    matches = "1",
    disabledReason = "make test-endurance runs it")
@ExtendWith(BedExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EnduranceIT {
  /** Set where a run may take as long as this one does. */
  static final String WANTED = "TEST_ENDURANCE";

  private static final Duration LENGTH = Duration.ofMinutes(Long.getLong("endurance.minutes", 30));
  private static final long SEED = Long.getLong("endurance.seed", System.nanoTime());
  private static final List<String> NAMES = List.of("first", "second", "third");
  private static final int RANGE = 140;
  private static final int MOST_AT_ONCE = 4;
  private static final Duration RECOVERY = Duration.ofMinutes(10);
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  /** What may be deleted without anything that is in use being founded anew. */
  private static final Set<String> DELETED =
      Set.of("ConfigMap", "Deployment", "PodDisruptionBudget", "Role", "RoleBinding");

  /** In the first part of the time the leading controller is killed too. */
  private static final int PARTS = 3;

  /** By which the memory of a process may be more in the end than after its first changes. */
  private static final double GROWTH = 1.3;

  private final Bed bed;
  private final KubernetesClient management;
  private final Controllers controllers;
  private final Random random = new Random(SEED);
  private final Map<Operation, Integer> done = new EnumMap<>(Operation.class);

  /** Names of ConfigMaps that a cluster has acknowledged, by the name of the cluster. */
  private final Map<String, Set<String>> written = new HashMap<>();

  private final Map<String, String> etcds = new HashMap<>();

  /** Memory of a controller, in bytes, in the order of time. */
  private final Map<String, List<Long>> memory = new TreeMap<>();

  private enum Operation {
    SCALE,
    CHANGE_FLAG,
    KILL_POD,
    DELETE_OBJECT,
    RENEW_CERTIFICATES,
    ROTATE_ENCRYPTION_KEY,
    ROTATE_SERVICE_ACCOUNT_KEY,
    PAUSE_FOR_A_WHILE,
    MAKE_ANEW,
    KILL_WEBHOOK,
    KILL_LEADER
  }

  EnduranceIT(Bed bed, KubernetesClient management) {
    this.bed = bed;
    this.management = management;
    this.controllers = new Controllers(bed, management);
  }

  @BeforeAll
  void controlPlanesAreThere() {
    NAMES.forEach(this::make);
    NAMES.forEach(this::awaitSettled);
  }

  @AfterAll
  void nothingIsLeft() {
    NAMES.forEach(name -> cluster(name).delete());
    NAMES.forEach(this::awaitGone);
    NAMES.forEach(name -> management.namespaces().withName(name).delete());
  }

  @Test
  void eachComesToWhatItsSpecSaysEveryTime() {
    System.err.printf("seed %d, %s%n", SEED, LENGTH);
    var start = Instant.now();
    var end = start.plus(LENGTH);
    var withoutKills = start.plus(LENGTH.dividedBy(PARTS));
    int rounds = 0;
    while (Instant.now().isBefore(end)) {
      boolean isLeaderLeftAlone = Instant.now().isAfter(withoutKills);
      int operations = 1 + random.nextInt(MOST_AT_ONCE);
      for (int i = 0; i < operations; i++) {
        var possible = List.of(Operation.values());
        var operation = possible.get(random.nextInt(possible.size() - (isLeaderLeftAlone ? 1 : 0)));
        var name = NAMES.get(random.nextInt(NAMES.size()));
        System.err.printf("%s %s %s%n", Instant.now(), operation, name);
        apply(operation, name);
        done.merge(operation, 1, Integer::sum);
      }
      NAMES.forEach(this::awaitSettled);
      if (isLeaderLeftAlone) {
        measure();
      }
      rounds++;
    }
    System.err.printf("%d rounds: %s; memory of controllers in bytes: %s%n", rounds, done, memory);
    assertThat(done.keySet()).as("long enough for each to have its turn").hasSizeGreaterThan(5);
    assertThat(memory).isNotEmpty();
    memory.forEach(EnduranceIT::assertFlat);
  }

  private void apply(Operation operation, String name) {
    var cluster = cluster(name);
    switch (operation) {
      case SCALE -> patch(name, "{\"replicas\":%d}".formatted(1 + random.nextInt(2)));
      case CHANGE_FLAG ->
          patch(
              name,
              "{\"deployment\":{\"apiServer\":{\"args\":{\"max-requests-inflight\":\"%d\"}}}}"
                  .formatted(400 + random.nextInt(100)));
      case KILL_POD -> choose(cluster.pods()).ifPresent(controllers::kill);
      case DELETE_OBJECT ->
          choose(
                  cluster.objects().stream()
                      .filter(object -> DELETED.contains(object.kind()))
                      .toList())
              .ifPresent(object -> delete(name, object));
      case RENEW_CERTIFICATES ->
          management
              .secrets()
              .inNamespace(name)
              .withLabel(Labels.CERTIFICATE_KIND, "client")
              .list()
              .getItems()
              .forEach(secret -> new Certificates(bed).renew(name, secret.getMetadata().getName()));
      case ROTATE_ENCRYPTION_KEY -> patch(name, rotation("encryptionKey"));
      case ROTATE_SERVICE_ACCOUNT_KEY -> patch(name, rotation("serviceAccountKey"));
      case PAUSE_FOR_A_WHILE -> pauseForAWhile(name);
      case MAKE_ANEW -> {
        cluster.delete();
        awaitGone(name);
        written.remove(name);
        etcds.remove(name);
        make(name);
      }
      case KILL_WEBHOOK ->
          choose(
                  management
                      .pods()
                      .inNamespace(Provider.NAMESPACE)
                      .withLabel("control-plane", "webhook")
                      .list()
                      .getItems())
              .ifPresent(controllers::kill);
      case KILL_LEADER ->
          await("the leader is killed").atMost(DEADLINE).untilAsserted(controllers::killLeader);
    }
  }

  /** What is changed meanwhile is done afterwards, and not before. */
  private void pauseForAWhile(String name) {
    var pause = new Pause(bed, cluster(name));
    pause.begin();
    patch(name, "{\"replicas\":%d}".formatted(1 + random.nextInt(2)));
    pause.awaitSaid();
    var log = new AuditLog(bed.auditLog());
    long start = log.end();
    await("nobody does it")
        .during(Duration.ofSeconds(10))
        .atMost(DEADLINE)
        .untilAsserted(() ->
            assertThat(log.since(start))
                .filteredOn(AuditLog.Request::isWrite)
                .filteredOn(request -> request.isIn(name))
                .isEmpty());
    pause.end();
  }

  private void patch(String name, String spec) {
    await("the webhook takes it")
        .atMost(DEADLINE)
        .until(() ->
            bed.kubectl("patch", "hcp", name, "--namespace", name, "--type=merge")
                .with("--patch", "{\"spec\":%s}".formatted(spec))
                .run()
                .succeeded());
  }

  private String rotation(String credential) {
    return "{\"rotation\":{\"%s\":\"%s\"}}"
        .formatted(credential, Long.toString(Math.abs(random.nextLong()), Character.MAX_RADIX));
  }

  private void delete(String namespace, LiveObject object) {
    bed.kubectl("delete", object.kind(), object.name(), "--namespace", namespace)
        .with(Manifests.AS_THE_CLUSTER_ITSELF)
        .with("--wait=false", "--ignore-not-found")
        .check();
  }

  private <T> Optional<T> choose(List<T> candidates) {
    return candidates.isEmpty()
        ? Optional.empty()
        : Optional.of(candidates.get(random.nextInt(candidates.size())));
  }

  private void make(String name) {
    Manifests.createRestrictedNamespace(bed, name);
    Manifests.apply(
        bed,
        Manifests.small(name, RANGE + 2 * NAMES.indexOf(name))
            .replace(
                "etcd: {replicas: 1}",
                """
                etcd: {replicas: 1}
                  encryptionAtRest: {}
                  rotation: {serviceAccountKeyRetention: 0s}\
                """));
  }

  private HostedCluster cluster(String name) {
    return new HostedCluster(bed, management, name, name);
  }

  /** It is as its spec says, is the cluster that it was, and has what was written to it. */
  private void awaitSettled(String name) {
    var cluster = cluster(name);
    HostedClustersExtension.awaitReady(cluster, RECOVERY);
    await(name + " has finished its rotations")
        .atMost(RECOVERY)
        .until(() ->
            cluster
                    .condition(ConditionType.ROTATING)
                    .filter(condition -> condition.status().equals("True"))
                    .isEmpty()
                && cluster.isReady());
    var status = cluster.controlPlane().orElseThrow().getStatus();
    var etcd = etcds.computeIfAbsent(name, _ -> status.etcd().clusterID());
    assertThat(status.etcd().clusterID()).as("the etcd of " + name).isEqualTo(etcd);
    var there = written.computeIfAbsent(name, _ -> new HashSet<>());
    await(name + " lets its administrator in")
        .atMost(DEADLINE)
        .ignoreExceptions()
        .untilAsserted(() -> {
          try (var client = bed.client(name, name)) {
            var maps = client.configMaps().inNamespace("default");
            var next = "written-%d".formatted(there.size());
            var _ =
                maps.resource(
                        new ConfigMapBuilder()
                            .withNewMetadata()
                            .withName(next)
                            .endMetadata()
                            .build())
                    .serverSideApply();
            there.add(next);
            assertThat(maps.list().getItems())
                .extracting(map -> map.getMetadata().getName())
                .containsAll(there);
          }
        });
  }

  private void awaitGone(String name) {
    await("nothing is left of " + name)
        .atMost(RECOVERY)
        .untilAsserted(() -> {
          assertThat(cluster(name).cluster()).isEmpty();
          assertThat(cluster(name).objects()).isEmpty();
        });
  }

  private void measure() {
    var sets = PodMemory.workingSets(management, Provider.NAMESPACE);
    for (var controller : controllers.all()) {
      var name = controller.getMetadata().getName();
      if (sets.containsKey(name)) {
        memory.computeIfAbsent(name, _ -> new ArrayList<>()).add(sets.get(name));
      }
    }
  }

  /** The most of the last third, against the most of the first. */
  private static void assertFlat(String controller, List<Long> bytes) {
    assertThat(bytes).as("measured often enough: " + controller).hasSizeGreaterThanOrEqualTo(PARTS);
    int third = bytes.size() / PARTS;
    long first = bytes.subList(0, third).stream().mapToLong(Long::longValue).max().orElseThrow();
    long last =
        bytes.subList(bytes.size() - third, bytes.size()).stream()
            .mapToLong(Long::longValue)
            .max()
            .orElseThrow();
    assertThat(last).as("%s: %s", controller, bytes).isLessThan((long) (first * GROWTH));
  }
}
