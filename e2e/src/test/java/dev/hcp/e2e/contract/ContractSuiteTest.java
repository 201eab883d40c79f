package dev.hcp.e2e.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hcp.e2e.contract.FooProvider.Habit;
import dev.hcp.e2e.contract.Verdict.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule finds the provider that breaks it, and none finds fault with one that does not. */
final class ContractSuiteTest {
  private static final Patience SHORT =
      new Patience(Duration.ofMillis(60), Duration.ofMillis(15), Duration.ofMillis(2));

  /** A way to break a rule. */
  private record Breakage(String rule, String how, UnaryOperator<FooProvider> change) {
    @Override
    public String toString() {
      return rule + ": " + how;
    }
  }

  private static Breakage removed(String rule, String pointer) {
    return new Breakage(rule, "without " + pointer, foo -> foo.remove(pointer));
  }

  private static Breakage changed(String rule, String pointer, String value) {
    return new Breakage(rule, "%s is %s".formatted(pointer, value), foo -> foo.set(pointer, value));
  }

  private static Breakage published(String rule, String text, String replacement) {
    return new Breakage(
        rule,
        "'%s' instead of '%s'".formatted(replacement, text),
        foo -> foo.components(text, replacement));
  }

  private static Breakage habit(String rule, Habit habit) {
    return new Breakage(rule, habit.name(), foo -> foo.with(habit));
  }

  private static final String CONTRACT = "/metadata/labels/cluster.x-k8s.io~1v1beta2";
  private static final String CLUSTER = "/metadata/labels/cluster.x-k8s.io~1cluster-name";
  private static final String SCHEMA = "/spec/versions/1/schema/openAPIV3Schema/properties";
  private static final String TEMPLATE_SCHEMA =
      "/templateDefinition/spec/versions/0/schema/openAPIV3Schema/properties";
  private static final String SPEC = "/definition" + SCHEMA + "/spec";
  private static final String STATUS = "/definition" + SCHEMA + "/status/properties";

  static Stream<Breakage> breakages() {
    return Stream.of(
        changed("RES-1", "/definition/spec/scope", "Cluster"),
        changed("RES-1", "/templateDefinition/spec/scope", "Cluster"),
        removed("RES-2", "/definition" + SCHEMA + "/metadata"),
        changed("RES-3", "/definition/spec/names/listKind", "FooControlPlanes"),
        new Breakage(
            "RES-4",
            "another plural",
            foo -> foo.set("/definition/metadata/name", "foocps.controlplane.foo.example")),
        removed("RES-5", "/definition" + CONTRACT),
        removed("RES-5", "/templateDefinition" + CONTRACT),
        changed("RES-5", "/definition" + CONTRACT, "v1_v2"),
        changed("RES-6", "/role/rules/0/verbs", "[get, list]"),
        removed("RES-6", "/role"),
        changed("RES-7", "/definition/spec/names/categories", "[all]"),
        removed("RES-7", "/templateDefinition/spec/names/shortNames"),
        removed("RES-8", "/definition/spec/versions/1/subresources/status"),
        changed("END-1", SPEC + "/properties/controlPlaneEndpoint/properties/host/maxLength", "99"),
        removed("END-1", SPEC + "/properties/controlPlaneEndpoint/properties/port"),
        removed("END-2", SPEC + "/properties/controlPlaneEndpoint/minProperties"),
        removed("END-3", "/controlPlane/spec/controlPlaneEndpoint"),
        changed("END-3", "/cluster/spec/controlPlaneEndpoint/port", "443"),
        changed("REP-1", SPEC + "/properties/replicas/format", "int64"),
        changed("REP-1", SPEC + "/required", "[version, replicas]"),
        removed("REP-2", STATUS + "/upToDateReplicas"),
        removed("REP-3", "/definition/spec/versions/1/subresources/scale/labelSelectorPath"),
        removed("REP-4", "/controlPlane/status/availableReplicas"),
        changed("REP-4", "/controlPlane/status/readyReplicas", "4"),
        new Breakage("REP-4", "pods that are not counted", foo -> foo.withPods(5)),
        removed("VER-1", SPEC + "/properties/version/maxLength"),
        changed("VER-1", SPEC + "/required", "[]"),
        removed("VER-2", STATUS + "/versions/x-kubernetes-list-type"),
        removed("VER-2", STATUS + "/versions/items/properties/replicas"),
        removed("VER-3", STATUS + "/versions/maxItems"),
        removed("VER-3", STATUS + "/version"),
        changed("VER-4", "/controlPlane/spec/version", "1.36.3"),
        changed("VER-4", "/controlPlane/spec/version", "vlatest"),
        changed(
            "VER-5",
            "/controlPlane/status/versions",
            "[{version: v1.36.3, replicas: 2}, {version: v1.36.2, replicas: 1}]"),
        changed("VER-5", "/controlPlane/status/versions", "[{version: v1.36.3}]"),
        changed("VER-5", "/controlPlane/status/version", "v1.36.3"),
        removed("ROL-1", SPEC + "/properties/rollout"),
        removed("MAC-1", "/controlPlane/status/externalManagedControlPlane"),
        new Breakage(
            "MAC-2",
            "Machines without a template",
            foo ->
                foo.set(
                    "/machine",
                    "{apiVersion: cluster.x-k8s.io/v1beta2, kind: Machine, metadata: {name: m,"
                        + " namespace: clusters, labels: {cluster.x-k8s.io/cluster-name: foo,"
                        + " cluster.x-k8s.io/control-plane: ''}}}")),
        removed("INI-1", STATUS + "/initialization"),
        changed("INI-2", "/controlPlane/status/initialization/controlPlaneInitialized", "false"),
        removed("INI-2", "/cluster/status/initialization"),
        habit("INI-3", Habit.DOES_NOT_ANSWER),
        removed("CON-1", STATUS + "/conditions/x-kubernetes-list-map-keys"),
        changed("CON-1", STATUS + "/conditions/items/required", "[type, status]"),
        changed("CON-2", "/controlPlane/status/conditions/0/type", "Ready"),
        changed("CON-2", "/cluster/status/conditions/0/status", "'False'"),
        changed("CON-3", "/controlPlane/status/conditions/2/type", "Scaling"),
        changed("CON-4", "/controlPlane/status/conditions/4/type", "Waiting"),
        changed("CON-5", "/controlPlane/status/conditions/1/observedGeneration", "4"),
        changed("CON-5", "/controlPlane/status/conditions/1/reason", "''"),
        changed("FAI-1", "/controlPlane/status/failureReason", "Broken"),
        removed("TPL-1", TEMPLATE_SCHEMA + "/spec/properties/template/properties/spec"),
        changed("TPL-1", TEMPLATE_SCHEMA + "/spec/required", "[]"),
        removed("TPL-2", TEMPLATE_SCHEMA + "/spec/properties/template/properties/metadata"),
        changed(
            "TPL-3",
            TEMPLATE_SCHEMA
                + "/spec/properties/template/properties/spec/properties/controlPlaneEndpoint",
            "{type: object}"),
        changed(
            "TPL-4",
            TEMPLATE_SCHEMA + "/spec/properties/template/properties/spec/properties/colour",
            "{type: string}"),
        changed("KUB-1", "/kubeconfig/type", "Opaque"),
        removed("KUB-1", "/kubeconfig"),
        removed("KUB-2", "/kubeconfig" + CLUSTER),
        removed("KUB-3", "/kubeconfig/data/value"),
        other("KUB-3", "other-server"),
        other("KUB-4", "ten-years"),
        removed("CRT-1", "/authority/data/tls.crt"),
        removed("CRT-1", "/authority" + CLUSTER),
        changed("CRT-2", "/authority/type", "kubernetes.io/tls"),
        removed("OWN-1", "/controlPlane/metadata/ownerReferences"),
        removed("OWN-1", "/controlPlane" + CLUSTER),
        changed("OWN-2", "/configMap/metadata/ownerReferences/0/uid", "u-other"),
        removed("MOV-1", "/definition/metadata/labels/clusterctl.cluster.x-k8s.io"),
        changed(
            "MOV-2",
            "/controlPlane/metadata/annotations",
            "{clusterctl.cluster.x-k8s.io/block-move: ''}"),
        changed("CTL-1", "/metadata/releaseSeries/0/contract", "v1beta1"),
        removed("CTL-1", "/metadata"),
        published("CTL-2", "namespace: foo-system", "namespace: bar-system"),
        published("CTL-2", "kind: Namespace", "kind: Cupboard"),
        published("CTL-3", "name: manager", "name: controller"),
        published(
            "CTL-4",
            "namespace: foo-system, labels: {cluster.x-k8s.io/provider: control-plane-foo}",
            "namespace: foo-system"),
        published("CTL-5", "${FOO_LEVEL:=1}", "${FOO-LEVEL}"),
        published("CTL-5", "${FOO_LEVEL:=1}", "${FOO_LEVEL/a/b}"),
        published("CTL-6", "registry.example.com/foo/manager:v1", "manager"),
        published("CTL-7", "v1beta2: v1alpha1_v1", "v1beta2: v1alpha1"),
        habit("VER-6", Habit.TAKES_ANY_VERSION),
        habit("TPL-5", Habit.LETS_TEMPLATES_CHANGE),
        habit("TPL-6", Habit.KNOWS_NO_TOPOLOGY),
        habit("TPL-7", Habit.DEFAULTS_ANEW),
        habit("IDL-1", Habit.IS_RESTLESS),
        habit("PAU-1", Habit.HIDES_PAUSE),
        habit("PAU-2", Habit.WRITES_WHILE_PAUSED),
        habit("PAU-3", Habit.SLEEPS_ON),
        habit("BAC-1", Habit.FORGETS_LABELS),
        habit("BAC-2", Habit.FORGETS_OWNERS),
        habit("BAC-3", Habit.FORGETS_FINALIZERS),
        habit("BAC-4", Habit.DIES_WITHOUT_OWNER),
        habit("REP-5", Habit.IGNORES_SCALE));
  }

  private static Breakage other(String rule, String kubeconfig) {
    return new Breakage(rule, kubeconfig, foo -> foo.useKubeconfig(kubeconfig));
  }

  private static List<Finding> findings(FooProvider foo) {
    foo.start();
    var snapshot = foo.snapshot();
    var findings = new ArrayList<>(ContractSuite.judge(snapshot));
    findings.addAll(new Trials(snapshot, foo, SHORT, OptionalInt.of(5)).run());
    return findings;
  }

  @Test
  void aProviderThatKeepsTheContractBreaksNoRule() {
    var findings = findings(new FooProvider());
    assertThat(findings)
        .filteredOn(finding -> finding.verdict().outcome() != Outcome.PASS)
        .extracting(finding -> finding.rule().id() + " " + finding.verdict())
        .containsExactly(
            "MAC-2 Verdict[outcome=NOT_APPLICABLE, evidence=the control plane has no Machines]");
    assertThat(findings)
        .allSatisfy(finding ->
            assertThat(finding.verdict().evidence()).as(finding.rule().id()).isNotBlank());
  }

  @ParameterizedTest
  @MethodSource("breakages")
  void aBrokenRuleIsFound(Breakage breakage) {
    var broken =
        findings(breakage.change().apply(new FooProvider())).stream()
            .filter(finding -> finding.rule().id().equals(breakage.rule()))
            .toList();
    assertThat(broken).hasSize(1);
    assertThat(broken.getFirst().verdict().outcome())
        .as(broken.getFirst().verdict().evidence())
        .isEqualTo(Outcome.FAIL);
    assertThat(broken.getFirst().verdict().evidence()).contains("wanted");
  }

  @Test
  void eachRuleCanBeBroken() {
    var rules =
        Stream.concat(
                ContractSuite.readRules().stream().map(ReadRule::rule), Trials.rules().stream())
            .map(Rule::id)
            .toList();
    assertThat(rules).doesNotHaveDuplicates();
    assertThat(breakages().map(Breakage::rule).collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(rules);
  }

  @Test
  void whatAKindDoesNotHaveIsNotHeldAgainstIt() {
    var foo =
        new FooProvider()
            .remove(SPEC + "/properties/replicas")
            .remove(SPEC + "/properties/controlPlaneEndpoint")
            .remove("/templateDefinition");
    var outcomes = new TreeMap<String, Outcome>();
    findings(foo)
        .forEach(finding -> outcomes.put(finding.rule().id(), finding.verdict().outcome()));
    assertThat(outcomes)
        .containsEntry("REP-4", Outcome.NOT_APPLICABLE)
        .containsEntry("END-3", Outcome.NOT_APPLICABLE)
        .containsEntry("TPL-1", Outcome.NOT_APPLICABLE)
        .containsEntry("TPL-5", Outcome.NOT_APPLICABLE);
  }

  @Test
  void nothingIsChangedUnlessThatIsAllowed() {
    var foo = new FooProvider().start();
    var before = foo.snapshot();
    var report = ContractSuite.run(foo, FooProvider.SUBJECT, false, SHORT, OptionalInt.empty());
    assertThat(foo.snapshot()).isEqualTo(before);
    assertThat(report.breaches()).isEmpty();
    assertThat(report.with(Outcome.NOT_APPLICABLE))
        .extracting(finding -> finding.rule().id())
        .contains("PAU-2", "CTL-1", "REP-5");
  }

  @Test
  void whatWasChangedIsChangedBack() {
    var foo = new FooProvider().start();
    var before = foo.snapshot();
    var _ = ContractSuite.run(foo, FooProvider.SUBJECT, true, SHORT, OptionalInt.empty());
    var after = foo.snapshot();
    assertThat(after.controlPlane().path("spec")).isEqualTo(before.controlPlane().path("spec"));
    assertThat(after.controlPlane().at("/metadata/annotations"))
        .isEqualTo(before.controlPlane().at("/metadata/annotations"));
    assertThat(foo.list("controlplane.foo.example/v1", "FooControlPlaneTemplate", "clusters", ""))
        .isEmpty();
  }

  @Test
  void onlyBrokenDutiesAreBreaches() throws Exception {
    var foo =
        new FooProvider()
            .remove(SPEC + "/properties/rollout")
            .set("/kubeconfig/type", "Opaque")
            .start();
    var report = ContractSuite.run(foo, FooProvider.SUBJECT, false, SHORT, OptionalInt.empty());
    assertThat(report.breaches())
        .extracting(finding -> finding.rule().id())
        .containsExactly("KUB-1");
    assertThat(report.markdown())
        .contains("| ROL-1 | O | **fail** |")
        .contains("| KUB-1 | M | **fail** |")
        .contains("type is Opaque; wanted: cluster.x-k8s.io/secret")
        .contains("| KUB-2 | M | pass |");
    var json = new ObjectMapper().readTree(report.json());
    assertThat(json.path("cluster").asText()).isEqualTo("clusters/foo");
    assertThat(json.path("rules")).hasSize(report.findings().size());
  }

  @Test
  void theProviderIsNamedByKindAndCluster() {
    var subject =
        Subject.parse("controlplane.foo.example/v1/FooControlPlane", "a/b", Optional.empty());
    assertThat(subject.definitionName("FooControlPlane"))
        .isEqualTo("foocontrolplanes.controlplane.foo.example");
    assertThat(subject.definitionName("FooPolicy")).startsWith("foopolicies.");
    assertThat(subject.definitionName("FooBox")).startsWith("fooboxes.");
    assertThatThrownBy(() -> Subject.parse("FooControlPlane", "a/b", Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("GROUP/VERSION/KIND");
    assertThatThrownBy(
            () -> ContractSuite.run(new FooProvider(), subject, false, SHORT, OptionalInt.empty()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no Cluster a/b");
  }
}
