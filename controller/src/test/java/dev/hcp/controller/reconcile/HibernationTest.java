package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.TLSRoute;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A control plane without pods, on the way there and back. */
final class HibernationTest {
  private static final String API = "demo-api-server";
  private static final List<String> FOLLOWERS =
      List.of("demo-controller-manager", "demo-scheduler");
  private static final int ROUNDS = 60;

  private final World world = World.settledSample();

  private static void hibernate(World world) {
    world.spec("hibernated: true");
  }

  private static void wake(World world) {
    world.spec("hibernated: false");
  }

  private static int wanted(World world, String deployment) {
    return world.get(Deployment.class, deployment).getSpec().getReplicas();
  }

  private static int members(World world) {
    return world.get(StatefulSet.class, "demo-etcd").getSpec().getReplicas();
  }

  private static long pods(World world, String prefix) {
    return world.cluster.all(Pod.class).stream()
        .filter(pod -> pod.getMetadata().getName().startsWith(prefix))
        .count();
  }

  private static int ready(World world) {
    return Objects.requireNonNullElse(
        world.get(StatefulSet.class, "demo-etcd").getStatus().getReadyReplicas(), 0);
  }

  private static int available(World world) {
    return Objects.requireNonNullElse(
        world.get(Deployment.class, API).getStatus().getAvailableReplicas(), 0);
  }

  /** Nothing is stopped under those who need it. */
  private static void assertStopsInOrder(World world) {
    if (wanted(world, API) == 0) {
      FOLLOWERS.forEach(name -> assertThat(pods(world, name)).as(name).isZero());
    }
    if (members(world) == 0) {
      assertThat(pods(world, API)).isZero();
    }
  }

  private static void stop(World world) {
    hibernate(world);
    for (int i = 0; i < ROUNDS && world.round(); i++) {
      assertStopsInOrder(world);
    }
    assertThat(world.cluster.all(Pod.class)).isEmpty();
    assertThat(world.condition(ConditionType.HIBERNATED).status()).isEqualTo("True");
  }

  /** Nothing starts before what it needs. */
  private static void start(World world) {
    wake(world);
    for (int i = 0; i < ROUNDS; i++) {
      int etcd = ready(world);
      int servers = available(world);
      int before = wanted(world, API);
      boolean changed = world.round();
      assertThat(world.object().getStatus().version())
          .as("another minor version is counted from it")
          .isEqualTo("v1.36.3");
      if (before == 0 && wanted(world, API) > 0) {
        assertThat(etcd).as("members that are ready").isGreaterThanOrEqualTo(2);
      }
      FOLLOWERS.stream()
          .filter(name -> wanted(world, name) > 0)
          .forEach(name -> assertThat(Math.max(servers, available(world))).as(name).isPositive());
      if (!changed) {
        break;
      }
    }
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  private static List<String> claims(World world) {
    return world.cluster.all(PersistentVolumeClaim.class).stream()
        .map(claim -> claim.getMetadata().getName() + claim.getMetadata().getUid())
        .toList();
  }

  @Test
  void allStopsInOrderAndNothingElseGoes() {
    var claims = claims(world);
    var kept =
        world.cluster.generated().stream()
            .filter(object -> !(object instanceof Pod))
            .map(HasMetadata::getFullResourceName)
            .toList();
    stop(world);
    assertThat(claims(world)).isEqualTo(claims).hasSize(3);
    assertThat(
            world.cluster.generated().stream()
                .filter(object -> !(object instanceof Pod))
                .map(HasMetadata::getFullResourceName))
        .containsExactlyInAnyOrderElementsOf(kept);
    assertThat(world.condition(ConditionType.AVAILABLE))
        .returns("False", c -> c.status())
        .returns("Hibernated", c -> c.reason());
    assertThat(world.condition(ConditionType.READY))
        .returns("False", c -> c.status())
        .returns("Hibernated", c -> c.reason());
    assertThat(world.condition(ConditionType.ETCD))
        .returns("Unknown", c -> c.status())
        .returns("Hibernated", c -> c.reason());
    assertThat(world.condition(ConditionType.TLS_ROUTES).status()).isEqualTo("True");
    assertThat(world.condition(ConditionType.SCALING_DOWN).status()).isEqualTo("False");
    var status = world.object().getStatus();
    assertThat(status.replicas()).isZero();
    assertThat(status.availableReplicas()).isZero();
    assertThat(status.version()).isEqualTo("v1.36.3");
    assertThat(Objects.requireNonNull(status.initialization()).controlPlaneInitialized()).isTrue();
    assertThat(world.cluster.events())
        .anyMatch(e -> e.startsWith("NORMAL Hibernated Hibernated: Hibernated is True"))
        .noneMatch(e -> e.startsWith("WARNING"));
    assertThat(world.etcd.all()).isEmpty();
    assertThat(world.hostedClusters.all()).isEmpty();

    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("after a start of the controller").isEmpty();
  }

  @Test
  void allStartsInOrderWithTheSameDataAndTheSameAddress() {
    var identity = world.get(ConfigMap.class, "demo-etcd-identity").getData();
    var membership = world.get(ConfigMap.class, "demo-etcd-membership").getData();
    var claims = claims(world);
    var endpoint = world.object().getSpec().controlPlaneEndpoint();
    var service = world.get(Service.class, "s-demo").getMetadata().getUid();
    var route = world.get(TLSRoute.class, "demo").getMetadata().getUid();
    stop(world);
    start(world);
    assertThat(wanted(world, API)).isEqualTo(3);
    assertThat(members(world)).isEqualTo(3);
    assertThat(world.get(ConfigMap.class, "demo-etcd-identity").getData()).isEqualTo(identity);
    assertThat(world.get(ConfigMap.class, "demo-etcd-membership").getData()).isEqualTo(membership);
    assertThat(claims(world)).isEqualTo(claims);
    assertThat(world.object().getSpec().controlPlaneEndpoint()).isEqualTo(endpoint);
    assertThat(world.get(Service.class, "s-demo").getMetadata().getUid()).isEqualTo(service);
    assertThat(world.get(TLSRoute.class, "demo").getMetadata().getUid()).isEqualTo(route);
    assertThat(world.condition(ConditionType.AVAILABLE).status()).isEqualTo("True");
    assertThat(world.object().getStatus().conditions())
        .noneMatch(c -> c.type().equals(ConditionType.HIBERNATED.value()));
    assertThat(world.cluster.events())
        .noneMatch(e -> e.contains("QuorumLost") || e.contains("EtcdUnreachable"));
    world.assertKeysWereNeverReplaced();
  }

  @Test
  void anotherVersionIsForWhatRuns() {
    stop(world);
    world.spec("version: v1.37.1");
    world.settle();
    assertThat(version(API)).isEqualTo("v1.36.3");
    wake(world);
    boolean stillOld = false;
    for (int i = 0; i < ROUNDS && world.round(); i++) {
      if (wanted(world, API) == 0) {
        assertThat(version(API)).isEqualTo("v1.36.3");
        stillOld = true;
      }
    }
    assertThat(stillOld).isTrue();
    assertThat(version(API)).isEqualTo("v1.37.1");
    assertThat(version("demo-scheduler")).isEqualTo("v1.37.1");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  private String version(String deployment) {
    return world
        .get(Deployment.class, deployment)
        .getSpec()
        .getTemplate()
        .getMetadata()
        .getAnnotations()
        .get(Labels.VERSION_ANNOTATION);
  }

  @Test
  void aCrashAtAnyRequestChangesNothingOfTheOrder() {
    assertThat(world.crashAfterEachRequest(HibernationTest::stop)).isGreaterThan(3);
  }

  @Test
  void itGoesOnWhereItWasIfItIsWokenOnTheWay() {
    hibernate(world);
    for (int i = 0; i < 3; i++) {
      var _ = world.round();
    }
    assertThat(wanted(world, "demo-scheduler")).isZero();
    start(world);
    assertThat(wanted(world, "demo-scheduler")).isEqualTo(1);
  }

  @Test
  void backupsAreNotMadeAndNoneIsOverdue() {
    world.putStore();
    world.spec("etcd: {backup: {schedule: '30 2 * * *', secret: {name: s3}}}");
    world.settle();
    assertThat(world.object().getStatus().etcdNextBackupTime()).isNotNull();
    stop(world);
    assertThat(world.backups.order(World.NAMESPACE, World.NAME)).isEmpty();
    assertThat(world.object().getStatus().etcdNextBackupTime()).isNull();
    start(world);
    assertThat(world.backups.order(World.NAMESPACE, World.NAME)).isPresent();
  }

  @Test
  void nothingIsRestoredUntilItWakesUp() {
    stop(world);
    world.cluster.put(
        Manifests.read(
                """
                apiVersion: controlplane.cluster.x-k8s.io/v1alpha1
                kind: HostedControlPlaneRestore
                metadata: {name: back, namespace: clusters, creationTimestamp: "2026-01-01T00:00:00Z"}
                spec: {controlPlaneName: demo, source: {backup: newest}}
                """)
            .getFirst());
    world.settle();
    var status = world.get(HostedControlPlaneRestore.class, "back").getStatus();
    assertThat(status.conditions())
        .anyMatch(c ->
            c.reason().equals("Hibernated")
                && c.message().contains("set its spec.hibernated to false"));
    assertThat(world.cluster.all(Pod.class)).isEmpty();
    assertThat(world.condition(ConditionType.HIBERNATED).status()).isEqualTo("True");
  }

  @Test
  void oneThatHibernatesCanBeDeleted() {
    stop(world);
    world.delete();
    world.settle();
    assertThat(world.find()).isEmpty();
    assertThat(world.cluster.generated()).isEmpty();
    assertThat(claims(world)).isEmpty();
  }

  @Test
  void etcdStartsOnceMoreForAFinalSnapshot() {
    world.putStore();
    world.spec(
        "etcd: {backup: {schedule: '30 2 * * *', secret: {name: s3}, finalSnapshot: OnDeletion}}");
    world.settle();
    stop(world);
    world.delete();
    for (int i = 0; i < 20; i++) {
      var _ = world.round();
    }
    assertThat(members(world)).isEqualTo(3);
    assertThat(ready(world)).isEqualTo(3);
    assertThat(pods(world, API)).isZero();
    assertThat(world.backups.order(World.NAMESPACE, World.NAME)).isPresent();
  }

  @Test
  void oneThatNeverRanMakesNothing() {
    var fresh = World.sample();
    hibernate(fresh);
    fresh.settle();
    assertThat(fresh.condition(ConditionType.HIBERNATED).status()).isEqualTo("True");
    assertThat(fresh.cluster.generated()).isEmpty();
    wake(fresh);
    fresh.settle();
    assertThat(fresh.condition(ConditionType.READY).status()).isEqualTo("True");
  }
}
