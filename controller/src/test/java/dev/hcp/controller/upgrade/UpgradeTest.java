package dev.hcp.controller.upgrade;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.plan.UpgradeCheck.Server;
import dev.hcp.controller.plan.UpgradeFindings;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.naming.Labels;
import dev.hcp.version.KubernetesVersion;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What holds another minor version back. The scenarios go from v1.35.2 and v1.33.5. */
final class UpgradeTest {
  private final Scenario scenario = Scenario.named("upgrade-2-etcd-settled");

  private static UpgradeFindings findings(
      List<String> kubelets, List<String> apis, List<String> webhooks) {
    return new UpgradeFindings(
        KubernetesVersion.parse("v1.36.3"), kubelets, apis, webhooks, Optional.empty());
  }

  private static HostedCluster hosted(Optional<String> problem, UpgradeFindings findings) {
    return new HostedCluster(
        problem, new HostedCluster.Nodes(1, 1), Set.of(""), Map.of(), Optional.of(findings));
  }

  private void found(List<String> kubelets, List<String> apis, List<String> webhooks) {
    scenario.synchronised(hosted(Optional.empty(), findings(kubelets, apis, webhooks)));
  }

  private void skip(String version) {
    scenario.edit(
        HostedControlPlane.class,
        "demo",
        o ->
            o.getMetadata().setAnnotations(Map.of(Labels.SKIP_UPGRADE_CHECKS_ANNOTATION, version)));
  }

  private static Plan plan(Scenario scenario) {
    return Plan.of(scenario.observation());
  }

  private String version() {
    return plan(scenario).planning().controlPlane().version().toString();
  }

  private static Optional<ConditionState> state(Scenario scenario, ConditionType type) {
    return plan(scenario).steps().stream()
        .map(Step::state)
        .filter(state -> state.type() == type)
        .findFirst();
  }

  private ConditionState blocked() {
    return state(scenario, ConditionType.UPGRADE_BLOCKED).orElseThrow();
  }

  @Test
  void itGoesOnOnceNothingSpeaksAgainstIt() {
    found(List.of(), List.of(), List.of());
    assertThat(version()).isEqualTo("v1.36.3");
    assertThat(state(scenario, ConditionType.UPGRADE_BLOCKED)).isEmpty();
  }

  @Test
  void itWaitsUntilThatIsKnown() {
    for (var known :
        List.of(
            new HostedCluster(
                Optional.empty(), new HostedCluster.Nodes(1, 1), Set.of(""), Map.of()),
            hosted(
                Optional.empty(),
                new UpgradeFindings(
                    KubernetesVersion.parse("v1.36.2"),
                    List.of(),
                    List.of(),
                    List.of(),
                    Optional.empty())),
            hosted(Optional.of("refused"), findings(List.of(), List.of(), List.of())))) {
      scenario.synchronised(known);
      assertThat(version()).isEqualTo("v1.35.2");
      assertThat(blocked())
          .returns(ConditionStatus.UNKNOWN, ConditionState::status)
          .returns(Reason.UPGRADE_NOT_CHECKED, ConditionState::reason)
          .returns(false, ConditionState::isUnmet);
    }
    assertThat(blocked().message()).contains("refused", "skip-upgrade-checks: v1.36");
  }

  @Test
  void whatWouldBreakIsNamed() {
    found(
        IntStream.range(0, 7).mapToObj("Node w%d (v1.32.0)"::formatted).toList(),
        List.of("things of a.example/v1beta1 (removed in v1.36), asked of demo-api-server-0"),
        List.of("ValidatingWebhookConfiguration v, webhook b.example (Service ops/gone is away)"));
    assertThat(version()).isEqualTo("v1.35.2");
    assertThat(blocked())
        .returns(ConditionStatus.TRUE, ConditionState::status)
        .returns(Reason.KUBELETS_TOO_OLD, ConditionState::reason);
    assertThat(blocked().message())
        .isEqualTo(
            "The control plane stays at v1.35.2, and goes on to v1.36.3 by itself once that is"
                + " mended: kubelets must be at least v1.33, so bring these nodes there: Node w0"
                + " (v1.32.0), Node w1 (v1.32.0), Node w2 (v1.32.0), Node w3 (v1.32.0), Node w4"
                + " (v1.32.0) and 2 more; somebody has used APIs that v1.36 does not serve; API"
                + " servers remember that until they start anew, for which there is"
                + " spec.rollout.after: things of a.example/v1beta1 (removed in v1.36), asked of"
                + " demo-api-server-0; webhooks must answer, since their failurePolicy is Fail:"
                + " ValidatingWebhookConfiguration v, webhook b.example (Service ops/gone is"
                + " away). Annotation controlplane.cluster.x-k8s.io/skip-upgrade-checks: v1.36 has"
                + " it go on without, but for kubelets");
    assertThat(state(scenario, ConditionType.API_SERVER).orElseThrow())
        .returns(Reason.UPGRADE_BLOCKED, ConditionState::reason)
        .returns(true, ConditionState::isUnmet);
  }

  @Test
  void eachKindHoldsItBackByItself() {
    found(List.of(), List.of("things"), List.of());
    assertThat(blocked().reason()).isEqualTo(Reason.DEPRECATED_APIS_IN_USE);
    found(List.of(), List.of(), List.of("webhook"));
    assertThat(blocked().reason()).isEqualTo(Reason.WEBHOOKS_UNAVAILABLE);
    scenario.synchronised(
        hosted(
            Optional.empty(),
            new UpgradeFindings(
                KubernetesVersion.parse("v1.36.3"),
                List.of(),
                List.of(),
                List.of(),
                Optional.of("the metrics of pod x cannot be read"))));
    assertThat(blocked())
        .returns(Reason.UPGRADE_NOT_CHECKED, ConditionState::reason)
        .returns(ConditionStatus.TRUE, ConditionState::status);
    assertThat(blocked().message()).contains("metrics of pod x");
  }

  @Test
  void theUserDecidesForOneMinorVersionButNotAboutKubelets() {
    found(List.of(), List.of("things"), List.of("webhook"));
    skip("v1.35");
    assertThat(version()).isEqualTo("v1.35.2");
    skip("true");
    assertThat(version()).isEqualTo("v1.35.2");
    skip("v1.36");
    assertThat(version()).isEqualTo("v1.36.3");
    found(List.of("Node w0"), List.of("things"), List.of("webhook"));
    assertThat(version()).isEqualTo("v1.35.2");
    assertThat(blocked().message()).contains("Node w0").doesNotContain("things", "Annotation");
  }

  /** It may be what mends it, so nobody waits for the next regular look. */
  @Test
  void whateverTheUserSaysHasItLookedAtAnew() {
    found(List.of(), List.of("things"), List.of());
    var before = Upgrade.check(plan(scenario).planning()).orElseThrow();
    assertThat(Upgrade.check(plan(scenario).planning())).contains(before);
    skip("v1.35");
    var annotated = Upgrade.check(plan(scenario).planning()).orElseThrow();
    assertThat(annotated).isNotEqualTo(before);
    scenario.edit(
        HostedControlPlane.class,
        "demo",
        o -> o.getMetadata().setGeneration(o.getMetadata().getGeneration() + 1));
    assertThat(Upgrade.check(plan(scenario).planning())).isPresent().get().isNotEqualTo(annotated);
  }

  @Test
  void whoSkipsStillHasToLetKubeletsBeLookedAtIfSomebodyAnswers() {
    skip("v1.36.3");
    scenario.synchronised(
        new HostedCluster(Optional.empty(), new HostedCluster.Nodes(1, 1), Set.of(""), Map.of()));
    assertThat(version()).isEqualTo("v1.35.2");
    scenario.synchronised(
        hosted(Optional.of("refused"), findings(List.of(), List.of(), List.of())));
    assertThat(version()).isEqualTo("v1.36.3");
  }

  @Test
  void patchesAndWhatIsOnTheWayAreNotHeldBack() {
    found(List.of("Node w0"), List.of(), List.of());
    scenario.spec("version: v1.35.9");
    assertThat(version()).isEqualTo("v1.35.9");
    scenario.spec("version: v1.36.3");
    scenario.edit(
        Deployment.class,
        "demo-api-server",
        d ->
            d.getSpec()
                .getTemplate()
                .getMetadata()
                .getAnnotations()
                .put(Labels.VERSION_ANNOTATION, "v1.36.3"));
    assertThat(version()).isEqualTo("v1.36.3");
  }

  @Test
  void aControlPlaneThatHasNeverWorkedIsNotHeldBack() {
    found(List.of("Node w0"), List.of(), List.of());
    scenario.status("initialization: {controlPlaneInitialized: false}");
    assertThat(version()).isEqualTo("v1.36.3");
  }

  @Test
  void etcdDoesNotGoAhead() {
    var first = Scenario.named("upgrade-etcd-first");
    assertThat(plan(first).planning().controlPlane().components().etcd()).startsWith("3.6.");
    first.synchronised(
        hosted(
            Optional.empty(),
            new UpgradeFindings(
                KubernetesVersion.parse("v1.34.4"),
                List.of(),
                List.of("things"),
                List.of(),
                Optional.empty())));
    assertThat(plan(first).planning().controlPlane().components().etcd()).startsWith("3.5.");
    assertThat(state(first, ConditionType.UPGRADE_BLOCKED)).isPresent();
    assertThat(state(first, ConditionType.ETCD).orElseThrow().isTrue()).isTrue();
  }

  @Test
  void etcdThatIsOnTheWayArrives() {
    var first = Scenario.named("upgrade-etcd-first");
    var ahead = plan(first).planning().controlPlane().components().etcd();
    first.edit(
        StatefulSet.class,
        "demo-etcd",
        set -> {
          var container = set.getSpec().getTemplate().getSpec().getContainers().getFirst();
          container.setImage(
              container.getImage().substring(0, container.getImage().lastIndexOf(':') + 1) + ahead);
        });
    first.synchronised(
        hosted(
            Optional.empty(),
            new UpgradeFindings(
                KubernetesVersion.parse("v1.34.4"),
                List.of(),
                List.of("things"),
                List.of(),
                Optional.empty())));
    assertThat(plan(first).planning().controlPlane().components().etcd()).isEqualTo(ahead);
    assertThat(plan(first).planning().controlPlane().version()).hasToString("v1.33.5");
  }

  @Test
  void etcdStaysWhereItIsWhenApiServersGoBack() {
    var first = Scenario.named("upgrade-etcd-first");
    var ahead = plan(first).planning().controlPlane().components().etcd();
    first.edit(
        StatefulSet.class,
        "demo-etcd",
        set -> {
          var container = set.getSpec().getTemplate().getSpec().getContainers().getFirst();
          container.setImage(
              container.getImage().substring(0, container.getImage().lastIndexOf(':') + 1) + ahead);
        });
    first.spec("version: v1.33.5");
    assertThat(plan(first).planning().controlPlane().components().etcd()).isEqualTo(ahead);
    assertThat(plan(first).planning().controlPlane().version()).hasToString("v1.33.5");
  }

  @Test
  void allApiServersThatRunAreAskedEachByItsAddress() {
    for (int i = 0; i < 3; i++) {
      int number = i;
      scenario.edit(
          Pod.class, "demo-api-server-" + i, p -> p.getStatus().setPodIP("192.0.2." + number));
    }
    scenario.edit(
        Pod.class,
        "demo-api-server-1",
        p -> p.getStatus().getConditions().getFirst().setStatus("False"));
    scenario.edit(
        Pod.class,
        "demo-api-server-2",
        p ->
            p.getStatus()
                .setContainerStatuses(
                    List.of(
                        new ContainerStatusBuilder()
                            .withName("kube-apiserver")
                            .withNewState()
                            .withNewWaiting()
                            .endWaiting()
                            .endState()
                            .build())));
    assertThat(Upgrade.check(plan(scenario).planning()).orElseThrow().servers())
        .as("one that is not ready has evidence too")
        .containsExactly(
            new Server("demo-api-server-0", "192.0.2.0", 6443, "s-demo.clusters.svc"),
            new Server("demo-api-server-1", "192.0.2.1", 6443, "s-demo.clusters.svc"));
    scenario.spec("version: v1.35.2");
    assertThat(Upgrade.check(plan(scenario).planning())).isEmpty();
  }
}
