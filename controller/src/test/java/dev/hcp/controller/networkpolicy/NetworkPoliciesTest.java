package dev.hcp.controller.networkpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.cilium.CiliumCondition;
import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.api.cilium.CiliumNetworkPolicyStatus;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.process.NetworkPolicyOptions;
import dev.hcp.process.NetworkPolicyOptions.Choice;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which kind there shall be, and when the other goes. */
final class NetworkPoliciesTest {
  private static final List<String> NAMES =
      List.of(
          "demo-api-server",
          "demo-controller-manager",
          "demo-scheduler",
          "demo-etcd",
          "demo-default-deny");

  private static Scenario scenario() {
    return Scenario.named("minimal");
  }

  private static Scenario withCilium(Scenario scenario) {
    return scenario.with(
        """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: ciliumnetworkpolicies.cilium.io}
        """);
  }

  private static Scenario choosing(Scenario scenario, Choice choice) {
    return scenario.policies(new NetworkPolicyOptions(choice, List.of(), List.of(), List.of()));
  }

  private static Step step(Scenario scenario) {
    return Plan.of(scenario.observation()).steps().stream()
        .filter(step -> step.state().type() == ConditionType.NETWORK_POLICIES)
        .findFirst()
        .orElseThrow();
  }

  /** All that is wanted exists. */
  private static Scenario applied(Scenario scenario) {
    step(scenario).desired().forEach(scenario::with);
    return scenario;
  }

  @Test
  void withoutCiliumPoliciesArePlain() {
    var step = step(scenario());
    assertThat(step.desired()).allMatch(NetworkPolicy.class::isInstance);
    assertThat(step.desired()).extracting(o -> o.getMetadata().getName()).containsAll(NAMES);
    assertThat(step.state())
        .returns(Reason.NOT_CREATED, s -> s.reason())
        .returns("NetworkPolicy demo-api-server is being created", s -> s.message());
    assertThat(step(applied(scenario())).state())
        .returns(ConditionStatus.TRUE, s -> s.status())
        .returns("5 objects of kind NetworkPolicy close the control plane", s -> s.message());
  }

  @Test
  void withCiliumPoliciesAreCiliums() {
    var step = step(withCilium(scenario()));
    assertThat(step.desired()).allMatch(CiliumNetworkPolicy.class::isInstance);
    assertThat(step.desired()).extracting(o -> o.getMetadata().getName()).containsAll(NAMES);
  }

  @Test
  void whenCiliumComesThePlainOnesStayUntilAllOthersAreSeen() {
    var scenario = withCilium(applied(scenario()));
    assertThat(step(scenario).obsolete()).isEmpty();

    var all = step(scenario).desired();
    all.subList(1, all.size()).forEach(scenario::with);
    assertThat(step(scenario).obsolete()).isEmpty();
    assertThat(step(scenario).state().message())
        .isEqualTo("CiliumNetworkPolicy demo-api-server is being created");

    scenario.with(all.getFirst());
    assertThat(step(scenario).obsolete())
        .hasSize(NAMES.size())
        .allMatch(NetworkPolicy.class::isInstance);
    assertThat(step(scenario).state().isTrue()).isTrue();
  }

  @Test
  void whenCiliumRefusesAPolicyThePlainOnesStay() {
    var scenario = applied(withCilium(applied(scenario())));
    scenario.edit(
        CiliumNetworkPolicy.class,
        "demo-etcd",
        policy ->
            policy.setStatus(
                new CiliumNetworkPolicyStatus(
                    List.of(new CiliumCondition("Valid", "False", "no such entity")))));
    var step = step(scenario);
    assertThat(step.obsolete()).isEmpty();
    assertThat(step.state())
        .returns(Reason.NETWORK_POLICY_INVALID, s -> s.reason())
        .returns("CiliumNetworkPolicy demo-etcd is not enforced: no such entity", s -> s.message());

    scenario.edit(
        CiliumNetworkPolicy.class,
        "demo-etcd",
        policy ->
            policy.setStatus(
                new CiliumNetworkPolicyStatus(
                    List.of(new CiliumCondition("Valid", "True", "fine")))));
    assertThat(step(scenario).state().isTrue()).isTrue();
    assertThat(step(scenario).obsolete()).hasSize(NAMES.size());
  }

  /** A Cilium without its L7 proxy refuses names, and with them the whole policy. */
  @Test
  void namesLeaveNoPodOpenIfCiliumRefusesThem() {
    var scenario =
        withCilium(scenario())
            .spec(
                """
                oidcProviders:
                  https://login.example.com:
                    {audiences: [a], claimMappings: {username: claims.sub}}
                """);
    assertThat(step(scenario).desired())
        .filteredOn(NetworkPoliciesTest::needsTheProxy)
        .extracting(policy -> policy.getMetadata().getName())
        .containsExactly("demo-named-servers");
    assertThat(step(scenario).desired())
        .filteredOn(policy -> !needsTheProxy(policy))
        .extracting(policy -> policy.getMetadata().getName())
        .containsExactlyElementsOf(NAMES);
  }

  private static boolean needsTheProxy(HasMetadata policy) {
    var egress = ((CiliumNetworkPolicy) policy).getSpec().egress();
    return egress.stream()
        .anyMatch(rule ->
            rule.toFQDNs() != null
                || (rule.toPorts() != null
                    && rule.toPorts().stream().anyMatch(ports -> ports.rules() != null)));
  }

  @Test
  void whenCiliumGoesPoliciesArePlainAgain() {
    var scenario = applied(withCilium(scenario()));
    scenario.without(CustomResourceDefinition.class, "ciliumnetworkpolicies.cilium.io");
    assertThat(step(scenario).desired())
        .hasSize(NAMES.size())
        .allMatch(NetworkPolicy.class::isInstance);
  }

  @Test
  void plainPoliciesCanBeChosenWhereCiliumIs() {
    var scenario = applied(withCilium(scenario()));
    choosing(scenario, Choice.KUBERNETES);
    assertThat(step(scenario).desired()).allMatch(NetworkPolicy.class::isInstance);
    assertThat(step(scenario).obsolete()).isEmpty();
    assertThat(step(applied(scenario)).obsolete())
        .hasSize(NAMES.size())
        .allMatch(CiliumNetworkPolicy.class::isInstance);
  }

  @Test
  void ciliumsPoliciesCannotBeChosenWhereItIsNot() {
    var step = step(choosing(applied(scenario()), Choice.CILIUM));
    assertThat(step.state()).returns(Reason.CILIUM_NOT_SERVED, s -> s.reason());
    assertThat(step.desired()).isEmpty();
    assertThat(step.obsolete()).isEmpty();
    assertThat(step(choosing(withCilium(scenario()), Choice.CILIUM)).desired())
        .allMatch(CiliumNetworkPolicy.class::isInstance);
  }

  @Test
  void disabledPoliciesOfBothKindsGo() {
    var scenario = applied(withCilium(applied(scenario())));
    scenario.spec("networkPolicy: {disabled: true}");
    var step = step(scenario);
    assertThat(step.desired()).isEmpty();
    assertThat(step.obsolete()).hasSize(2 * NAMES.size());
    assertThat(step.state())
        .returns(ConditionStatus.TRUE, s -> s.status())
        .returns(Reason.NETWORK_POLICIES_DISABLED, s -> s.reason());
  }

  @Test
  void policiesAreOwnedAndLabelledLikeAllElse() {
    for (var step : List.of(step(scenario()), step(withCilium(scenario())))) {
      for (HasMetadata policy : step.desired()) {
        assertThat(policy.getMetadata().getOwnerReferences()).hasSize(1);
        assertThat(policy.getMetadata().getLabels())
            .containsEntry("cluster.x-k8s.io/cluster-name", "demo");
      }
    }
  }
}
