package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.memory.Disturbance;
import dev.hcp.controller.memory.Disturbance.Moment;
import dev.hcp.controller.memory.Request;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerStatusBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.List;
import org.junit.jupiter.api.Test;

/** API servers whose number follows the load. */
final class AutoscalingTest {
  private static final String NAME = "demo-api-server";
  private static final String ON =
      """
      deployment:
        apiServer:
          resources: {requests: {cpu: 500m}}
          autoscaling: {minReplicas: 2, maxReplicas: 6}
      """;
  private static final String OFF = "deployment: {apiServer: {resources: {requests: {cpu: 500m}}}}";

  private final World world = World.settledSample();

  private static Deployment deployment(World world) {
    return world.get(Deployment.class, NAME);
  }

  private static int wanted(World world) {
    return deployment(world).getSpec().getReplicas();
  }

  private HorizontalPodAutoscaler autoscaler() {
    return world.get(HorizontalPodAutoscaler.class, NAME);
  }

  private boolean isPaused() {
    return autoscaler().getSpec().getBehavior().getScaleUp().getSelectPolicy().equals("Disabled")
        && autoscaler().getSpec().getBehavior().getScaleDown().getSelectPolicy().equals("Disabled");
  }

  /** What the autoscaler writes. */
  private static void scale(World world, int number) {
    world.cluster.edit(deployment(world), d -> d.getSpec().setReplicas(number));
    world.cluster.catchUp();
  }

  /** What the autoscaler says. */
  private void say(String active, String reason, String limited) {
    world.cluster.edit(
        autoscaler(),
        a ->
            a.setStatus(
                new HorizontalPodAutoscalerStatusBuilder()
                    .withDesiredReplicas(2)
                    .addNewCondition()
                    .withType("AbleToScale")
                    .withStatus("True")
                    .withReason("ReadyForNewScale")
                    .endCondition()
                    .addNewCondition()
                    .withType("ScalingActive")
                    .withStatus(active)
                    .withReason(reason)
                    .withMessage("as it is")
                    .endCondition()
                    .addNewCondition()
                    .withType("ScalingLimited")
                    .withStatus(limited.isEmpty() ? "False" : "True")
                    .withReason(limited.isEmpty() ? "DesiredWithinRange" : limited)
                    .endCondition()
                    .build()));
    world.cluster.catchUp();
  }

  private String status(ConditionType type) {
    return world.condition(type).status();
  }

  @Test
  void theNumberIsTheAutoscalersOnceItHasWrittenIt() {
    world.spec(ON);
    world.settle();
    assertThat(wanted(world)).as("as before").isEqualTo(3);
    assertThat(autoscaler().getSpec().getMinReplicas()).isEqualTo(2);
    assertThat(autoscaler().getSpec().getMaxReplicas()).isEqualTo(6);
    assertThat(isPaused()).isFalse();
    assertThat(autoscaler().getMetadata().getOwnerReferences()).hasSize(1);

    scale(world, 5);
    world.pass();
    assertThat(status(ConditionType.SCALING_UP)).isEqualTo("True");
    assertThat(status(ConditionType.ROLLING_OUT)).isEqualTo("False");
    assertThat(status(ConditionType.READY)).as("enough are there").isEqualTo("True");
    world.settle();
    assertThat(wanted(world)).isEqualTo(5);
    assertThat(world.object().getStatus().replicas()).isEqualTo(5);
    assertThat(world.object().getSpec().replicas()).as("the user's").isEqualTo(3);
    for (var type : List.of(ConditionType.SCALING_UP, ConditionType.SCALING_DOWN)) {
      assertThat(status(type)).isEqualTo("False");
    }
    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("after a start of the controller").isEmpty();

    scale(world, 2);
    world.pass();
    assertThat(status(ConditionType.SCALING_DOWN)).isEqualTo("True");
    assertThat(status(ConditionType.READY)).isEqualTo("True");
    world.settle();
    assertThat(wanted(world)).isEqualTo(2);
    assertThat(world.get(PodDisruptionBudget.class, NAME)).isNotNull();
  }

  @Test
  void aScaleFromOutsideOfTheSpecChangesTheLowerLimitOnly() {
    world.spec(ON.replace("minReplicas: 2, ", ""));
    world.settle();
    assertThat(autoscaler().getSpec().getMinReplicas()).isEqualTo(3);
    scale(world, 5);
    world.spec("replicas: 4");
    world.settle();
    assertThat(autoscaler().getSpec().getMinReplicas()).isEqualTo(4);
    assertThat(wanted(world)).isEqualTo(5);
    world.spec("replicas: 9");
    world.settle();
    assertThat(autoscaler().getSpec().getMinReplicas()).as("not above the upper").isEqualTo(6);
  }

  @Test
  void turnedOffThereAreAsManyAsTheSpecSays() {
    world.spec(ON);
    world.settle();
    scale(world, 5);
    world.settle();
    world.spec(OFF);
    for (int i = 0; i < 20; i++) {
      var _ = world.round();
      assertThat(deployment(world).getStatus().getAvailableReplicas()).isGreaterThanOrEqualTo(3);
    }
    world.settle();
    assertThat(wanted(world)).isEqualTo(3);
    assertThat(world.cluster.get(HorizontalPodAutoscaler.class, World.NAMESPACE, NAME)).isEmpty();
    assertThat(world.object().getStatus().conditions())
        .noneMatch(c -> c.type().equals(ConditionType.AUTOSCALING.value()));
  }

  /** The autoscaler writes between what a pass sees and what it applies. */
  @Test
  void nothingIsTakenBackThatTheAutoscalerWritesMeanwhile() {
    world.spec(ON);
    world.settle();
    world.spec(ON.replace("500m", "600m"));
    var struck = new boolean[1];
    world.cluster.disturb(
        new Disturbance() {
          @Override
          public void strike(Request request, Moment moment) {
            if (!struck[0]
                && moment == Moment.BEFORE
                && request.verb().equals("apply")
                && request.object().equals("Deployment " + NAME)) {
              struck[0] = true;
              scale(world, 6);
            }
          }
        });
    world.pass();
    assertThat(struck[0]).isTrue();
    assertThat(wanted(world)).isEqualTo(6);
    world.settle();
    assertThat(wanted(world)).isEqualTo(6);
    assertThat(
            deployment(world)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getResources()
                .getRequests()
                .get("cpu"))
        .hasToString("600m");
  }

  @Test
  void aCrashAtAnyRequestNeverLeavesFewerThanThereWere() {
    var off = world;
    var on = world.copy();
    on.spec(ON);
    on.settle();
    scale(on, 5);
    on.settle();
    assertThat(crashes(off, ON, 3)).isGreaterThan(2);
    assertThat(crashes(on, OFF, 3)).isGreaterThan(2);
  }

  /** Changes the spec, and crashes once after each request; how many requests there were. */
  private static int crashes(World before, String spec, int number) {
    return before.crashAfterEachRequest(other -> {
      other.spec(spec);
      other.settle();
      assertThat(wanted(other)).isEqualTo(number);
      assertThat(
              other.cluster.get(HorizontalPodAutoscaler.class, World.NAMESPACE, NAME).isPresent())
          .isEqualTo(spec.equals(ON));
    });
  }

  @Test
  void theNumberStaysWhileApiServersAreReplacedAndFollowersComeLast() {
    world.spec(ON);
    world.settle();
    scale(world, 4);
    world.settle();
    world.spec("version: v1.37.1");
    boolean paused = false;
    for (int i = 0; i < 80 && world.round(); i++) {
      var servers = deployment(world);
      if (servers.getStatus().getUpdatedReplicas() < servers.getStatus().getReplicas()) {
        world.pass();
        assertThat(isPaused()).isTrue();
        assertThat(world.condition(ConditionType.AUTOSCALING).reason())
            .isEqualTo("AutoscalingPaused");
        paused = true;
        assertThat(version("demo-controller-manager")).isEqualTo("v1.36.3");
      }
      assertThat(wanted(world)).isEqualTo(4);
    }
    assertThat(paused).isTrue();
    assertThat(version("demo-controller-manager")).isEqualTo("v1.37.1");
    assertThat(isPaused()).isFalse();
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
  void itIsToldWhatHindersIt() {
    world.spec(ON);
    world.settle();
    assertThat(status(ConditionType.AUTOSCALING)).isEqualTo("Unknown");
    say("False", "FailedGetContainerResourceMetric", "");
    world.settle();
    assertThat(world.condition(ConditionType.AUTOSCALING))
        .returns("False", c -> c.status())
        .returns("AutoscalingInactive", c -> c.reason());
    assertThat(world.condition(ConditionType.AUTOSCALING).message())
        .contains("FailedGetContainerResourceMetric: as it is", "metrics.k8s.io", "stays at 3");
    assertThat(status(ConditionType.READY)).isEqualTo("True");
    assertThat(world.cluster.events())
        .anyMatch(e -> e.startsWith("WARNING AutoscalingInactive APIServerAutoscalingReady"));
    say("True", "ValidMetricFound", "TooManyReplicas");
    world.settle();
    assertThat(world.condition(ConditionType.AUTOSCALING).reason()).isEqualTo("AutoscalingLimited");
    say("True", "ValidMetricFound", "TooFewReplicas");
    world.settle();
    assertThat(world.condition(ConditionType.AUTOSCALING).reason()).isEqualTo("ReconcileSucceeded");
  }

  @Test
  void aPodThatFindsNoNodeIsMissed() {
    world.spec(ON);
    world.settle();
    scale(world, 4);
    world.cluster.put(
        new PodBuilder()
            .withNewMetadata()
            .withName(NAME + "-new")
            .withNamespace(World.NAMESPACE)
            .withLabels(deployment(world).getSpec().getTemplate().getMetadata().getLabels())
            .endMetadata()
            .withNewStatus()
            .addNewCondition()
            .withType("PodScheduled")
            .withStatus("False")
            .withReason("Unschedulable")
            .withMessage("no node has room")
            .endCondition()
            .endStatus()
            .build());
    world.cluster.edit(
        deployment(world),
        d -> {
          d.getStatus().setReplicas(4);
          d.getStatus().setUpdatedReplicas(4);
          d.getStatus().setObservedGeneration(d.getMetadata().getGeneration());
        });
    world.cluster.catchUp();
    world.pass();
    assertThat(world.condition(ConditionType.API_SERVER))
        .returns("False", c -> c.status())
        .returns("PodsNotReady", c -> c.reason());
    assertThat(world.condition(ConditionType.API_SERVER).message()).contains("no node has room");
  }
}
