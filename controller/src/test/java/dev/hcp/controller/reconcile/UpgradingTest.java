package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.VersionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Another version, and pods that start anew, from the request to its end. */
final class UpgradingTest {
  private final World world = World.settledSample();

  private String template(String deployment, String annotation) {
    return String.valueOf(
        world
            .get(Deployment.class, deployment)
            .getSpec()
            .getTemplate()
            .getMetadata()
            .getAnnotations()
            .get(annotation));
  }

  private String version() {
    return template("demo-api-server", Labels.VERSION_ANNOTATION);
  }

  private boolean isBlocked() {
    return world.object().getStatus().conditions().stream()
        .anyMatch(c -> c.type().equals(ConditionType.UPGRADE_BLOCKED.value()));
  }

  @Test
  void whatWouldBreakHoldsAnUpgradeBackUntilItIsMended() {
    world.hostedClusters.breaks(List.of(), List.of("things of a.example/v1"), List.of());
    world.spec("version: v1.37.1");
    world.settle();
    assertThat(version()).isEqualTo("v1.36.3");
    assertThat(world.condition(ConditionType.UPGRADE_BLOCKED).reason())
        .isEqualTo("DeprecatedAPIsInUse");
    assertThat(world.condition(ConditionType.API_SERVER).reason()).isEqualTo("UpgradeBlocked");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("False");
    assertThat(world.condition(ConditionType.AVAILABLE).status()).isEqualTo("True");
    assertThat(world.cluster.events())
        .filteredOn(event -> event.contains(" UpgradeBlocked: "))
        .first()
        .asString()
        .startsWith("WARNING DeprecatedAPIsInUse UpgradeBlocked: UpgradeBlocked is True: ")
        .contains("things of a.example/v1");

    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("after a start of the controller").isEmpty();
    assertThat(version()).isEqualTo("v1.36.3");

    world.hostedClusters.breaks(List.of(), List.of(), List.of());
    world.settle();
    world.settle();
    assertThat(version()).isEqualTo("v1.37.1");
    assertThat(isBlocked()).isFalse();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void anAnnotationLetsItGoOn() {
    world.hostedClusters.breaks(List.of(), List.of(), List.of("webhook"));
    world.spec("version: v1.37.1");
    world.settle();
    assertThat(version()).isEqualTo("v1.36.3");
    world.cluster.edit(
        world.object(),
        o ->
            o.getMetadata().setAnnotations(Map.of(Labels.SKIP_UPGRADE_CHECKS_ANNOTATION, "v1.37")));
    world.cluster.catchUp();
    world.settle();
    assertThat(version()).isEqualTo("v1.37.1");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  private String etcdImage() {
    return world
        .get(StatefulSet.class, "demo-etcd")
        .getSpec()
        .getTemplate()
        .getSpec()
        .getContainers()
        .getFirst()
        .getImage();
  }

  /** etcd cannot read what a later minor version has written. */
  @Test
  void etcdIsNotGivenAnEarlierMinorVersionByHand() {
    assertThat(etcdImage()).endsWith("/etcd:3.6.8-0");
    world.spec("etcd: {image: {tag: 3.5.24-0}}");
    world.settle();
    assertThat(etcdImage()).endsWith("/etcd:3.6.8-0");
    assertThat(world.condition(ConditionType.ETCD).reason()).isEqualTo("VersionTooLow");
    assertThat(world.condition(ConditionType.ETCD).message())
        .contains("spec.etcd.image.tag says 3.5.24-0, and members have run 3.6.8");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("False");
    assertThat(world.condition(ConditionType.AVAILABLE).status()).isEqualTo("True");
    assertThat(world.condition(ConditionType.API_SERVER).status()).isEqualTo("True");

    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("after a start of the controller").isEmpty();

    // Another patch of the same minor version is no harm, nor is a later minor version.
    world.spec("etcd: {image: {tag: 3.6.1-0}}");
    world.settle();
    assertThat(etcdImage()).endsWith("/etcd:3.6.1-0");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void aVersionOfEtcdThatHasNeverRunCanBeTakenBack() {
    world.spec("etcd: {image: {tag: 3.9.99-0}}");
    world.pass();
    world.cluster.catchUp();
    assertThat(etcdImage()).endsWith("/etcd:3.9.99-0");
    world.spec("etcd: {image: {tag: 3.6.8-0}}");
    world.pass();
    world.cluster.catchUp();
    assertThat(etcdImage()).endsWith("/etcd:3.6.8-0");
    world.settle();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  /** A member that has run it, whose pod is gone. */
  @Test
  void whatHasRunOnceCountsUntilAllSayOtherwise() {
    world.spec("etcd: {image: {tag: 3.9.1-0}}");
    world.settle();
    assertThat(etcdImage()).endsWith("/etcd:3.9.1-0");
    world.spec("etcd: {image: {tag: 3.6.8-0}}");
    world.settle();
    assertThat(etcdImage()).endsWith("/etcd:3.9.1-0");
    assertThat(world.condition(ConditionType.ETCD).reason()).isEqualTo("VersionTooLow");
    world.spec("etcd: {}");
    world.settle();
    assertThat(etcdImage()).as("nor by the table").endsWith("/etcd:3.9.1-0");
  }

  /** The pods of a rollout that has come to its first new pod, which does not come up. */
  private void stuck(String version) {
    world.spec("version: " + version);
    world.pass();
    world.cluster.catchUp();
    world.pass();
    world.cluster.catchUp();
    assertThat(version()).isEqualTo(version);
    var deployment = world.get(Deployment.class, "demo-api-server");
    var old =
        world.cluster.all(Pod.class).stream()
            .filter(p -> p.getMetadata().getName().startsWith("demo-api-server"))
            .findFirst()
            .orElseThrow();
    var broken = new PodBuilder(old).build();
    broken.getMetadata().setName("demo-api-server-new");
    broken.getMetadata().setUid("new");
    broken.getMetadata().getAnnotations().put(Labels.VERSION_ANNOTATION, version);
    broken.getStatus().getConditions().getFirst().setStatus("False");
    broken
        .getStatus()
        .setContainerStatuses(
            List.of(
                new ContainerStatusBuilder()
                    .withName("kube-apiserver")
                    .withReady(false)
                    .withNewState()
                    .withNewWaiting()
                    .withReason("ImagePullBackOff")
                    .withMessage("not found")
                    .endWaiting()
                    .endState()
                    .build()));
    world.cluster.put(broken);
    world.cluster.edit(
        deployment,
        d -> {
          d.getStatus().setObservedGeneration(d.getMetadata().getGeneration());
          d.getStatus().setReplicas(deployment.getSpec().getReplicas() + 1);
          d.getStatus().setUpdatedReplicas(1);
        });
    world.cluster.catchUp();
    world.pass();
    world.cluster.catchUp();
  }

  @Test
  void aVersionThatDoesNotComeUpIsSaidAndTakenBack() {
    stuck("v1.37.1");
    assertThat(world.condition(ConditionType.API_SERVER).reason()).isEqualTo("RolloutFailing");
    assertThat(world.condition(ConditionType.API_SERVER).message())
        .contains(
            "pod demo-api-server-new: container kube-apiserver: ImagePullBackOff (not found)");
    assertThat(world.condition(ConditionType.AVAILABLE).status()).isEqualTo("True");
    assertThat(world.cluster.events())
        .anyMatch(event -> event.startsWith("WARNING RolloutFailing APIServerDeploymentsReady: "));
    assertThat(world.object().getStatus().version()).isEqualTo("v1.36.3");
    assertThat(template("demo-controller-manager", Labels.VERSION_ANNOTATION)).isEqualTo("v1.36.3");

    world.spec("version: v1.36.3");
    world.settle();
    assertThat(version()).isEqualTo("v1.36.3");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  /** What never came up is not what it wakes up with, nor what others are told. */
  @Test
  void aVersionThatDoesNotComeUpIsTakenBackAsleepToo() {
    stuck("v1.37.1");
    world.spec("hibernated: true");
    world.settle();
    assertThat(world.condition(ConditionType.HIBERNATED).status()).isEqualTo("True");
    assertThat(world.object().getStatus().versions())
        .extracting(VersionStatus::version)
        .contains("v1.36.3");
    world.spec("hibernated: false\nversion: v1.36.3");
    world.settle();
    assertThat(version()).isEqualTo("v1.36.3");
    assertThat(template("demo-controller-manager", Labels.VERSION_ANNOTATION)).isEqualTo("v1.36.3");
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  /** It serves until the last has left it, and components may not be newer. */
  @Test
  void noComponentIsNewerThanAnApiServerThatIsEnding() {
    var ending =
        new PodBuilder(
                world.cluster.all(Pod.class).stream()
                    .filter(p -> p.getMetadata().getName().startsWith("demo-api-server"))
                    .findFirst()
                    .orElseThrow())
            .editMetadata()
            .withName("demo-api-server-ending")
            .withUid("ending")
            // So that nobody else ends it.
            .withOwnerReferences()
            .withDeletionTimestamp("2026-01-01T00:00:00Z")
            .endMetadata()
            .build();
    world.cluster.put(ending);
    world.spec("version: v1.37.1");
    world.settle();
    assertThat(version()).isEqualTo("v1.37.1");
    assertThat(template("demo-controller-manager", Labels.VERSION_ANNOTATION)).isEqualTo("v1.36.3");
    assertThat(template("demo-scheduler", Labels.VERSION_ANNOTATION)).isEqualTo("v1.36.3");

    world.cluster.remove(ending);
    world.settle();
    assertThat(template("demo-controller-manager", Labels.VERSION_ANNOTATION)).isEqualTo("v1.37.1");
    assertThat(template("demo-scheduler", Labels.VERSION_ANNOTATION)).isEqualTo("v1.37.1");
  }

  @Test
  void whatIsServedEverywhereIsNotTakenBackThoughAdmissionWasAway() {
    world.spec("version: v1.37.1");
    world.settle();
    assertThat(world.object().getStatus().version()).isEqualTo("v1.37.1");
    world.spec("version: v1.36.3");
    world.settle();
    assertThat(version()).isEqualTo("v1.37.1");
    assertThat(world.condition(ConditionType.API_SERVER).reason()).isEqualTo("VersionTooLow");
    world.spec("version: v1.37.1");
    world.settle();
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
  }

  @Test
  void podsStartAnewOnceTheTimeHasCome() {
    var time = world.now.plus(Duration.ofHours(1));
    world.spec("rollout: {after: '%s'}".formatted(time));
    world.cluster.forgetRequests();
    world.settle();
    assertThat(template("demo-api-server", Labels.ROLLOUT_AFTER_ANNOTATION)).isEqualTo("null");
    assertThat(world.pass()).hasValueSatisfying(wait -> assertThat(wait).isPositive());

    world.now = time.plusSeconds(1);
    world.settle();
    for (var deployment : List.of("demo-api-server", "demo-controller-manager", "demo-scheduler")) {
      assertThat(template(deployment, Labels.ROLLOUT_AFTER_ANNOTATION)).isEqualTo(time.toString());
    }
    assertThat(
            world
                .get(StatefulSet.class, "demo-etcd")
                .getSpec()
                .getTemplate()
                .getMetadata()
                .getAnnotations())
        .containsEntry(Labels.ROLLOUT_AFTER_ANNOTATION, time.toString());
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.cluster.all(Pod.class))
        .filteredOn(pod -> Objects.requireNonNull(pod.getMetadata().getName()).startsWith("demo-"))
        .allMatch(pod ->
            time.toString()
                .equals(pod.getMetadata().getAnnotations().get(Labels.ROLLOUT_AFTER_ANNOTATION)));

    world.cluster.forgetRequests();
    world.restart();
    world.settle();
    assertThat(world.cluster.requests()).as("it happens once").isEmpty();
    world.spec("rollout: {after: '2027-01-01T00:00:00Z'}");
    world.settle();
    world.spec("rollout: {}");
    world.settle();
    assertThat(template("demo-api-server", Labels.ROLLOUT_AFTER_ANNOTATION))
        .as("a later time, or none, starts nothing anew")
        .isEqualTo(time.toString());
  }

  @Test
  void podsThatAreYoungerStay() {
    var time = Instant.parse("2025-06-01T00:00:00Z");
    for (var pod : world.cluster.all(Pod.class)) {
      world.cluster.edit(pod, p -> p.getMetadata().setCreationTimestamp("2025-06-01T00:00:00Z"));
    }
    world.spec("rollout: {after: '%s'}".formatted(time));
    world.settle();
    assertThat(template("demo-api-server", Labels.ROLLOUT_AFTER_ANNOTATION)).isEqualTo("null");
    world.spec("rollout: {after: '2025-06-01T00:00:01Z'}");
    world.settle();
    assertThat(template("demo-api-server", Labels.ROLLOUT_AFTER_ANNOTATION))
        .isEqualTo("2025-06-01T00:00:01Z");
  }
}
