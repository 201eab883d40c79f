package dev.hcp.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.scenario.Manifests;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a rollout counts as done. */
final class RolloutTest {
  private static Deployment deployment(String status) {
    return (Deployment)
        Manifests.read(
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: a, generation: 2}
                spec:
                  replicas: 3
                  template:
                    metadata: {annotations: {controlplane.cluster.x-k8s.io/version: v1.36.3}}
                %s
                """
                    .formatted(status))
            .getFirst();
  }

  private static StatefulSet statefulSet(String status) {
    return (StatefulSet)
        Manifests.read(
                """
                apiVersion: apps/v1
                kind: StatefulSet
                metadata: {name: a, generation: 2}
                spec: {replicas: 3, template: {spec: {containers: []}}}
                %s
                """
                    .formatted(status))
            .getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    // observed, total, updated, available, complete
    "2, 3, 3, 3, true",
    "3, 3, 3, 3, true",
    "1, 3, 3, 3, false",
    "2, 4, 3, 3, false",
    "2, 4, 3, 4, false",
    "2, 3, 2, 3, false",
    "2, 3, 3, 2, false",
    "2, 2, 2, 2, false",
    "2, 0, 0, 0, false",
  })
  void deploymentIsCompleteWhenEveryPodIsNewAndAvailableAndNoOtherIsLeft(
      int observed, int total, int updated, int available, boolean complete) {
    var rollout =
        Rollout.of(
            deployment(
                "status: {observedGeneration: %d, replicas: %d, updatedReplicas: %d, readyReplicas: %d, availableReplicas: %d}"
                    .formatted(observed, total, updated, available, available)));
    assertThat(rollout.complete()).isEqualTo(complete);
    assertThat(rollout.version()).contains("v1.36.3");
  }

  @Test
  void deploymentThatNobodyLookedAtYetIsNotComplete() {
    var rollout = Rollout.of(deployment(""));
    assertThat(rollout.complete()).isFalse();
    assertThat(rollout.describe()).isEqualTo("0 of 3 pods available, 0 up to date, 0 in total");
  }

  @ParameterizedTest
  @CsvSource({
    // observed, total, updated, available, current revision, update revision, complete
    "2, 3, 3, 3, a, a, true",
    // While there is no update the number of updated pods is left out.
    "2, 3, 0, 3, a, a, true",
    "2, 3, 0, 3, a, b, false",
    "2, 3, 2, 3, a, b, false",
    "2, 3, 3, 3, a, b, true",
    "1, 3, 3, 3, a, a, false",
    "2, 3, 0, 2, a, a, false",
    "2, 2, 0, 2, a, a, false",
  })
  void statefulSetIsCompleteWhenEveryPodIsOfTheUpdateRevision(
      int observed,
      int total,
      int updated,
      int available,
      String currentRevision,
      String updateRevision,
      boolean complete) {
    var rollout =
        Rollout.of(
            statefulSet(
                "status: {observedGeneration: %d, replicas: %d, updatedReplicas: %d, readyReplicas: %d, availableReplicas: %d, currentRevision: %s, updateRevision: %s}"
                    .formatted(
                        observed,
                        total,
                        updated,
                        available,
                        available,
                        currentRevision,
                        updateRevision)));
    assertThat(rollout.complete()).isEqualTo(complete);
    assertThat(rollout.version()).isEmpty();
  }
}
