package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.e2e.store.SourceTree;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Each piece on the way to a running cluster's API server is taken away: the status says which, and
 * once it is back, the nodes report again.
 */
@Order(74)
@ExtendWith({BedExtension.class, ClusterWithNodesExtension.class})
final class GatewayFaultsIT {
  private static final Duration SECONDS = Duration.ofSeconds(15);

  /**
   * A controller manager or scheduler ends when it cannot renew its Lease, and a kubelet waits up
   * to five minutes before it starts again what has ended several times.
   */
  private static final Duration RECOVERY_DEADLINE = Duration.ofMinutes(7);

  private final Bed bed;
  private final KubernetesClient management;
  private final ClusterWithNodes cluster;

  GatewayFaultsIT(Bed bed, KubernetesClient management, ClusterWithNodes cluster) {
    this.bed = bed;
    this.management = management;
    this.cluster = cluster;
  }

  @AfterEach
  void theClusterAndItsNodesAreBack() {
    bed.kubectl("apply", "--filename=-").input(gateways()).check();
    HostedClustersExtension.awaitReady(cluster.controlPlane(), RECOVERY_DEADLINE);
    var healed = ZonedDateTime.now();
    await("the nodes report again, and are ready")
        .atMost(RECOVERY_DEADLINE)
        .ignoreExceptions()
        .until(() ->
            cluster.areNodesReady()
                && ClusterWithNodes.NODES.stream()
                    .allMatch(node -> lease(node).getSpec().getRenewTime().isAfter(healed)));
  }

  @Test
  void theGatewayIsMissed() {
    try (var recorder = new ConditionRecorder(management, cluster.controlPlane())) {
      bed.kubectl("delete", "gateway", "capi", "--namespace=gateways").check();
      awaitReason(recorder, ConditionType.CONTROL_PLANE_ENDPOINT, Reason.GATEWAY_NOT_FOUND);
      awaitReason(recorder, ConditionType.READY, Reason.COMPONENTS_NOT_READY);
      assertThat(cluster.controlPlane().endpoint())
          .as("what was published stays: kubeconfigs and nodes hold it")
          .isPresent();
    }
  }

  @Test
  void theListenerIsMissed() {
    try (var recorder = new ConditionRecorder(management, cluster.controlPlane())) {
      bed.kubectl("patch", "gateway", "capi", "--namespace=gateways", "--type=json")
          .with(
              "--patch",
              """
              [{"op": "replace", "path": "/spec/listeners",
                "value": [{"name": "other", "port": 80, "protocol": "HTTP"}]}]
              """)
          .check();
      awaitReason(recorder, ConditionType.CONTROL_PLANE_ENDPOINT, Reason.LISTENER_NOT_FOUND);
      awaitReason(recorder, ConditionType.READY, Reason.COMPONENTS_NOT_READY);
    }
  }

  @Test
  void theRouteIsMissedAndMadeAnew() {
    var names = cluster.controlPlane().names();
    missedAndMadeAnew(
        "tlsroutes.gateway.networking.k8s.io", names.apiServerRoute(), ConditionType.TLS_ROUTES);
  }

  @Test
  void theServiceIsMissedAndMadeAnew() {
    var names = cluster.controlPlane().names();
    missedAndMadeAnew("service", names.apiServerService(), ConditionType.API_SERVER_SERVICE);
  }

  private void missedAndMadeAnew(String resource, String name, ConditionType condition) {
    var before = cluster.controlPlane().object(resource, name).orElseThrow();
    try (var recorder = new ConditionRecorder(management, cluster.controlPlane())) {
      bed.kubectl("delete", resource, name, "--namespace", ClusterWithNodes.NAME)
          .with(Manifests.AS_THE_CLUSTER_ITSELF)
          .check();
      await("%s says that %s %s is missing".formatted(condition.value(), resource, name))
          .atMost(RECOVERY_DEADLINE)
          .untilAsserted(() ->
              assertThat(recorder.wentDownAndUp(condition))
                  .as("%s: %s", condition.value(), recorder.history(condition))
                  .isTrue());
    }
    assertThat(cluster.controlPlane().object(resource, name).orElseThrow().uid())
        .isNotEqualTo(before.uid());
  }

  private static void awaitReason(ConditionRecorder recorder, ConditionType type, Reason reason) {
    await("%s says %s".formatted(type.value(), reason.value()))
        .atMost(SECONDS)
        .untilAsserted(() ->
            assertThat(recorder.wasFalse(type, reason))
                .as("%s: %s", type.value(), recorder.history(type))
                .isTrue());
  }

  private Lease lease(String node) {
    return cluster.client().leases().inNamespace("kube-node-lease").withName(node).get();
  }

  private static String gateways() {
    try {
      return Files.readString(SourceTree.locate(System.getenv()).samples().resolve("gateway.yaml"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
