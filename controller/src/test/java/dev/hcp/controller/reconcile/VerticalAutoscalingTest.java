package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.autoscaling.PodUpdatePolicy;
import dev.hcp.api.autoscaling.UpdateMode;
import dev.hcp.api.autoscaling.VerticalPodAutoscaler;
import dev.hcp.api.autoscaling.VerticalPodAutoscalerCondition;
import dev.hcp.api.autoscaling.VerticalPodAutoscalerSpec;
import dev.hcp.api.autoscaling.VerticalPodAutoscalerStatus;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.scenario.Scenario;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Pods whose size follows what they use. */
final class VerticalAutoscalingTest {
  private static final String API = "demo-api-server";
  private static final String ETCD = "demo-etcd";
  private static final String SCHEDULER = "demo-scheduler";
  private static final String MANAGER = "demo-controller-manager";

  private static final String AUTO =
      "verticalAutoscaling: {mode: Auto, maxAllowed: {cpu: '2', memory: 8Gi}}";
  private static final String ON =
      """
      deployment:
        apiServer: {%1$s}
        controllerManager: {%1$s}
        scheduler: {%1$s}
      etcd: {%1$s}
      """
          .formatted(AUTO);
  private static final String OFF = "deployment: {}\netcd: {}";

  private final World world = World.settledSample();

  private static List<HasMetadata> workloads(World world) {
    return List.of(
        world.get(StatefulSet.class, ETCD),
        world.get(Deployment.class, API),
        world.get(Deployment.class, MANAGER),
        world.get(Deployment.class, SCHEDULER));
  }

  private static List<OwnerReference> owners(World world) {
    return workloads(world).stream()
        .flatMap(workload -> workload.getMetadata().getOwnerReferences().stream())
        .toList();
  }

  private static String mode(World world, String name) {
    return world.get(VerticalPodAutoscaler.class, name).getSpec().updatePolicy().updateMode();
  }

  private static List<String> autoscalers(World world) {
    return world.cluster.all(VerticalPodAutoscaler.class).stream()
        .map(one -> one.getMetadata().getName())
        .sorted()
        .toList();
  }

  /** What the recommender says of all. */
  private void say(String type, String message) {
    world
        .cluster
        .all(VerticalPodAutoscaler.class)
        .forEach(one ->
            world.cluster.edit(
                one,
                a ->
                    a.setStatus(
                        new VerticalPodAutoscalerStatus(
                            List.of(
                                new VerticalPodAutoscalerCondition(
                                    type, "True", null, message))))));
    world.cluster.catchUp();
  }

  private void turnOn() {
    world.cluster.installVerticalPodAutoscaler();
    world.spec(ON);
    world.settle();
    say("RecommendationProvided", "");
    world.settle();
  }

  private static List<String> pods(World world) {
    return world.cluster.all(Pod.class).stream()
        .map(pod -> pod.getMetadata().getName() + pod.getMetadata().getUid())
        .sorted()
        .toList();
  }

  @Test
  void eachComponentGetsOneAndNoPodIsReplacedForThat() {
    var before = pods(world);
    world.cluster.installVerticalPodAutoscaler();
    world.spec(ON);
    world.settle();
    assertThat(autoscalers(world)).containsExactly(API, MANAGER, ETCD, SCHEDULER);
    assertThat(world.cluster.all(VerticalPodAutoscaler.class))
        .allSatisfy(one ->
            assertThat(one.getMetadata().getOwnerReferences())
                .singleElement()
                .returns(true, OwnerReference::getController));
    assertThat(world.condition(ConditionType.VERTICAL_AUTOSCALING))
        .returns("Unknown", c -> c.status())
        .returns("WaitingForAutoscaler", c -> c.reason());
    say("RecommendationProvided", "");
    world.settle();
    assertThat(world.condition(ConditionType.VERTICAL_AUTOSCALING).status()).isEqualTo("True");
    assertThat(pods(world)).isEqualTo(before);
    for (var name : List.of(API, MANAGER, SCHEDULER)) {
      assertThat(mode(world, name)).isEqualTo(UpdateMode.IN_PLACE_OR_RECREATE.value());
    }
    assertThat(mode(world, ETCD))
        .as("only we replace members")
        .isEqualTo(UpdateMode.INITIAL.value());

    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("after a start of the controller").isEmpty();
  }

  /** The autoscaler takes the last controller that can be scaled for whose pods these are. */
  @Test
  void whosePodsAreSizedHasNoControllerButIsOwned() {
    assertThat(owners(world)).hasSize(4).allMatch(OwnerReference::getController);
    turnOn();
    assertThat(owners(world))
        .hasSize(4)
        .allMatch(owner -> !Boolean.TRUE.equals(owner.getController()))
        .allMatch(owner -> owner.getUid().equals(world.object().getMetadata().getUid()));
    world.spec(OFF);
    world.settle();
    assertThat(owners(world)).hasSize(4).allMatch(OwnerReference::getController);
  }

  @Test
  void turnedOffTheyGo() {
    turnOn();
    world.spec("deployment: {scheduler: {%s}}".formatted(AUTO));
    world.settle();
    assertThat(autoscalers(world)).as("one component").containsExactly(ETCD, SCHEDULER);
    world.spec(OFF);
    world.settle();
    assertThat(autoscalers(world)).isEmpty();
    assertThat(world.object().getStatus().conditions())
        .noneMatch(c -> c.type().equals(ConditionType.VERTICAL_AUTOSCALING.value()));
  }

  @Test
  void withoutTheApiItIsSaidOnceAndStartsWithIt() {
    world.spec(ON);
    world.settle();
    assertThat(world.condition(ConditionType.VERTICAL_AUTOSCALING))
        .returns("False", c -> c.status())
        .returns("VerticalPodAutoscalerNotServed", c -> c.reason());
    assertThat(world.condition(ConditionType.VERTICAL_AUTOSCALING).message())
        .contains("verticalpodautoscalers.autoscaling.k8s.io", "v1");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(notServedEvents()).isEqualTo(1);
    world.cluster.forgetRequests();
    assertThat(world.pass()).as("nobody waits for a time").isEmpty();
    assertThat(world.cluster.requests()).isEmpty();
    world.spec("version: v1.36.4");
    world.settle();
    assertThat(world.condition(ConditionType.READY).status())
        .as("all else goes on")
        .isEqualTo("True");
    assertThat(notServedEvents()).isEqualTo(1);

    world.cluster.installVerticalPodAutoscaler();
    world.settle();
    assertThat(autoscalers(world)).hasSize(4);
    say("RecommendationProvided", "");
    world.settle();
    assertThat(world.condition(ConditionType.VERTICAL_AUTOSCALING).status()).isEqualTo("True");

    world.cluster.uninstallVerticalPodAutoscaler();
    world.settle();
    assertThat(autoscalers(world)).isEmpty();
    assertThat(world.condition(ConditionType.VERTICAL_AUTOSCALING).reason())
        .isEqualTo("VerticalPodAutoscalerNotServed");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  private long notServedEvents() {
    return world.cluster.events().stream()
        .filter(
            e -> e.startsWith("WARNING VerticalPodAutoscalerNotServed VerticalAutoscalingReady"))
        .count();
  }

  /** The autoscaler writes into pods, as they are created and while they run. */
  @Test
  void aResizedPodIsNotOneOfAnOldTemplate() {
    turnOn();
    var before = pods(world);
    world
        .cluster
        .all(Pod.class)
        .forEach(pod ->
            world.cluster.edit(
                pod,
                resized -> {
                  resized
                      .getSpec()
                      .getContainers()
                      .forEach(container ->
                          container
                              .getResources()
                              .setRequests(
                                  Map.of(
                                      "cpu", new Quantity("777m"),
                                      "memory", new Quantity("7Gi"))));
                  var annotations = resized.getMetadata().getAnnotations();
                  annotations.put("vpaUpdates", "Pod resources updated by demo");
                  resized.getMetadata().setAnnotations(annotations);
                }));
    world.cluster.catchUp();
    world.cluster.forgetRequests();
    world.settle();
    assertThat(world.cluster.requests()).isEmpty();
    assertThat(pods(world)).isEqualTo(before);
    assertThat(world.cluster.all(Pod.class))
        .isNotEmpty()
        .flatExtracting(pod -> pod.getSpec().getContainers())
        .allSatisfy(container ->
            assertThat(container.getResources().getRequests())
                .containsEntry("memory", new Quantity("7Gi")));
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void podsThatRunKeepTheirSizeWhileOthersAreReplaced() {
    turnOn();
    world.spec(ON.replace("scheduler: {", "scheduler: {replicas: 3, "));
    world.settle();
    world.spec("version: v1.37.1");
    assertThat(replaced()).contains(API, SCHEDULER);
    world.spec("etcd: {podLabels: {other: template}, %s}".formatted(AUTO));
    assertThat(replaced()).containsExactly(ETCD);
    assertThat(mode(world, API)).isEqualTo(UpdateMode.IN_PLACE_OR_RECREATE.value());
    assertThat(world.condition(ConditionType.VERTICAL_AUTOSCALING).reason())
        .isEqualTo("ReconcileSucceeded");
  }

  /** Whose pods were seen being replaced until all was as wanted. */
  private Set<String> replaced() {
    var all = new TreeSet<String>();
    for (int i = 0; i < 80 && world.round(); i++) {
      var now = replacing();
      if (!now.isEmpty()) {
        all.addAll(now);
        world.pass();
        assertThat(mode(world, API)).as("while %s", now).isEqualTo(UpdateMode.INITIAL.value());
        assertThat(mode(world, SCHEDULER)).isEqualTo(UpdateMode.INITIAL.value());
        assertThat(world.condition(ConditionType.VERTICAL_AUTOSCALING))
            .returns("True", c -> c.status())
            .returns("AutoscalingPaused", c -> c.reason());
      }
    }
    return all;
  }

  private List<String> replacing() {
    var members = world.get(StatefulSet.class, ETCD).getStatus();
    return Stream.concat(
            Stream.of(API, MANAGER, SCHEDULER).filter(name -> isReplacing(world, name)),
            members.getUpdatedReplicas() < members.getReplicas() ? Stream.of(ETCD) : Stream.empty())
        .toList();
  }

  private static boolean isReplacing(World world, String deployment) {
    var status = world.get(Deployment.class, deployment).getStatus();
    return status.getUpdatedReplicas() < status.getReplicas();
  }

  @Test
  void podsThatRunKeepTheirSizeWhileABackupIsRestored() {
    var restoring =
        sized("restore")
            .edit(
                ConfigMap.class,
                "demo-etcd-membership",
                map -> {
                  map.getData().put("restore-stage", "FENCED");
                  map.getData().put("restore-uid", "1");
                  map.getData().put("restore-name", "demo-1");
                  map.getData().put("restore-backup", "20260101T023000Z-3f9a2c1b");
                });
    assertThat(modes(restoring)).containsOnly(UpdateMode.INITIAL.value());
    assertThat(modes(sized("restore")))
        .as("until it goes over")
        .contains(UpdateMode.IN_PLACE_OR_RECREATE.value());
  }

  @Test
  void podsThatRunKeepTheirSizeWhileEtcdGoesOnWithTheDataOfOneMember() {
    var recovering =
        sized("restore")
            .without(HostedControlPlaneRestore.class, "demo-1")
            .with(
                """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: demo-etcd-membership, namespace: clusters}
                data: {members: "3", initial-cluster-state: existing, first: "0", survivor: "1"}
                """);
    assertThat(modes(recovering)).containsOnly(UpdateMode.INITIAL.value());
    assertThat(modes(sized("minimal"))).contains(UpdateMode.IN_PLACE_OR_RECREATE.value());
  }

  private static Scenario sized(String name) {
    return Scenario.named(name)
        .spec(
            "deployment: {apiServer: {%1$s}, controllerManager: {%1$s}, scheduler: {%1$s}}"
                .formatted(AUTO))
        .with(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: verticalpodautoscalers.autoscaling.k8s.io}
            """);
  }

  private static List<String> modes(Scenario scenario) {
    var modes =
        Plan.of(scenario.observation()).steps().stream()
            .flatMap(step -> step.desired().stream())
            .filter(VerticalPodAutoscaler.class::isInstance)
            .map(VerticalPodAutoscaler.class::cast)
            .map(one -> one.getSpec().updatePolicy().updateMode())
            .toList();
    assertThat(modes).hasSize(3);
    return modes;
  }

  @Test
  void recommendationsAloneTouchNothing() {
    world.cluster.installVerticalPodAutoscaler();
    world.spec("deployment: {apiServer: {verticalAutoscaling: {mode: 'Off'}}}");
    world.settle();
    assertThat(mode(world, API)).isEqualTo(UpdateMode.OFF.value());
    world.spec("version: v1.36.4");
    for (int i = 0; i < 80 && world.round(); i++) {
      assertThat(mode(world, API)).isEqualTo(UpdateMode.OFF.value());
    }
  }

  @Test
  void itIsToldWhatHindersIt() {
    turnOn();
    say("ConfigUnsupported", "it has a parent controller");
    world.settle();
    assertThat(world.condition(ConditionType.VERTICAL_AUTOSCALING))
        .returns("False", c -> c.status())
        .returns("AutoscalingInactive", c -> c.reason());
    assertThat(world.condition(ConditionType.VERTICAL_AUTOSCALING).message())
        .contains("it has a parent controller", "demo-etcd");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.cluster.events())
        .anyMatch(e -> e.startsWith("WARNING AutoscalingInactive VerticalAutoscalingReady"));
  }

  /** There is nothing to resize, and what was learnt of the pods stays. */
  @Test
  void itSleepsWithTheControlPlane() {
    turnOn();
    world.spec("hibernated: true");
    world.settle();
    assertThat(world.cluster.all(Pod.class)).isEmpty();
    assertThat(autoscalers(world)).hasSize(4);
    assertThat(world.condition(ConditionType.VERTICAL_AUTOSCALING))
        .returns("Unknown", c -> c.status())
        .returns("Hibernated", c -> c.reason());
    world.spec("hibernated: false");
    world.settle();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(mode(world, API)).isEqualTo(UpdateMode.IN_PLACE_OR_RECREATE.value());
  }

  @Test
  void theyGoWithTheControlPlane() {
    turnOn();
    world.delete();
    world.settle();
    assertThat(world.find()).isEmpty();
    assertThat(autoscalers(world)).isEmpty();
  }

  @Test
  void driftIsTakenBack() {
    turnOn();
    world.cluster.edit(
        world.get(VerticalPodAutoscaler.class, ETCD),
        a -> {
          var spec = a.getSpec();
          a.setSpec(
              new VerticalPodAutoscalerSpec(
                  spec.targetRef(),
                  new PodUpdatePolicy(UpdateMode.IN_PLACE_OR_RECREATE.value(), null),
                  spec.resourcePolicy()));
        });
    world.cluster.catchUp();
    world.settle();
    assertThat(mode(world, ETCD)).isEqualTo(UpdateMode.INITIAL.value());
  }

  @Test
  void aCrashAtAnyRequestLeavesWhatIsWanted() {
    world.cluster.installVerticalPodAutoscaler();
    world.settle();
    var off = world;
    var on = world.copy();
    on.spec(ON);
    on.settle();
    assertThat(crashes(off, ON, on.snapshot())).isGreaterThan(2);
    assertThat(crashes(on, OFF, off.copy().snapshot())).isGreaterThan(2);
  }

  /** Changes the spec, and crashes once after each request; how many requests there were. */
  private static int crashes(World before, String spec, Map<String, Object> wanted) {
    return before.crashAfterEachRequest(other -> {
      other.spec(spec);
      other.settle();
      assertThat(autoscalers(other)).hasSize(spec.equals(ON) ? 4 : 0);
      assertThat(owners(other))
          .allMatch(owner -> spec.equals(ON) != Boolean.TRUE.equals(owner.getController()));
      assertThat(other.snapshot().keySet()).isEqualTo(wanted.keySet());
    });
  }
}
