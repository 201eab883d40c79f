package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.RotationStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Conditions;
import dev.hcp.controller.memory.Answers;
import dev.hcp.controller.memory.BackupsInMemory;
import dev.hcp.controller.memory.Crash;
import dev.hcp.controller.memory.Disturbance.Moment;
import dev.hcp.controller.memory.DrillsInMemory;
import dev.hcp.controller.memory.EtcdInMemory;
import dev.hcp.controller.memory.HostNamesInMemory;
import dev.hcp.controller.memory.HostedClustersInMemory;
import dev.hcp.controller.memory.MachinesInMemory;
import dev.hcp.controller.memory.ManagementCluster;
import dev.hcp.controller.memory.NamedObjectsInMemory;
import dev.hcp.controller.memory.Others;
import dev.hcp.controller.memory.RewritesInMemory;
import dev.hcp.controller.memory.SignedCertificates;
import dev.hcp.controller.plan.ManagementTokens;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.naming.Labels;
import dev.hcp.process.ControllerSettings;
import dev.hcp.process.Environment;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.SecretProjection;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A reconciler in a management cluster in memory, with the sample in it. */
final class World {
  static final String NAMESPACE = "clusters";
  static final String NAME = "demo";

  /** What service-account keys begin with; the rest says how many had been made before. */
  private static final String NEW_KEY = "bmV3";

  /** What a file in a Secret begins with: {@code apiVersion}. */
  private static final String FILE = "YXBpVmVyc2lvb";

  private static final Set<String> COUNTED =
      Set.of("uid", "resourceVersion", "generation", "observedGeneration");

  /** No sequence of events takes longer. */
  private static final int ROUNDS = 80;

  /** The sample as it shall be, of which tests get copies. */
  private static final World SETTLED = settle(sample());

  final ManagementCluster cluster;
  final Others others;
  final List<KubernetesClientException> failures = new ArrayList<>();
  private final AtomicInteger keysMade = new AtomicInteger();
  private final TreeMap<String, Map<String, String>> firstKeys = new TreeMap<>();
  private final AtomicReference<String> firstEncryptionKey = new AtomicReference<>("");
  private Answers answers;
  HostedClustersInMemory hostedClusters;
  final HostNamesInMemory hostNames = new HostNamesInMemory();
  final BackupsInMemory backups = new BackupsInMemory();
  final DrillsInMemory drills = new DrillsInMemory();
  private final NamedObjectsInMemory named;
  final EtcdInMemory etcd;
  final RewritesInMemory rewrites = new RewritesInMemory();
  private final MachinesInMemory machines;
  Instant now = Instant.parse("2026-01-01T00:00:00Z");
  ManagementTokens managementTokens = ManagementTokens.UNWANTED;
  private HostedControlPlaneReconciler reconciler;

  private World() {
    cluster = new ManagementCluster();
    named = new NamedObjectsInMemory(cluster);
    machines = new MachinesInMemory(cluster);
    others = new Others(cluster);
    answers = new Answers(cluster);
    hostedClusters = new HostedClustersInMemory();
    etcd = new EtcdInMemory();
    reconciler = reconciler();
  }

  private World(World other) {
    cluster = new ManagementCluster(other.cluster);
    named = new NamedObjectsInMemory(cluster);
    machines = new MachinesInMemory(cluster);
    others = new Others(cluster, other.others);
    keysMade.set(other.keysMade.get());
    firstKeys.putAll(other.firstKeys);
    firstEncryptionKey.set(other.firstEncryptionKey.get());
    answers = new Answers(cluster);
    hostedClusters = new HostedClustersInMemory(other.hostedClusters);
    etcd = new EtcdInMemory(other.etcd);
    reconciler = reconciler();
  }

  /** The sample, just applied. */
  static World sample() {
    var world = new World();
    var sample = Scenario.named("minimal");
    world.cluster.put(sample.get(Gateway.class, "capi"));
    world.cluster.put(sample.get(Cluster.class, NAME));
    world.cluster.put(sample.get(HostedControlPlane.class, NAME));
    return world;
  }

  /** The sample, as it shall be. */
  static World settledSample() {
    return new World(SETTLED);
  }

  /** The same once more, to be changed apart. */
  World copy() {
    return new World(this);
  }

  private static World settle(World world) {
    world.settle();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    return world;
  }

  /**
   * One pass, whose failure is what the caller of the reconciler would see.
   *
   * @return after which time it asks for another
   */
  Optional<Duration> pass() {
    var again = reconciler.reconcile(NAMESPACE, NAME);
    rememberKeys();
    return again;
  }

  /** One pass over another control plane of the namespace. */
  void passOver(String name) {
    reconciler.reconcile(NAMESPACE, name);
  }

  /** The process starts again: nothing is left of what it kept in memory, informers list anew. */
  void restart() {
    answers = new Answers(cluster);
    hostedClusters.restart();
    etcd.restart();
    backups.restart();
    drills.restart();
    rewrites.restart();
    machines.restart();
    named.restart();
    reconciler = reconciler();
    cluster.catchUp();
  }

  /** Passes, and moves of all others, until nothing changes any more. */
  void settle() {
    for (int round = 0; round < ROUNDS; round++) {
      if (!round()) {
        return;
      }
    }
    throw new AssertionError(
        "Still changing after %d rounds: %s"
            .formatted(
                ROUNDS,
                cluster
                    .requests()
                    .subList(
                        Math.max(0, cluster.requests().size() - 10), cluster.requests().size())));
  }

  /**
   * Does the same to copies, each of which crashes once, after another one of its requests; how
   * many requests there are without a crash.
   *
   * @param change until all is settled
   */
  int crashAfterEachRequest(Consumer<World> change) {
    for (int at = 0; ; at++) {
      var other = copy();
      var left = new int[] {at};
      other.cluster.disturb((request, moment) -> {
        if (moment == Moment.AFTER && left[0]-- == 0) {
          throw new Crash(request);
        }
      });
      change.accept(other);
      if (left[0] >= 0) {
        return at;
      }
    }
  }

  /** One pass and one move of all others; whether anything changed or failed. */
  boolean round() {
    long before = cluster.version();
    var asked = answers.asked();
    var hosted = hostedClusters.all();
    var members = etcd.all();
    var resolved = hostNames.last(NAMESPACE, NAME);
    var objects = named.last(NAMESPACE, NAME);
    var rewritten = rewrites.last(NAMESPACE, NAME);
    var drilled = drills.last(NAMESPACE, NAME);
    var looked = machines.last(NAMESPACE, NAME);
    boolean failed = false;
    try {
      pass();
    } catch (KubernetesClientException e) {
      failures.add(e);
      failed = true;
    } catch (Crash e) {
      restart();
      failed = true;
    }
    rememberKeys();
    cluster.catchUp();
    others.step();
    cluster.catchUp();
    // Whoever asks the API server wakes a pass when it answers, and so do hosted clusters and etcd.
    return failed
        || cluster.version() != before
        || !answers.asked().equals(asked)
        || !hostedClusters.all().equals(hosted)
        || !etcd.all().equals(members)
        || !hostNames.last(NAMESPACE, NAME).equals(resolved)
        || !drills.last(NAMESPACE, NAME).equals(drilled)
        || !machines.last(NAMESPACE, NAME).equals(looked)
        || !rewrites.last(NAMESPACE, NAME).equals(rewritten)
        || !named.last(NAMESPACE, NAME).keySet().equals(objects.keySet());
  }

  /** Secret s3 with a store of backups. */
  void putStore() {
    cluster.put(
        new SecretBuilder()
            .withNewMetadata()
            .withNamespace(NAMESPACE)
            .withName("s3")
            .endMetadata()
            .addToData("accessKeyID", "aWQ=")
            .addToData("secretAccessKey", "c2VjcmV0")
            .addToData("host", "c3RvcmU=")
            .addToData("bucket", "YnVja2V0")
            .build());
    cluster.catchUp();
  }

  /** Changes fields of the control plane's spec, as a user, and has that seen. */
  void spec(String yaml) {
    spec(Manifests.map(yaml));
  }

  /** Changes fields of the control plane's spec, as a user, and has that seen. */
  void spec(Map<String, ?> fields) {
    edit(fields);
    cluster.catchUp();
  }

  /** Changes fields of the control plane's spec, as a user. */
  void edit(Map<String, ?> fields) {
    var map = Manifests.toMap(object());
    var spec = new LinkedHashMap<String, Object>();
    ((Map<?, ?>) map.get("spec")).forEach((key, value) -> spec.put(String.valueOf(key), value));
    spec.putAll(fields);
    map.put("spec", spec);
    cluster.put(Manifests.fromMap(map, HostedControlPlane.class));
  }

  HostedControlPlane object() {
    return find().orElseThrow();
  }

  Optional<HostedControlPlane> find() {
    return cluster.get(HostedControlPlane.class, NAMESPACE, NAME);
  }

  Condition condition(ConditionType type) {
    return Conditions.find(object().getStatus().conditions(), type)
        .orElseThrow(() -> new AssertionError("No condition " + type));
  }

  Condition conditionOf(String name, ConditionType type) {
    return Conditions.find(get(HostedControlPlane.class, name).getStatus().conditions(), type)
        .orElseThrow(() -> new AssertionError("No condition " + type));
  }

  <T extends HasMetadata> T get(Class<T> type, String name) {
    return cluster
        .get(type, NAMESPACE, name)
        .orElseThrow(() -> new AssertionError("No " + type.getSimpleName() + " " + name));
  }

  /** Pods of a component, by its label. */
  List<Pod> pods(String component) {
    return cluster.all(Pod.class).stream()
        .filter(pod -> component.equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
        .toList();
  }

  /** What a pod is given of Secrets. */
  static Stream<SecretProjection> projections(Pod pod) {
    return pod.getSpec().getVolumes().stream()
        .flatMap(volume -> Optional.ofNullable(volume.getProjected()).stream())
        .flatMap(projected -> projected.getSources().stream())
        .flatMap(source -> Optional.ofNullable(source.getSecret()).stream());
  }

  /** The certificate of the CA that has signed the one in a Secret, base64 of PEM. */
  String signer(String leaf) {
    return SignedCertificates.signer(get(Secret.class, leaf).getData().get("tls.crt"))
        .orElseThrow();
  }

  /** How far the rotation of a credential is. */
  RotationStatus rotation(String credential) {
    return object().getStatus().rotations().stream()
        .filter(status -> status.credential().equals(credential))
        .findFirst()
        .orElseThrow();
  }

  /** Deletes the control plane, as a user. */
  void delete() {
    cluster.remove(object());
    cluster.catchUp();
  }

  /** Everything that is there, but for what depends on the way; pods come and go. */
  Map<String, Object> snapshot() {
    var all = new TreeMap<String, Object>();
    for (var object : cluster.generated()) {
      if (!(object instanceof Pod)) {
        var map = Manifests.toMap(object);
        map.remove("status");
        all.put(object.getKind() + " " + object.getMetadata().getName(), timeless(map));
      }
    }
    find().ifPresent(object -> all.put("the control plane", timeless(Manifests.toMap(object))));
    return all;
  }

  /**
   * Fails if keys were ever replaced: all tokens would be worthless, and what is encrypted could
   * not be read.
   */
  void assertKeysWereNeverReplaced() {
    assertThat(firstKeys).isNotEmpty();
    firstKeys.forEach(
        (name, data) -> assertThat(get(Secret.class, name).getData()).as(name).isEqualTo(data));
    assertThat(firstEncryptionKey.get()).isNotEmpty();
    assertThat(get(Secret.class, NAME + "-encryption").getData())
        .containsEntry("key-1", firstEncryptionKey.get());
    assertThat(get(Secret.class, NAME + "-root-keys").getData())
        .containsEntry("encryption-key-1", firstEncryptionKey.get());
  }

  /** 32 bytes that begin like all new keys. */
  private static String encryptionKey(int number) {
    return Base64.getEncoder()
        .encodeToString("new key %024d".formatted(number).getBytes(StandardCharsets.US_ASCII));
  }

  private void rememberKeys() {
    cluster
        .get(Secret.class, NAMESPACE, NAME + "-encryption")
        .flatMap(s -> Optional.ofNullable(s.getData().get("key-1")))
        .ifPresent(key -> firstEncryptionKey.compareAndSet("", key));
    cluster
        .get(Secret.class, NAMESPACE, NAME + "-sa")
        .ifPresent(s -> firstKeys.putIfAbsent(s.getMetadata().getName(), s.getData()));
  }

  private HostedControlPlaneReconciler reconciler() {
    return new HostedControlPlaneReconciler(
        cluster,
        cluster,
        answers,
        hostedClusters,
        backups,
        drills,
        hostNames,
        named,
        etcd,
        rewrites,
        machines,
        () -> managementTokens,
        ControllerSettings.from(
            Environment.of(
                Map.of(
                    "CONTROLLER_NAMESPACE", "capi-hosted-control-plane-system",
                    "GATEWAY_PORT_RANGE", "20000-20009")),
            List.of()),
        new ControllerMetrics(new SimpleMeterRegistry()),
        () -> now,
        new Actions.NewKeys(
            () -> {
              var key = NEW_KEY + "%04d".formatted(keysMade.incrementAndGet());
              return Map.of("tls.crt", key, "tls.key", key);
            },
            () -> encryptionKey(keysMade.incrementAndGet()),
            (commonName, _, _, _) ->
                SignedCertificates.authority(
                    commonName, String.valueOf(keysMade.incrementAndGet()))));
  }

  /** A value without what depends on when and how often something was made. */
  private static Object timeless(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        var rest = new TreeMap<String, Object>();
        map.forEach((key, part) -> {
          if (!COUNTED.contains(String.valueOf(key)) && part != null) {
            rest.put(String.valueOf(key), timeless(part));
          }
        });
        yield rest;
      }
      case List<?> list -> list.stream().map(World::timeless).toList();
      case String text when text.startsWith(FILE) ->
          new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8)
              .replaceAll(NEW_KEY + "[^\"]*", NEW_KEY);
      case String text -> text.replaceAll("^" + NEW_KEY + ".*", NEW_KEY);
      default -> value;
    };
  }
}
