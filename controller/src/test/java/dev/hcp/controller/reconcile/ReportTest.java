package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.Condition;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.api.v1alpha1.VersionStatus;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Conditions;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Answer;
import dev.hcp.controller.scenario.Scenario;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the status says of what is observed. */
final class ReportTest {
  private static final Instant NOW = Instant.parse("2026-02-03T04:05:06.789Z");

  /** A control plane of three API servers, two etcd members of three and an earlier success. */
  private final Scenario scenario = Scenario.named("upgrade-1-etcd-not-settled");

  private HostedControlPlaneStatus report() {
    return report(Optional.empty());
  }

  private HostedControlPlaneStatus report(Optional<String> failure) {
    var plan = Plan.of(scenario.observation());
    return Report.of(
        plan,
        plan.steps().stream()
            .map(s ->
                new Outcome(
                    s, s.state().type() == ConditionType.SCHEDULER ? failure : Optional.empty()))
            .toList(),
        NOW);
  }

  private static Condition find(HostedControlPlaneStatus status, ConditionType type) {
    return Conditions.find(List.copyOf(status.conditions()), type).orElseThrow();
  }

  private Condition condition(ConditionType type) {
    return find(report(), type);
  }

  private void apiServers(int wanted, int observed, int total, int updated, int available) {
    scenario.spec("replicas: " + wanted);
    scenario.edit(
        Deployment.class,
        "demo-api-server",
        d -> {
          d.getStatus().setObservedGeneration((long) observed);
          d.getStatus().setReplicas(total);
          d.getStatus().setUpdatedReplicas(updated);
          d.getStatus().setReadyReplicas(available);
          d.getStatus().setAvailableReplicas(available);
        });
  }

  @Test
  void onceInitializedItStaysSo() {
    assertThat(report().initialization().controlPlaneInitialized()).isTrue();
    scenario.answered(new Answer(false, "connection refused"));
    assertThat(report().initialization().controlPlaneInitialized()).isTrue();
    scenario.without(Deployment.class, "demo-api-server");
    assertThat(report().initialization().controlPlaneInitialized()).isTrue();
  }

  @Test
  void itIsInitializedByTheFirstAnswerThroughTheEndpoint() {
    scenario.status("initialization: {controlPlaneInitialized: false}");
    assertThat(report().initialization().controlPlaneInitialized()).isFalse();
    scenario.answered(new Answer(false, "connection refused"));
    assertThat(report().initialization().controlPlaneInitialized()).isFalse();
    assertThat(condition(ConditionType.AVAILABLE))
        .returns("NotInitialized", c -> c.reason())
        .returns(
            "The API server has not yet answered through its endpoint: connection refused",
            c -> c.message());
    scenario.answered(new Answer(true, "ok"));
    assertThat(report().initialization().controlPlaneInitialized()).isTrue();
  }

  @Test
  void availableNeedsAnApiServerQuorumAndRoutes() {
    // The routes are not made yet.
    assertThat(condition(ConditionType.AVAILABLE).reason()).isEqualTo("NotCreated");
    acceptRoutes();
    assertThat(condition(ConditionType.AVAILABLE).status()).isEqualTo("True");

    scenario.edit(StatefulSet.class, "demo-etcd", s -> s.getStatus().setReadyReplicas(1));
    assertThat(condition(ConditionType.AVAILABLE).reason()).isEqualTo("QuorumLost");
    scenario.edit(StatefulSet.class, "demo-etcd", s -> s.getStatus().setReadyReplicas(2));

    apiServers(3, 4, 3, 3, 1);
    assertThat(condition(ConditionType.AVAILABLE).status()).isEqualTo("True");
    apiServers(3, 4, 3, 3, 0);
    assertThat(condition(ConditionType.AVAILABLE).reason()).isEqualTo("PodsNotReady");
    apiServers(3, 4, 3, 3, 3);

    scenario.spec("controlPlaneEndpoint: {host: demo.clusters.hcp.example.test, port: 443}");
    scenario.without(Gateway.class, "capi");
    assertThat(condition(ConditionType.AVAILABLE).status()).isEqualTo("False");
  }

  private void acceptRoutes() {
    for (var name : List.of("demo", "demo-konnectivity")) {
      scenario.with(
          """
          apiVersion: gateway.networking.k8s.io/v1
          kind: TLSRoute
          metadata: {name: %s, namespace: clusters, generation: 1}
          status:
            parents:
              - parentRef: {name: capi, namespace: gateways}
                conditions: [{type: Accepted, status: "True"}, {type: ResolvedRefs, status: "True"}]
          """
              .formatted(name));
    }
  }

  @Test
  void troubleOfPodsIsTold() {
    apiServers(3, 4, 3, 3, 0);
    scenario.with(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: demo-api-server-0
          namespace: clusters
          labels: {app.kubernetes.io/component: api-server}
        status:
          containerStatuses:
            - name: kube-apiserver
              ready: false
              state: {waiting: {reason: ImagePullBackOff, message: not found}}
        """);
    assertThat(condition(ConditionType.AVAILABLE).message())
        .contains("pod demo-api-server-0", "kube-apiserver", "ImagePullBackOff (not found)");
  }

  @ParameterizedTest
  @CsvSource({
    // wanted, observed, total, updated, available: rolling out, scaling up, scaling down
    "3, 4, 3, 3, 3, False, False, False",
    "3, 4, 4, 2, 3, True, False, False",
    "3, 3, 3, 3, 3, True, False, False",
    "5, 4, 3, 3, 3, False, True, False",
    "5, 4, 4, 4, 3, False, True, False",
    "2, 4, 3, 3, 3, False, False, True",
    "3, 4, 0, 0, 0, False, True, False",
    "3, 4, 3, 3, 1, False, False, False",
  })
  void numbersOfApiServersSayWhatGoesOn(
      int wanted,
      int observed,
      int total,
      int updated,
      int available,
      String rolling,
      String up,
      String down) {
    apiServers(wanted, observed, total, updated, available);
    var status = report();
    assertThat(find(status, ConditionType.ROLLING_OUT).status())
        .as("rolling out")
        .isEqualTo(rolling);
    assertThat(find(status, ConditionType.SCALING_UP).status()).as("scaling up").isEqualTo(up);
    assertThat(find(status, ConditionType.SCALING_DOWN).status())
        .as("scaling down")
        .isEqualTo(down);
    assertThat(status.replicas()).isEqualTo(total);
    assertThat(status.upToDateReplicas()).isEqualTo(updated);
    assertThat(status.readyReplicas()).isEqualTo(available);
    assertThat(status.availableReplicas()).isEqualTo(available);
  }

  @Test
  void versionsAreThoseThatServeOldestFirst() {
    assertThat(report().versions()).containsExactly(new VersionStatus("v1.35.2", 3));
    scenario.edit(Pod.class, "demo-api-server-0", p -> version(p, "v1.36.3"));
    assertThat(report().versions())
        .containsExactly(new VersionStatus("v1.35.2", 2), new VersionStatus("v1.36.3", 1));
    assertThat(report().version()).isEqualTo("v1.35.2");

    // One that is not ready serves nothing.
    for (var name : List.of("demo-api-server-1", "demo-api-server-2")) {
      scenario.edit(
          Pod.class, name, p -> p.getStatus().getConditions().getFirst().setStatus("False"));
    }
    assertThat(report().version()).isEqualTo("v1.36.3");
    scenario.edit(
        Pod.class,
        "demo-api-server-0",
        p -> p.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z"));
    assertThat(report().version()).isNull();
    assertThat(report().versions()).isNull();
  }

  private static void version(Pod pod, String version) {
    pod.getMetadata().getAnnotations().put("controlplane.cluster.x-k8s.io/version", version);
  }

  @Test
  void observedGenerationIsThatOfTheLastPassWithoutFailure() {
    assertThat(report().observedGeneration()).isEqualTo(2);
    var failed = report(Optional.of("no answer in time"));
    assertThat(failed.observedGeneration()).isEqualTo(1);
    assertThat(find(failed, ConditionType.SCHEDULER))
        .returns("ReconcileFailed", c -> c.reason())
        .returns("no answer in time", c -> c.message())
        .returns(2L, c -> c.observedGeneration());
  }

  @Test
  void transitionTimesChangeWithTheStatusOnly() {
    var first = report();
    assertThat(find(first, ConditionType.AVAILABLE).lastTransitionTime())
        .isEqualTo("2026-02-03T04:05:06Z");
    var earlier = "2020-01-01T00:00:00Z";
    scenario.edit(
        HostedControlPlane.class,
        "demo",
        o ->
            o.setStatus(
                Report.with(
                    o,
                    List.of(
                        ConditionState.not(ConditionType.AVAILABLE, Reason.QUORUM_LOST, "other"),
                        ConditionState.done(ConditionType.ETCD, "as it was")),
                    Instant.parse(earlier))));
    var status = report();
    assertThat(find(status, ConditionType.AVAILABLE).lastTransitionTime())
        .as("False before and now, for another reason")
        .isEqualTo(earlier);
    assertThat(find(status, ConditionType.ETCD).lastTransitionTime())
        .isEqualTo("2026-02-03T04:05:06Z");
  }

  @Test
  void readySumsUpAllThatIsNotAsItShallBe() {
    var ready = condition(ConditionType.READY);
    assertThat(ready.status()).isEqualTo("False");
    assertThat(ready.message())
        .contains(
            "EtcdClusterReady: 2 of 3 members are ready, 2 are needed",
            "ControllerManagerReady: Deployment demo-controller-manager runs v1.35.2; v1.36.3 follows once all API servers serve it",
            "Available: ");
    assertThat(report().ready()).isFalse();
  }

  @Test
  void whatIsNotSpokenOfStaysWhenOnlySomeConditionsAreReplaced() {
    scenario.edit(HostedControlPlane.class, "demo", o -> o.setStatus(report()));
    var object = scenario.observation().hostedControlPlane();
    var status =
        Report.with(
            object,
            List.of(ConditionState.not(ConditionType.READY, Reason.INVALID_SPEC, "bad")),
            NOW);
    assertThat(status.versions()).isEqualTo(object.getStatus().versions());
    assertThat(status.conditions()).hasSameSizeAs(object.getStatus().conditions());
    assertThat(find(status, ConditionType.READY).message()).isEqualTo("bad");
    scenario.edit(HostedControlPlane.class, "demo", o -> o.setStatus(status));
    assertThat(
            Report.with(
                scenario.observation().hostedControlPlane(),
                List.of(ConditionState.not(ConditionType.READY, Reason.INVALID_SPEC, "bad")),
                Instant.EPOCH))
        .as("said again")
        .isEqualTo(status);
  }
}
