package dev.hcp.controller.workload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.pki.Authorities;
import dev.hcp.controller.plan.Action.SyncWorkload;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.HostedRollout;
import dev.hcp.controller.plan.Part;
import dev.hcp.controller.plan.PartOutcome;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.render.workload.HostedMetadata;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What is said of hosted clusters, and what is wanted there. */
class WorkloadTest {
  private static final HostedCluster.Nodes NODES = new HostedCluster.Nodes(3, 3);

  @Test
  void nothingIsWantedBeforeAnApiServerIsAvailable() {
    var scenario =
        Scenario.named("hosted-cluster")
            .edit(Deployment.class, "demo-api-server", d -> d.getStatus().setAvailableReplicas(0));
    assertThat(wanted(scenario)).isEmpty();
    assertThat(states(scenario).values())
        .allMatch(state -> state.reason() == Reason.WAITING_FOR_HOSTED_CLUSTER);
  }

  @Test
  void addOnsThatFollowTheNodesWaitUntilThoseAreKnown() {
    var scenario =
        Scenario.named("upgrade-3-api-servers-complete")
            .with(
                Scenario.named("hosted-cluster")
                    .get(Secret.class, "demo-control-plane-controller-kubeconfig"));
    assertThat(wanted(scenario).orElseThrow().parts())
        .extracting(Part::condition)
        .containsExactly(
            ConditionType.WORKLOAD_RBAC,
            ConditionType.WORKLOAD_CLUSTER_INFO,
            ConditionType.WORKLOAD_KUBEADM_CONFIG,
            ConditionType.WORKLOAD_KUBELET_CONFIG,
            ConditionType.WORKLOAD_KUBE_PROXY,
            ConditionType.KUBERNETES_ENDPOINTS);
    assertThat(states(scenario))
        .containsKeys(ConditionType.WORKLOAD_COREDNS, ConditionType.WORKLOAD_KONNECTIVITY);
  }

  @Test
  void partsOfOtherComponentsAreKeptUpToo() {
    var other =
        new Part(
            ConditionType.NETWORK_POLICIES,
            List.of(
                new ConfigMapBuilder()
                    .withMetadata(HostedMetadata.of("kube-system", "other"))
                    .build()));
    var planning = Plan.of(Scenario.named("hosted-cluster").observation()).planning();
    var steps = Workload.plan(planning, Authorities.of(planning), List.of(other));
    assertThat(action(steps).orElseThrow().parts()).contains(other);
    assertThat(steps)
        .extracting(step -> step.state().type())
        .contains(ConditionType.NETWORK_POLICIES);
  }

  @Test
  void allIsWellOnceAllIsThere() {
    var states = states(synchronised(NODES, Map.of()));
    assertThat(states.values()).allMatch(ConditionState::isTrue);
  }

  @Test
  void aPartThatCannotBeWrittenSpoilsItsOwnConditionAndTheSum() {
    var states =
        states(
            synchronised(
                NODES,
                Map.of(
                    ConditionType.WORKLOAD_COREDNS,
                    part -> new PartOutcome(part, Optional.of("no such thing"), List.of()))));
    assertThat(states.get(ConditionType.WORKLOAD_COREDNS))
        .returns(Reason.RECONCILE_FAILED, ConditionState::reason)
        .returns("no such thing", ConditionState::message);
    assertThat(states.get(ConditionType.WORKLOAD).isTrue()).isFalse();
    assertThat(states.values().stream().filter(ConditionState::isUnmet)).hasSize(2);
  }

  @Test
  void podsThatAreNotThereCountOnlyIfThereAreNodesForThem() {
    var missing =
        new HostedRollout("Deployment kube-system/coredns", 2, 2, 1, 0, Optional.of("pod x waits"));
    Map<ConditionType, Function<Part, PartOutcome>> outcome =
        Map.of(
            ConditionType.WORKLOAD_COREDNS,
            part -> new PartOutcome(part, Optional.empty(), List.of(missing)));
    var withNodes = states(synchronised(NODES, outcome)).get(ConditionType.WORKLOAD_COREDNS);
    assertThat(withNodes.reason()).isEqualTo(Reason.PODS_NOT_READY);
    assertThat(withNodes.message()).contains("1 of 2 pods available", "pod x waits");
    assertThat(withNodes.isUnmet()).isTrue();
    var states = states(synchronised(new HostedCluster.Nodes(0, 2), outcome));
    assertThat(states.get(ConditionType.WORKLOAD_COREDNS))
        .returns(Reason.WAITING_FOR_NODES, ConditionState::reason)
        .returns(false, ConditionState::isTrue)
        .returns(false, ConditionState::isUnmet);
    assertThat(states.get(ConditionType.WORKLOAD).isTrue()).isTrue();
  }

  @Test
  void podsOnBrokenNodesAreExcused() {
    assertThat(
            new HostedRollout("DaemonSet kube-system/kube-proxy", 5, 5, 4, 1, Optional.empty())
                .complete())
        .isTrue();
    assertThat(
            new HostedRollout("DaemonSet kube-system/kube-proxy", 5, 5, 3, 1, Optional.empty())
                .complete())
        .isFalse();
    assertThat(
            new HostedRollout("DaemonSet kube-system/kube-proxy", 5, 3, 5, 1, Optional.empty())
                .complete())
        .isFalse();
  }

  @Test
  void anOutcomeOfWhatWasWantedBeforeDoesNotCount() {
    var scenario = synchronised(NODES, Map.of());
    scenario.spec("coredns: {corefile: \".:53 {}\"}");
    assertThat(states(scenario).get(ConditionType.WORKLOAD_COREDNS).reason())
        .isEqualTo(Reason.SYNC_IN_PROGRESS);
  }

  @Test
  void aClusterThatDoesNotAnswerIsSaidSoOnceAndTheRestStays() {
    var scenario = synchronised(NODES, Map.of());
    var known = scenario.observation().workload().orElseThrow();
    scenario.synchronised(
        new HostedCluster(
            Optional.of("connection refused"), known.nodes(), known.apiGroups(), known.outcomes()));
    var states = states(scenario);
    assertThat(states.get(ConditionType.WORKLOAD))
        .returns(Reason.WAITING_FOR_HOSTED_CLUSTER, ConditionState::reason);
    assertThat(states.get(ConditionType.WORKLOAD).message()).contains("connection refused");
    assertThat(states.values().stream().filter(ConditionState::isUnmet)).hasSize(1);
  }

  /** All parts in order, but for some. */
  private static Scenario synchronised(
      HostedCluster.Nodes nodes, Map<ConditionType, Function<Part, PartOutcome>> except) {
    var known = new HostedCluster(Optional.empty(), nodes, Set.of(""), Map.of());
    var scenario = Scenario.named("hosted-cluster").synchronised(known);
    var outcomes = new HashMap<ConditionType, PartOutcome>();
    for (var part : wanted(scenario).orElseThrow().parts()) {
      outcomes.put(
          part.condition(),
          except
              .getOrDefault(part.condition(), p -> new PartOutcome(p, Optional.empty(), List.of()))
              .apply(part));
    }
    return scenario.synchronised(new HostedCluster(Optional.empty(), nodes, Set.of(""), outcomes));
  }

  /** The steps about what the hosted cluster holds, with the parts that other components want. */
  private static List<Step> plan(Scenario scenario) {
    return Plan.of(scenario.observation()).steps().stream()
        .filter(step -> step.state().type().value().startsWith("Workload"))
        .toList();
  }

  private static Map<ConditionType, ConditionState> states(Scenario scenario) {
    var states = new HashMap<ConditionType, ConditionState>();
    plan(scenario).forEach(step -> states.put(step.state().type(), step.state()));
    return states;
  }

  private static Optional<SyncWorkload> wanted(Scenario scenario) {
    return action(plan(scenario));
  }

  private static Optional<SyncWorkload> action(List<Step> steps) {
    return steps.stream()
        .flatMap(step -> step.actions().stream())
        .filter(SyncWorkload.class::isInstance)
        .map(SyncWorkload.class::cast)
        .findFirst();
  }
}
