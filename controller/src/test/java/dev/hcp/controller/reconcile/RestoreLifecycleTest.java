package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.RestorePhase;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.memory.Crash;
import dev.hcp.controller.memory.Disturbance;
import dev.hcp.controller.memory.Disturbance.Moment;
import dev.hcp.controller.memory.Request;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a control plane goes over to the data of a backup, and back. */
final class RestoreLifecycleTest {
  private static final String RESTORE = "demo-restore";
  private static final String BACKUP = "20260101T023000Z-3f9a2c1b";
  private static final String NEW_VOLUME = "etcd-data-demo-etcd-5";

  private static final String SUCCESS =
      """
      phase: Running
      initContainerStatuses:
      - name: fetch
        state: {terminated: {exitCode: 0, startedAt: "2026-01-01T03:00:05Z", message: '{"result":"success","backup":"20260101T023000Z-3f9a2c1b","message":"it was fetched","milliseconds":1}'}}
      - name: restore
        state: {terminated: {exitCode: 0}}
      - name: place
        state: {terminated: {exitCode: 0}}
      containerStatuses:
      - name: check
        state: {terminated: {exitCode: 0, finishedAt: "2026-01-01T03:00:17Z", message: '{"result":"success","message":"120 keys","milliseconds":1}'}}
      """;

  private World world = World.settledSample();

  @BeforeEach
  void knowTheStore() {
    world.putStore();
  }

  @Test
  void aBackupIsRestoredBesideWhatServes() {
    ask("first", "");
    world.settle();
    assertThat(restore("first").getStatus().phase()).isEqualTo(RestorePhase.PREPARING);
    assertThat(pod()).isPresent();
    assertThat(secret()).isPresent();
    assertThat(claims()).contains(NEW_VOLUME, "etcd-data-demo-etcd-0").hasSize(4);
    assertThat(world.cluster.get(NetworkPolicy.class, World.NAMESPACE, RESTORE)).isPresent();
    assertThat(apiServers()).as("nothing else has changed").hasSize(3);
    assertThat(world.condition(ConditionType.AVAILABLE).status()).isEqualTo("True");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.condition(ConditionType.RESTORING).status()).isEqualTo("True");
    var arguments = pod().orElseThrow().getSpec().getInitContainers().getFirst().getArgs();
    assertThat(arguments)
        .contains("--cluster=demo", "--namespace=clusters", "--etcd-version=3.6.8-0")
        .noneMatch(argument -> argument.startsWith("--backup="));
    assertThat(RestrictedLevel.violations(pod().orElseThrow().getSpec())).isEmpty();
    world.cluster.forgetRequests();
    world.pass();
    assertThat(world.cluster.requests()).as("while it runs").isEmpty();
  }

  @Test
  void etcdGoesOverToIt() {
    ask("first", "");
    world.settle();
    end(SUCCESS);
    var seen = new ArrayList<String>();
    boolean changing = true;
    while (changing) {
      changing = world.round();
      check(seen);
    }
    assertThat(seen).containsExactly("Switching", "Starting", "Succeeded");
    assertThat(etcdPods()).containsExactly("demo-etcd-5", "demo-etcd-6", "demo-etcd-7");
    assertThat(claims())
        .as("what was there is gone once what was restored works")
        .containsExactly(NEW_VOLUME, "etcd-data-demo-etcd-6", "etcd-data-demo-etcd-7");
    assertThat(membership())
        .containsEntry("first", "5")
        .containsEntry("members", "3")
        .containsEntry("restored-names", "first")
        .doesNotContainKey("restore-uid");
    assertThat(world.get(ConfigMap.class, "demo-etcd-identity").getData())
        .containsEntry("cluster-id", "c2");
    assertThat(pod()).isEmpty();
    assertThat(secret()).isEmpty();
    assertThat(world.cluster.get(NetworkPolicy.class, World.NAMESPACE, RESTORE)).isEmpty();
    assertThat(apiServers()).hasSize(3);
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.object().getStatus().conditions())
        .noneMatch(condition -> condition.type().equals("Restoring"));
    var status = restore("first").getStatus();
    assertThat(status.backup()).isEqualTo(BACKUP);
    assertThat(status.completionTime()).isNotNull();
    assertThat(world.cluster.events())
        .anyMatch(event -> event.startsWith("NORMAL Restored Restore: "));
    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("after a start of the controller").isEmpty();
  }

  /** What must hold at every moment. */
  private void check(List<String> seen) {
    var phase = phase("first");
    if (seen.isEmpty() || !seen.getLast().equals(phase)) {
      seen.add(phase);
    }
    if (phase.equals("Succeeded")) {
      var etcd = world.etcd.last(World.NAMESPACE, World.NAME).orElseThrow();
      assertThat(etcd.members()).as("none is missing").hasSize(3);
      assertThat(etcd.healthy()).isTrue();
    }
    boolean old = etcdPods().contains("demo-etcd-0");
    boolean restored = etcdPods().contains("demo-etcd-5");
    if (old && restored) {
      assertThat(apiServers()).as("nobody can ask the wrong one").isEmpty();
    }
    var stage = membership().getOrDefault("restore-stage", "");
    if (stage.equals("SWITCHED")) {
      assertThat(apiServers()).as("while etcd changes").isEmpty();
      assertThat(pod()).as("two that use the volume").isEmpty();
      assertThat(world.get(Deployment.class, "demo-scheduler").getSpec().getReplicas()).isZero();
    }
    if (!phase.equals("Succeeded") && !stage.isEmpty()) {
      assertThat(claims()).as("what was there is kept").contains("etcd-data-demo-etcd-0");
    }
  }

  @Test
  void whateverHappensOnTheWayItEndsTheSame() {
    var reference = restored(Disturbance.NONE);
    var requests = reference.cluster.requests().size();
    assertThat(requests).isGreaterThan(20);
    for (var moment : Moment.values()) {
      // Each request, at one of its moments.
      for (int number = moment.ordinal(); number < requests; number += 2) {
        int struck = number;
        var count = new AtomicInteger();
        var disturbed =
            restored((Request request, Moment when) -> {
              if (when == moment && count.getAndIncrement() == struck) {
                throw new Crash(request);
              }
            });
        assertThat(count.get()).as("it was struck").isGreaterThan(struck);
        assertThat(disturbed.snapshot())
            .as("crash %s request %d", moment, number)
            .isEqualTo(reference.snapshot());
      }
    }
  }

  private World restored(Disturbance disturbance) {
    world = World.settledSample();
    world.putStore();
    ask("first", "");
    world.cluster.forgetRequests();
    world.cluster.disturb(disturbance);
    world.settle();
    end(SUCCESS);
    world.settle();
    assertThat(phase("first")).isEqualTo("Succeeded");
    return world;
  }

  @Test
  void aBackupThatCannotBeRestoredChangesNothing() {
    ask("first", "backup: 20260101T023000Z-00000000");
    world.settle();
    assertThat(pod().orElseThrow().getSpec().getInitContainers().getFirst().getArgs())
        .contains("--backup=20260101T023000Z-00000000");
    fail("not_found", "there is no such backup");
    world.cluster.forgetRequests();
    world.settle();
    assertThat(phase("first")).isEqualTo("Failed");
    assertThat(reason("first")).isEqualTo("BackupNotFound");
    assertThat(message("first")).contains("there is no such backup", "the data that it had");
    assertThat(pod()).isEmpty();
    assertThat(secret()).isEmpty();
    assertThat(claims()).hasSize(3).doesNotContain(NEW_VOLUME);
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.cluster.requests())
        .extracting(Request::object)
        .noneMatch(object -> object.contains("api-server") || object.startsWith("StatefulSet"));
    assertThat(world.cluster.events())
        .anyMatch(event -> event.startsWith("WARNING BackupNotFound Restore: "));
  }

  @Test
  void whatMayPassIsTriedAgainLater() {
    ask("first", "");
    world.settle();
    var first = pod().orElseThrow().getMetadata().getUid();
    fail("connection_refused", "the store does not answer");
    world.settle();
    assertThat(phase("first")).isEqualTo("Preparing");
    assertThat(reason("first")).isEqualTo("RestoreRetried");
    assertThat(message("first")).startsWith("Attempt 1 failed: the store does not answer");
    assertThat(pod().orElseThrow().getMetadata().getUid()).isEqualTo(first);
    assertThat(world.pass()).as("nothing else would wake anybody").isPresent();

    world.now = world.now.plus(Duration.ofHours(4));
    world.settle();
    assertThat(pod().orElseThrow().getMetadata().getUid()).isNotEqualTo(first);
    assertThat(restore("first").getStatus().attempts()).isEqualTo(2);
    end(SUCCESS);
    world.settle();
    assertThat(phase("first")).isEqualTo("Succeeded");
  }

  @Test
  void damageIsBelievedAfterSomeAttempts() {
    ask("first", "");
    for (int attempt = 1; attempt <= 3; attempt++) {
      world.settle();
      assertThat(phase("first")).isEqualTo("Preparing");
      fail("damaged", "other bytes");
      world.settle();
      world.now = world.now.plus(Duration.ofHours(4));
    }
    world.settle();
    assertThat(phase("first")).isEqualTo("Failed");
    assertThat(reason("first")).isEqualTo("BackupDamaged");
  }

  @Test
  void beforeEtcdIsTouchedItCanBeCancelled() {
    ask("first", "");
    world.settle();
    cancel("first");
    world.settle();
    assertThat(phase("first")).isEqualTo("Failed");
    assertThat(reason("first")).isEqualTo("RestoreCancelled");
    assertThat(pod()).isEmpty();
    assertThat(claims()).hasSize(3);
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void beforeEtcdIsTouchedItCanBeDeleted() {
    ask("first", "");
    world.settle();
    end(SUCCESS);
    world.pass();
    assertThat(membership()).containsEntry("restore-stage", "FENCED");
    world.cluster.remove(restore("first"));
    world.cluster.catchUp();
    world.settle();
    assertThat(membership()).doesNotContainKey("restore-stage").containsEntry("first", "0");
    assertThat(pod()).isEmpty();
    assertThat(claims()).hasSize(3);
    assertThat(apiServers()).hasSize(3);
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void untilApiServersStartThereIsAWayBack() {
    ask("first", "");
    world.settle();
    world.etcd.mute("demo-etcd-5");
    end(SUCCESS);
    world.settle();
    assertThat(membership()).containsEntry("restore-stage", "SWITCHED");
    assertThat(etcdPods()).containsExactly("demo-etcd-5");
    assertThat(phase("first")).isEqualTo("Switching");
    assertThat(world.condition(ConditionType.AVAILABLE).reason()).isEqualTo("Restoring");
    assertThat(world.condition(ConditionType.AVAILABLE).message())
        .contains("HostedControlPlaneRestore first");
    world.restart();
    world.settle();
    assertThat(membership()).containsEntry("restore-stage", "SWITCHED");

    cancel("first");
    world.settle();
    assertThat(phase("first")).isEqualTo("Failed");
    assertThat(reason("first")).isEqualTo("RestoreCancelled");
    assertThat(etcdPods()).containsExactly("demo-etcd-0", "demo-etcd-1", "demo-etcd-2");
    assertThat(claims()).hasSize(3).doesNotContain(NEW_VOLUME);
    assertThat(apiServers()).hasSize(3);
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void afterEtcdWasTouchedItGoesOnWithoutWhoeverAskedForIt() {
    ask("first", "");
    world.settle();
    world.etcd.mute("demo-etcd-5");
    end(SUCCESS);
    world.settle();
    world.cluster.remove(restore("first"));
    world.cluster.catchUp();
    world.settle();
    assertThat(etcdPods()).containsExactly("demo-etcd-5");
    world.etcd.unmute("demo-etcd-5");
    world.settle();
    assertThat(etcdPods()).hasSize(3).doesNotContain("demo-etcd-0");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(membership()).containsEntry("restored-names", "first");
  }

  @Test
  void aNewClusterIsFoundedWithTheData() {
    world = World.sample();
    world.putStore();
    ask("first", "cluster: {name: other, namespace: elsewhere}");
    world.settle();
    assertThat(world.cluster.get(StatefulSet.class, World.NAMESPACE, "demo-etcd")).isEmpty();
    assertThat(apiServers()).isEmpty();
    assertThat(world.condition(ConditionType.ETCD).reason()).isEqualTo("RestorePending");
    assertThat(pod().orElseThrow().getSpec().getInitContainers().getFirst().getArgs())
        .contains("--cluster=other", "--namespace=elsewhere");
    end(SUCCESS);
    world.settle();
    assertThat(phase("first")).isEqualTo("Succeeded");
    assertThat(etcdPods()).containsExactly("demo-etcd-5", "demo-etcd-6", "demo-etcd-7");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void aNewClusterIsNotFoundedWithoutThem() {
    world = World.sample();
    world.putStore();
    ask("first", "");
    world.settle();
    fail("not_found", "there is no backup");
    world.settle();
    assertThat(phase("first")).isEqualTo("Failed");
    assertThat(etcdPods()).isEmpty();
    assertThat(world.condition(ConditionType.ETCD).message())
        .contains("HostedControlPlaneRestore first has failed", "delete it");
    world.cluster.remove(restore("first"));
    world.cluster.catchUp();
    world.settle();
    assertThat(etcdPods()).containsExactly("demo-etcd-0", "demo-etcd-1", "demo-etcd-2");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void oneAfterTheOther() {
    ask("first", "");
    ask("second", "upToTime: '2026-01-01T00:00:00Z'");
    world.settle();
    assertThat(phase("second")).isEqualTo("Pending");
    assertThat(message("second")).contains("first");
    end(SUCCESS);
    world.settle();
    assertThat(phase("first")).isEqualTo("Succeeded");
    assertThat(phase("second")).isEqualTo("Preparing");
    assertThat(claims()).contains("etcd-data-demo-etcd-0", NEW_VOLUME);
    assertThat(pod().orElseThrow().getSpec().getInitContainers().getFirst().getArgs())
        .contains("--up-to=2026-01-01T00:00:00Z");
    world.others.fill(world.get(PersistentVolumeClaim.class, "etcd-data-demo-etcd-0"));
    endOnly(SUCCESS);
    world.settle();
    assertThat(phase("second")).isEqualTo("Succeeded");
    assertThat(etcdPods()).containsExactly("demo-etcd-0", "demo-etcd-1", "demo-etcd-2");
    assertThat(claims()).hasSize(3).doesNotContain(NEW_VOLUME);

    world.cluster.remove(restore("first"));
    world.cluster.catchUp();
    ask("first", "");
    world.settle();
    assertThat(reason("first"))
        .as("not the last one, but one of those")
        .isEqualTo("RestoredBefore");
  }

  /** Such as one that was applied again with all other manifests. */
  @Test
  void noneIsCarriedOutTwice() {
    ask("first", "");
    world.settle();
    end(SUCCESS);
    world.settle();
    world.cluster.remove(restore("first"));
    world.cluster.catchUp();
    world.settle();
    ask("first", "");
    world.settle();
    assertThat(phase("first")).isEqualTo("Failed");
    assertThat(reason("first")).isEqualTo("RestoredBefore");
    assertThat(pod()).isEmpty();
    assertThat(etcdPods()).containsExactly("demo-etcd-5", "demo-etcd-6", "demo-etcd-7");
  }

  @Test
  void withoutAStoreItFails() {
    put("first", Map.of("controlPlaneName", "demo"));
    world.settle();
    assertThat(phase("first")).isEqualTo("Failed");
    assertThat(message("first")).contains("etcd.backup", "source.secret");
  }

  @Test
  void itWaitsForItsSecret() {
    put(
        "first",
        Map.of("controlPlaneName", "demo", "source", Map.of("secret", Map.of("name", "s4"))));
    world.settle();
    assertThat(phase("first")).isEqualTo("Pending");
    assertThat(reason("first")).isEqualTo("BackupSecretInvalid");
    assertThat(message("first")).contains("Secret s4");
    assertThat(pod()).isEmpty();
  }

  @Test
  void whilePausedNothingBegins() {
    world.cluster.edit(
        world.object(),
        object -> object.getMetadata().setAnnotations(Map.of(Cluster.PAUSED_ANNOTATION, "")));
    ask("first", "");
    world.settle();
    assertThat(pod()).isEmpty();
    world.cluster.edit(world.object(), object -> object.getMetadata().setAnnotations(Map.of()));
    world.settle();
    assertThat(pod()).isPresent();
  }

  @Test
  void itGoesWithTheControlPlane() {
    ask("first", "");
    world.settle();
    world.delete();
    world.settle();
    assertThat(world.find()).isEmpty();
    assertThat(world.cluster.generated()).isEmpty();
  }

  /** What uses the old data must not come back before the new ones are there. */
  @Test
  void aControlPlaneThatIsScaledMeanwhileStaysStopped() {
    ask("first", "");
    world.settle();
    world.etcd.mute("demo-etcd-5");
    end(SUCCESS);
    world.settle();
    world.spec(Map.of("replicas", 5));
    world.settle();
    assertThat(apiServers()).isEmpty();
  }

  @Test
  void ifTheUserAllowsItTheNewestBackupIsRestoredWhenAMajorityIsLost() {
    world.spec(
        Map.of(
            "etcd",
            Map.of(
                "backup",
                Map.of("schedule", "@daily", "secret", Map.of("name", "s3")),
                "quorumLoss",
                Map.of("policy", "FromBackup", "maxBackupAge", "24h"))));
    world.settle();
    world.others.lose(world.get(PersistentVolumeClaim.class, "etcd-data-demo-etcd-0"));
    world.settle();
    assertThat(world.cluster.all(HostedControlPlaneRestore.class)).as("two are enough").isEmpty();

    world.others.lose(world.get(PersistentVolumeClaim.class, "etcd-data-demo-etcd-1"));
    world.others.lose(world.get(PersistentVolumeClaim.class, "etcd-data-demo-etcd-2"));
    world.settle();
    var name = "demo-quorum-loss-c1";
    assertThat(restore(name).getSpec().source().sinceTime()).isEqualTo("2025-12-31T00:00:00Z");
    assertThat(pod().orElseThrow().getSpec().getInitContainers().getFirst().getArgs())
        .contains("--since=2025-12-31T00:00:00Z");
    assertThat(world.cluster.events())
        .anyMatch(event -> event.startsWith("WARNING RestoreRequested Restore: A majority"));
    end(SUCCESS);
    world.settle();
    assertThat(phase(name)).isEqualTo("Succeeded");
    assertThat(etcdPods()).containsExactly("demo-etcd-5", "demo-etcd-6", "demo-etcd-7");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.cluster.all(HostedControlPlaneRestore.class)).hasSize(1);
  }

  @Test
  void keysThatWereRetiredSinceAreThereBeforeApiServersStart() {
    for (var request : List.of("a", "b")) {
      world.spec(Map.of("rotation", Map.of("encryptionKey", request)));
      world.settle();
    }
    assertThat(keys()).containsKeys("key-3", "retired-1", "retired-2").doesNotContainKey("key-1");
    ask("first", "");
    world.settle();
    world.etcd.mute("demo-etcd-5");
    world.rewrites.hold();
    end(SUCCESS);
    world.settle();
    assertThat(membership()).containsEntry("restore-stage", "SWITCHED");
    assertThat(keys()).containsKeys("key-1", "key-2", "key-3");
    world.etcd.unmute("demo-etcd-5");
    world.settle();
    assertThat(phase("first")).isEqualTo("Succeeded");
    assertThat(keys()).as("until all is written again").containsKeys("key-1", "key-2", "key-3");
    world.rewrites.release();
    world.settle();
    assertThat(keys())
        .containsKeys("key-3", "retired-1", "retired-2")
        .doesNotContainKeys("key-1", "key-2");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  /** What was written again in the data as they were has to be in those of the backup. */
  @Test
  void everythingIsWrittenAgainInTheDataOfTheBackup() {
    world.rewrites.hold();
    world.spec(Map.of("rotation", Map.of("encryptionKey", "a")));
    world.settle();
    assertThat(world.rewrites.last(World.NAMESPACE, World.NAME)).isPresent();
    ask("first", "");
    world.settle();
    world.etcd.mute("demo-etcd-5");
    end(SUCCESS);
    world.settle();
    assertThat(membership()).containsEntry("restore-stage", "SWITCHED");
    world.rewrites.release();
    world.settle();
    assertThat(world.rewrites.runs()).as("while there is no API server").isEmpty();
    assertThat(keys()).containsKeys("key-1", "key-2");
    world.etcd.unmute("demo-etcd-5");
    world.settle();
    assertThat(phase("first")).isEqualTo("Succeeded");
    assertThat(world.rewrites.runs()).containsExactly("2 secrets");
    assertThat(keys()).containsKeys("key-2", "retired-1").doesNotContainKey("key-1");
  }

  private Map<String, String> keys() {
    return world.get(Secret.class, "demo-encryption").getData();
  }

  private void ask(String name, String source) {
    var all = new LinkedHashMap<String, Object>(Map.of("secret", Map.of("name", "s3")));
    all.putAll(Manifests.map(source.isEmpty() ? "{}" : source));
    put(name, Map.of("controlPlaneName", "demo", "source", all));
  }

  private void put(String name, Map<String, ?> spec) {
    var map = new LinkedHashMap<String, Object>();
    map.put("apiVersion", "controlplane.cluster.x-k8s.io/v1alpha1");
    map.put("kind", "HostedControlPlaneRestore");
    map.put("metadata", Map.of("name", name, "namespace", World.NAMESPACE));
    map.put("spec", spec);
    world.cluster.put(Manifests.fromMap(map, HostedControlPlaneRestore.class));
    world.cluster.catchUp();
  }

  private void cancel(String name) {
    var map = Manifests.toMap(restore(name));
    var spec = new LinkedHashMap<String, Object>();
    ((Map<?, ?>) map.get("spec")).forEach((key, value) -> spec.put(String.valueOf(key), value));
    spec.put("cancel", true);
    map.put("spec", spec);
    world.cluster.put(Manifests.fromMap(map, HostedControlPlaneRestore.class));
    world.cluster.catchUp();
  }

  private void end(String status) {
    world.others.fill(world.get(PersistentVolumeClaim.class, NEW_VOLUME));
    endOnly(status);
  }

  private void endOnly(String status) {
    world.cluster.edit(
        pod().orElseThrow(),
        pod -> pod.setStatus(Manifests.fromMap(Manifests.map(status), PodStatus.class)));
    world.cluster.catchUp();
  }

  private void fail(String result, String message) {
    endOnly(
        """
        phase: Failed
        initContainerStatuses:
        - name: fetch
          state: {terminated: {exitCode: 1, finishedAt: "2026-01-01T03:00:17Z", message: '{"result":"%s","message":"%s","milliseconds":1}'}}
        """
            .formatted(result, message));
  }

  private HostedControlPlaneRestore restore(String name) {
    return world.get(HostedControlPlaneRestore.class, name);
  }

  private String phase(String name) {
    var phase = restore(name).getStatus().phase();
    return phase.name().charAt(0) + phase.name().substring(1).toLowerCase(Locale.ROOT);
  }

  private String reason(String name) {
    return restore(name).getStatus().conditions().getFirst().reason();
  }

  private String message(String name) {
    return restore(name).getStatus().conditions().getFirst().message();
  }

  private Optional<Pod> pod() {
    return world.cluster.get(Pod.class, World.NAMESPACE, RESTORE);
  }

  private Optional<Secret> secret() {
    return world.cluster.get(Secret.class, World.NAMESPACE, RESTORE);
  }

  private List<String> claims() {
    return names(
        world.cluster.all(PersistentVolumeClaim.class).stream()
            .map(claim -> claim.getMetadata().getName()));
  }

  private List<String> etcdPods() {
    return pods(Component.ETCD);
  }

  private List<String> apiServers() {
    return pods(Component.API_SERVER);
  }

  private List<String> pods(Component component) {
    return names(
        world.cluster.all(Pod.class).stream()
            .filter(pod ->
                component.label().equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
            .map(pod -> pod.getMetadata().getName()));
  }

  private static List<String> names(Stream<String> names) {
    return names.sorted().toList();
  }

  private Map<String, String> membership() {
    return world.get(ConfigMap.class, "demo-etcd-membership").getData();
  }
}
