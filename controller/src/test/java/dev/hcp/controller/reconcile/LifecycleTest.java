package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.memory.Disturbance;
import dev.hcp.controller.memory.Disturbance.Moment;
import dev.hcp.controller.memory.Request;
import dev.hcp.controller.plan.BackupState;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What keeps a pass from doing its work, what fails, and how a control plane ends. */
final class LifecycleTest {
  private static void pauseByAnnotation(World world) {
    world.cluster.edit(
        world.object(), o -> o.getMetadata().setAnnotations(Map.of(Cluster.PAUSED_ANNOTATION, "")));
  }

  private static Cluster owner(World world) {
    return world.get(Cluster.class, "demo");
  }

  private static void editOwner(World world, Map<String, Object> fields) {
    var map = Manifests.toMap(owner(world));
    var spec = new TreeMap<String, Object>();
    ((Map<?, ?>) map.get("spec")).forEach((key, value) -> spec.put(String.valueOf(key), value));
    spec.putAll(fields);
    map.put("spec", spec);
    world.cluster.put(Manifests.fromMap(map, Cluster.class));
  }

  @Test
  void auditingComesWaitsForItsTokenAndGoes() {
    var world = World.settledSample();
    world.edit(
        Manifests.map(
            """
            deployment:
              apiServer:
                audit:
                  policy: {rules: [{level: Metadata}]}
                  webhook:
                    targets:
                    - {server: "https://a.example.com", authentication: {secretName: token}}
                    - {server: "https://b.example.com"}
            """));
    world.settle();
    assertThat(world.condition(ConditionType.AUDIT).reason()).isEqualTo("AuditTokenMissing");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("False");

    world.cluster.put(
        new SecretBuilder()
            .withNewMetadata()
            .withNamespace(World.NAMESPACE)
            .withName("token")
            .endMetadata()
            .addToData("token", "dG9rZW4=")
            .build());
    world.settle();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.get(Secret.class, "demo-audit-webhook").getData())
        .containsEntry("target-0.token", "dG9rZW4=");
    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("after a start of the controller").isEmpty();

    world.edit(Map.of("deployment", Map.of()));
    world.settle();
    assertThat(world.cluster.get(Secret.class, World.NAMESPACE, "demo-audit-webhook")).isEmpty();
    assertThat(world.object().getStatus().conditions())
        .noneMatch(condition -> condition.type().equals("AuditReady"));
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void backupsAreOrderedSpokenOfAndEnded() {
    var world = World.settledSample();
    world.edit(Manifests.map("etcd: {backup: {schedule: '30 2 * * *', secret: {name: s3}}}"));
    world.settle();
    assertThat(world.condition(ConditionType.BACKUP).reason()).isEqualTo("BackupSecretInvalid");
    assertThat(world.backups.order(World.NAMESPACE, World.NAME)).isEmpty();
    // Nothing else suffers.
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");

    world.putStore();
    world.settle();
    assertThat(world.backups.order(World.NAMESPACE, World.NAME)).isPresent();
    assertThat(world.condition(ConditionType.BACKUP).status()).isEqualTo("Unknown");

    var last = Instant.parse("2026-01-01T02:30:00Z");
    var failure =
        new BackupState.Failure(
            Reason.STORE_FULL, "no room", Instant.parse("2026-01-02T02:31:00Z"));
    world.backups.know(
        World.NAMESPACE, World.NAME, backups(Optional.empty(), Optional.of(failure)));
    world.settle();
    assertThat(world.condition(ConditionType.BACKUP).reason()).isEqualTo("StoreFull");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.cluster.events())
        .contains(
            "WARNING StoreFull BackupReady: BackupReady is False: no room; it is tried again at"
                + " 2026-01-02T02:31:00Z; there is no backup");

    world.backups.know(World.NAMESPACE, World.NAME, backups(Optional.of(last), Optional.empty()));
    world.settle();
    assertThat(world.cluster.events().getLast())
        .startsWith("NORMAL ReconcileSucceeded BackupReady: BackupReady is True: The last backup");
    assertThat(world.object().getStatus().etcdLastBackupTime()).isEqualTo("2026-01-01T02:30:00Z");
    assertThat(world.object().getStatus().etcdNextBackupTime()).isEqualTo("2026-01-02T02:30:00Z");

    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("after a start of the controller").isEmpty();
    assertThat(world.backups.last(World.NAMESPACE, World.NAME).orElseThrow().last()).contains(last);

    pauseByAnnotation(world);
    world.pass();
    assertThat(world.backups.order(World.NAMESPACE, World.NAME)).isEmpty();
    world.cluster.edit(world.object(), o -> o.getMetadata().setAnnotations(Map.of()));
    world.settle();
    assertThat(world.backups.order(World.NAMESPACE, World.NAME)).isPresent();

    world.edit(Map.of("etcd", Map.of()));
    world.settle();
    assertThat(world.backups.order(World.NAMESPACE, World.NAME)).isEmpty();
    assertThat(world.object().getStatus().conditions())
        .noneMatch(condition -> condition.type().equals("BackupReady"));
    assertThat(world.object().getStatus().etcdLastBackupTime()).isNull();
    assertThat(world.object().getStatus().etcdNextBackupTime()).isNull();
  }

  @Test
  void noBackupsAreMadeOfAnEtcdThatLostItsData() {
    var world = World.settledSample();
    world.putStore();
    world.edit(Manifests.map("etcd: {backup: {schedule: '@daily', secret: {name: s3}}}"));
    world.settle();
    assertThat(world.backups.order(World.NAMESPACE, World.NAME)).isPresent();

    world.etcd.lose(World.NAMESPACE, World.NAME);
    world.settle();
    assertThat(world.condition(ConditionType.BACKUP).reason()).isEqualTo("EtcdDataChanged");
    assertThat(world.backups.order(World.NAMESPACE, World.NAME)).isEmpty();

    world.cluster.remove(world.get(ConfigMap.class, "demo-etcd-identity"));
    world.cluster.catchUp();
    world.settle();
    assertThat(world.backups.order(World.NAMESPACE, World.NAME)).isPresent();
  }

  @Test
  void anotherVersionOfEtcdWaitsForABackup() {
    var world = World.sample();
    var backup = Manifests.map("backup: {schedule: '@daily', secret: {name: s3}}");
    world.edit(Map.of("version", "v1.33.4", "etcd", backup));
    world.putStore();
    world.settle();
    assertThat(etcdImage(world)).endsWith(":3.5.24-0");

    world.edit(Map.of("version", "v1.34.2"));
    world.settle();
    assertThat(etcdImage(world)).endsWith(":3.5.24-0");
    assertThat(world.condition(ConditionType.ETCD).reason()).isEqualTo("WaitingForBackup");
    assertThat(world.condition(ConditionType.ETCD).message())
        .contains("from 3.5.24-0 to 3.6.8-0", ConditionType.BACKUP.value());
    var order = world.backups.order(World.NAMESPACE, World.NAME).orElseThrow();
    assertThat(order.request()).contains("before etcd 3.6.8-0");

    world.backups.know(
        World.NAMESPACE,
        World.NAME,
        new BackupState(
            true,
            true,
            Optional.of(Instant.parse("2026-01-01T00:00:00Z")),
            order.request(),
            Optional.empty(),
            Optional.empty()));
    world.settle();
    assertThat(etcdImage(world)).endsWith(":3.6.8-0");
    assertThat(world.condition(ConditionType.ETCD).reason()).isEqualTo("ReconcileSucceeded");
    assertThat(world.object().getStatus().version()).isEqualTo("v1.34.2");
    assertThat(world.backups.order(World.NAMESPACE, World.NAME).orElseThrow().request()).isEmpty();
  }

  private static String etcdImage(World world) {
    return world
        .get(StatefulSet.class, "demo-etcd")
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getImage();
  }

  private static BackupState backups(
      Optional<Instant> last, Optional<BackupState.Failure> failure) {
    return new BackupState(true, true, last, Optional.empty(), failure, Optional.empty());
  }

  private static void putKeys(World world, Map<String, String> labels) {
    world.cluster.put(
        new SecretBuilder()
            .withNewMetadata()
            .withNamespace(World.NAMESPACE)
            .withName("keys")
            .withLabels(labels)
            .endMetadata()
            .addToData("a", "YQ==")
            .build());
  }

  private static List<String> volumes(World world) {
    return world
        .get(Deployment.class, "demo-api-server")
        .getSpec()
        .getTemplate()
        .getSpec()
        .getVolumes()
        .stream()
        .map(volume -> volume.getName())
        .toList();
  }

  @Test
  void apiServersWaitForWhatTheyMountAndNeverGetTheKeysOfOthers() {
    var world = World.settledSample();
    world.edit(
        Manifests.map(
            """
            deployment:
              apiServer:
                mounts:
                  extra: {path: /extra, secret: {secretName: keys}}
            """));
    world.settle();
    assertThat(world.condition(ConditionType.API_SERVER).reason()).isEqualTo("MountMissing");
    assertThat(world.condition(ConditionType.READY).message())
        .contains("spec.deployment.apiServer.mounts[extra].secret: Secret keys does not exist");
    assertThat(world.condition(ConditionType.AVAILABLE).status()).isEqualTo("True");
    assertThat(volumes(world)).doesNotContain("extra");

    putKeys(world, Labels.of("other"));
    world.settle();
    assertThat(world.condition(ConditionType.API_SERVER).reason()).isEqualTo("InvalidSpec");
    assertThat(volumes(world)).doesNotContain("extra");

    putKeys(world, Map.of());
    world.settle();
    assertThat(volumes(world)).contains("extra");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");

    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("after a start of the controller").isEmpty();

    world.cluster.remove(world.get(Secret.class, "keys"));
    world.settle();
    assertThat(world.condition(ConditionType.API_SERVER).reason()).isEqualTo("MountMissing");
    assertThat(volumes(world)).as("running pods are left alone").contains("extra");
  }

  @Test
  void pausedObjectGetsNothingButTheCondition() {
    var world = World.settledSample();
    pauseByAnnotation(world);
    world.edit(Map.of("replicas", 5));
    world.cluster.remove(world.get(Deployment.class, "demo-scheduler"));
    world.settle();
    assertThat(world.cluster.requests())
        .extracting(Request::toString)
        .containsExactly("status HostedControlPlane demo");
    assertThat(world.condition(ConditionType.PAUSED).status()).isEqualTo("True");

    world.cluster.edit(world.object(), o -> o.getMetadata().setAnnotations(Map.of()));
    world.settle();
    assertThat(world.condition(ConditionType.PAUSED).status()).isEqualTo("False");
    assertThat(world.get(Deployment.class, "demo-api-server").getSpec().getReplicas()).isEqualTo(5);
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void pausedClusterPausesItsControlPlaneBeforeAnythingIsMade() {
    var world = World.sample();
    editOwner(world, Map.of("paused", true));
    world.settle();
    assertThat(world.cluster.requests())
        .extracting(Request::toString)
        .containsExactly("status HostedControlPlane demo");
    assertThat(world.object().getMetadata().getFinalizers()).isEmpty();
  }

  @Test
  void deletionWorksWhilePaused() {
    var world = World.settledSample();
    pauseByAnnotation(world);
    world.settle();
    world.delete();
    world.settle();
    assertThat(world.find()).isEmpty();
    assertThat(world.cluster.generated()).isEmpty();
  }

  @Test
  void withoutItsClusterNothingIsMade() {
    var world = World.sample();
    world.cluster.remove(owner(world));
    world.settle();
    assertThat(world.cluster.generated()).isEmpty();
    assertThat(world.condition(ConditionType.READY))
        .returns("OwnerClusterMissing", c -> c.reason())
        .returns("Cluster demo, which owns this object, does not exist", c -> c.message());
  }

  @Test
  void withoutOwnerItWaitsForTheCluster() {
    var world = World.sample();
    var cluster = owner(world);
    world.cluster.remove(cluster);
    world.cluster.edit(world.object(), o -> o.getMetadata().setOwnerReferences(List.of()));
    world.settle();
    assertThat(world.condition(ConditionType.READY).message())
        .isEqualTo("No Cluster refers to this object by spec.controlPlaneRef yet");

    world.cluster.put(cluster);
    world.settle();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void anotherKindOfControlPlaneWithTheSameNameIsNotThisOne() {
    var world = World.settledSample();
    var before = world.snapshot();
    editOwner(
        world,
        Map.of(
            "controlPlaneRef",
            Map.of(
                "apiGroup", "controlplane.cluster.x-k8s.io",
                "kind", "KubeadmControlPlane",
                "name", World.NAME)));
    world.pass();
    assertThat(world.condition(ConditionType.READY).reason())
        .isEqualTo("NotTheControlPlaneOfCluster");
    assertThat(world.cluster.requests())
        .extracting(Request::toString)
        .contains("status HostedControlPlane demo")
        .noneMatch(r -> r.startsWith("apply") || r.startsWith("delete"));
    assertThat(world.snapshot().keySet()).isEqualTo(before.keySet());
  }

  @Test
  void secondControlPlaneOfAClusterIsRefusedAndChangesNothing() {
    var world = World.settledSample();
    var before = world.snapshot();
    var second = Manifests.copy(world.object());
    second.getMetadata().setName("second");
    second.getMetadata().setUid("another");
    second.getMetadata().setFinalizers(List.of());
    second.setStatus(null);
    world.cluster.put(second);
    world.passOver("second");
    assertThat(world.snapshot()).isEqualTo(before);
    assertThat(world.conditionOf("second", ConditionType.READY).reason())
        .isEqualTo("NotTheControlPlaneOfCluster");
    assertThat(world.cluster.requests())
        .extracting(Request::toString)
        .containsExactly("status HostedControlPlane second");
  }

  @Test
  void deletionOfAControlPlaneThatTheClusterLeftTouchesNothingOfItsSuccessor() {
    var world = World.settledSample();
    var former = Manifests.copy(world.object());
    former.getMetadata().setName("former");
    former.getMetadata().setUid("another");
    world.cluster.put(former);
    var before = world.snapshot();
    world.cluster.remove(former);
    world.passOver("former");
    world.passOver("former");
    assertThat(world.cluster.get(HostedControlPlane.class, World.NAMESPACE, "former")).isEmpty();
    assertThat(world.snapshot()).isEqualTo(before);
  }

  @Test
  void invalidSpecIsNamedAndChangesNothing() {
    var world = World.settledSample();
    var before = world.cluster.generated();
    world.edit(Map.of("version", "banana"));
    world.settle();
    assertThat(world.condition(ConditionType.READY))
        .returns("InvalidSpec", c -> c.reason())
        .extracting(c -> c.message())
        .asString()
        .contains("spec.version", "banana", "v1.31 to v1.37");
    assertThat(world.cluster.generated()).isEqualTo(before);

    world.edit(Map.of("version", "v1.36.3"));
    editOwner(world, Map.of("clusterNetwork", Map.of("pods", Map.of("cidrBlocks", List.of("x")))));
    world.settle();
    assertThat(world.condition(ConditionType.READY).message())
        .contains("spec.clusterNetwork.pods.cidrBlocks", "\"x\"");
  }

  @Test
  void oneObjectThatCannotBeWrittenKeepsNoOtherFromBeingWritten() {
    var world = World.sample();
    world.cluster.disturb((request, moment) -> {
      if (request.object().equals("StatefulSet demo-etcd") && moment == Moment.BEFORE) {
        throw new KubernetesClientException("StatefulSet demo-etcd: quota exceeded");
      }
    });
    assertThatThrownBy(world::pass).hasMessageContaining("quota exceeded");
    for (int i = 0; i < 12; i++) {
      world.round();
    }
    assertThat(world.condition(ConditionType.ETCD))
        .returns("False", c -> c.status())
        .returns("ReconcileFailed", c -> c.reason())
        .returns("StatefulSet demo-etcd: quota exceeded", c -> c.message());
    assertThat(world.condition(ConditionType.CERTIFICATES).status()).isEqualTo("True");
    assertThat(world.condition(ConditionType.READY).message()).contains("quota exceeded");
    assertThat(world.object().getStatus().observedGeneration())
        .as("generation that was worked off without an error")
        .isNull();
    assertThat(world.cluster.all(Deployment.class)).hasSize(3);
    assertThat(world.cluster.get(PodDisruptionBudget.class, World.NAMESPACE, "demo-etcd"))
        .as("what comes after it in the same step")
        .isPresent();
    // Every pass passes the failure on, so that the caller backs off.
    assertThatThrownBy(world::pass).isInstanceOf(KubernetesClientException.class);

    world.cluster.disturb(Disturbance.NONE);
    world.settle();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.object().getStatus().observedGeneration())
        .isEqualTo(world.object().getMetadata().getGeneration());
  }

  @Test
  void everyFailureOfAPassIsPassedOn() {
    var world = World.sample();
    world.cluster.disturb((request, moment) -> {
      if (request.verb().equals("apply") && moment == Moment.BEFORE) {
        throw new KubernetesClientException(request + " failed");
      }
    });
    assertThatThrownBy(world::pass)
        .isInstanceOf(KubernetesClientException.class)
        .satisfies(e -> assertThat(e.getSuppressed()).hasSizeGreaterThan(20));
  }

  @Test
  void withoutFinalizerNothingIsMade() {
    var world = World.sample();
    world.cluster.disturb((request, moment) -> {
      if (request.verb().equals("finalizer") && moment == Moment.BEFORE) {
        throw new KubernetesClientException("no finalizer");
      }
    });
    assertThatThrownBy(world::pass).hasMessage("no finalizer");
    assertThat(world.cluster.generated()).isEmpty();
  }

  @Test
  void deletionLeavesNothingAndRemovesTheFinalizerLast() {
    var world = World.settledSample();
    world.delete();
    boolean changing = true;
    while (changing) {
      changing = world.round();
      if (world.find().isEmpty()) {
        break;
      }
      assertThat(world.object().getMetadata().getFinalizers()).contains(Names.FINALIZER);
      if (!world.cluster.all(StatefulSet.class).isEmpty()) {
        assertThat(world.cluster.all(PersistentVolumeClaim.class)).hasSize(3);
      }
      if (!world.cluster.all(Pod.class).isEmpty()) {
        assertThat(world.cluster.get(Secret.class, World.NAMESPACE, "demo-etcd-server"))
            .as("what pods mount, as long as there are pods")
            .isPresent();
      }
    }
    assertThat(world.find()).isEmpty();
    assertThat(world.cluster.generated()).isEmpty();
    var requests = world.cluster.requests();
    assertThat(requests.getLast().toString()).isEqualTo("no finalizer HostedControlPlane demo");
    assertThat(requests)
        .filteredOn(r -> r.verb().equals("delete"))
        .doesNotHaveDuplicates()
        .allMatch(r -> !r.object().startsWith("Pod "));
  }

  @Test
  void deletionSaysWhatItWaitsFor() {
    var world = World.settledSample();
    var route = world.get(TLSRoute.class, "demo");
    world.cluster.edit(route, r -> r.getMetadata().setFinalizers(List.of("example.test/hold")));
    world.delete();
    world.settle();
    assertThat(world.condition(ConditionType.DELETING))
        .returns("True", c -> c.status())
        .returns("Waiting until these are gone: TLSRoute demo", c -> c.message());
    assertThat(world.condition(ConditionType.AVAILABLE).status()).isEqualTo("False");
    world.cluster.forgetRequests();
    world.pass();
    assertThat(world.cluster.requests()).as("while it waits").isEmpty();

    var held = world.get(TLSRoute.class, "demo");
    world.cluster.edit(held, r -> r.getMetadata().setFinalizers(List.of()));
    world.cluster.remove(world.get(TLSRoute.class, "demo"));
    world.settle();
    assertThat(world.find()).isEmpty();
  }

  @Test
  void deletionWorksAtEveryStageOfCreationAndWithoutTheCluster() {
    for (int rounds = 0; rounds < 6; rounds++) {
      for (boolean withCluster : List.of(true, false)) {
        var world = World.sample();
        for (int i = 0; i < rounds; i++) {
          world.round();
        }
        if (!withCluster) {
          world.cluster.remove(owner(world));
        }
        world.delete();
        world.settle();
        assertThat(world.find()).as("after %d rounds", rounds).isEmpty();
        assertThat(world.cluster.generated()).as("after %d rounds", rounds).isEmpty();
      }
    }
  }

  @Test
  void deletionThatIsInterruptedAnywhereComesToTheSameEnd() {
    var reference = World.settledSample();
    reference.delete();
    reference.settle();
    int requests = reference.cluster.requests().size();
    for (int k = 1; k <= requests; k += 3) {
      for (var moment : Moment.values()) {
        var world = World.settledSample();
        int number = k;
        var count = new int[1];
        world.cluster.disturb((request, when) -> {
          if (when == moment && ++count[0] == number) {
            throw new KubernetesClientException(request + ": no answer in time");
          }
        });
        world.delete();
        world.settle();
        assertThat(world.find()).as("failure %s request %d", moment, k).isEmpty();
        assertThat(world.cluster.generated()).as("failure %s request %d", moment, k).isEmpty();
      }
    }
  }

  @Test
  void objectThatIsGoneIsNothingToDo() {
    var world = World.settledSample();
    world.delete();
    world.settle();
    world.cluster.forgetRequests();
    world.pass();
    assertThat(world.cluster.requests()).isEmpty();
  }

  @Test
  void infrastructureThatWaitsForAnEndpointIsToldOnce() {
    var world = World.sample();
    world.cluster.putInfrastructure(infrastructure(null));
    editOwner(world, Map.of("infrastructureRef", reference()));
    world.settle();
    assertThat(told(world)).isEqualTo("demo.clusters.hcp.example.test");
    assertThat(world.cluster.requests())
        .filteredOn(r -> r.toString().equals("endpoint ExampleCluster demo"))
        .hasSize(1);
  }

  @Test
  void endpointThatSomebodyElseManagesIsLeftAlone() {
    var world = World.sample();
    world.cluster.putInfrastructure(infrastructure("managed.example.test"));
    editOwner(world, Map.of("infrastructureRef", reference()));
    world.settle();
    assertThat(told(world)).isEqualTo("managed.example.test");
  }

  private static Map<String, Object> reference() {
    return Map.of(
        "apiGroup", "infrastructure.example.test", "kind", "ExampleCluster", "name", "demo");
  }

  private static Object told(World world) {
    return world
        .cluster
        .findInfrastructureCluster(
            "infrastructure.example.test", "ExampleCluster", World.NAMESPACE, "demo")
        .map(i -> i.get("spec", "controlPlaneEndpoint", "host"))
        .map(Objects::requireNonNull)
        .orElseThrow();
  }

  private static GenericKubernetesResource infrastructure(String host) {
    var object = new GenericKubernetesResource();
    object.setApiVersion("infrastructure.example.test/v1");
    object.setKind("ExampleCluster");
    object.setMetadata(
        new ObjectMetaBuilder().withName("demo").withNamespace(World.NAMESPACE).build());
    object.setAdditionalProperty(
        "spec",
        host == null
            ? Map.of()
            : Map.of("controlPlaneEndpoint", Map.of("host", host, "port", 443)));
    return object;
  }
}
