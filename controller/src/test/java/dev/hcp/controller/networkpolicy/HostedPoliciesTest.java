package dev.hcp.controller.networkpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.Part;
import dev.hcp.controller.plan.PartOutcome;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which policies there shall be in a hosted cluster. */
final class HostedPoliciesTest {
  private final Scenario scenario = Scenario.named("minimal");
  private Optional<Part> kubernetes = Optional.empty();

  private Part part() {
    return find().orElseThrow();
  }

  private Optional<Part> find() {
    return HostedPolicies.part(Plan.of(scenario.observation()).planning(), kubernetes);
  }

  private void serves(String... groups) {
    serves(Map.of(), groups);
  }

  private void serves(Map<ConditionType, PartOutcome> outcomes, String... groups) {
    scenario.synchronised(
        new HostedCluster(
            Optional.empty(), new HostedCluster.Nodes(1, 1), Set.of(groups), outcomes));
  }

  private static List<String> names(List<HasMetadata> objects) {
    return objects.stream().map(o -> o.getKind() + " " + o.getMetadata().getName()).toList();
  }

  /** Else each start of the controller would bring the wrong kind for a moment. */
  @Test
  void nothingIsWantedBeforeItIsKnownWhatIsServed() {
    assertThat(find()).isEmpty();
    serves();
    assertThat(find()).isEmpty();
  }

  @Test
  void withoutCiliumTheyArePlain() {
    serves("", "apps");
    assertThat(part().condition()).isEqualTo(ConditionType.WORKLOAD_NETWORK_POLICIES);
    assertThat(part().desired()).hasSize(2).allMatch(NetworkPolicy.class::isInstance);
    assertThat(names(part().desired()))
        .containsExactly("NetworkPolicy coredns", "NetworkPolicy konnectivity-agent");
    assertThat(part().absent()).as("Cilium's, which it does not serve").isEmpty();
  }

  @Test
  void withCiliumThePlainOnesGoOnceItsOwnAreWritten() {
    serves("", "cilium.io");
    var first = part();
    assertThat(first.desired()).hasSize(2).allMatch(CiliumNetworkPolicy.class::isInstance);
    assertThat(first.absent()).isEmpty();

    serves(outcome(first, Optional.of("refused")), "", "cilium.io");
    assertThat(part().absent()).isEmpty();

    serves(outcome(first, Optional.empty()), "", "cilium.io");
    assertThat(part().desired()).isEqualTo(first.desired());
    assertThat(names(part().absent()))
        .containsExactly("NetworkPolicy coredns", "NetworkPolicy konnectivity-agent");
  }

  @Test
  void whatIsDisabledNeedsNoPolicy() {
    serves("", "cilium.io");
    scenario.spec("coredns: {disabled: true}");
    assertThat(names(part().desired())).containsExactly("CiliumNetworkPolicy konnectivity-agent");
    assertThat(names(part().absent()))
        .containsExactly("NetworkPolicy coredns", "CiliumNetworkPolicy coredns");
    scenario.spec("konnectivityClient: {disabled: true}");
    assertThat(part().desired()).isEmpty();
  }

  @Test
  void coreDnsReachesTheApiServerOnThePortToWhichKubernetesLeads() {
    serves("", "apps");
    assertThat(apiServerPorts()).containsExactly(443, 6443);
    kubernetes =
        Optional.of(
            new Part(
                ConditionType.WORKLOAD_RBAC,
                List.of(
                    new EndpointSliceBuilder().addNewPort().withPort(20001).endPort().build())));
    assertThat(apiServerPorts()).containsExactly(443, 6443, 20_001);
  }

  private List<Integer> apiServerPorts() {
    return ((NetworkPolicy) part().desired().getFirst())
        .getSpec().getEgress().getFirst().getPorts().stream()
            .map(port -> port.getPort().getIntVal())
            .toList();
  }

  @Test
  void disabledPoliciesGo() {
    scenario.spec("networkPolicy: {disabled: true}");
    serves("", "cilium.io");
    assertThat(part().desired()).isEmpty();
    assertThat(names(part().absent()))
        .containsExactlyInAnyOrder(
            "NetworkPolicy coredns",
            "CiliumNetworkPolicy coredns",
            "NetworkPolicy konnectivity-agent",
            "CiliumNetworkPolicy konnectivity-agent");
    serves("", "apps");
    assertThat(names(part().absent()))
        .containsExactly("NetworkPolicy coredns", "NetworkPolicy konnectivity-agent");
  }

  private static Map<ConditionType, PartOutcome> outcome(Part part, Optional<String> failure) {
    return Map.of(part.condition(), new PartOutcome(part, failure, List.of()));
  }
}
