package dev.hcp.render.pod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.naming.Component;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlacementTest {
  private static final Map<String, String> SELECTOR = Map.of("component", "x");

  @Test
  void labelsOfNodesAreAddedAndOurOwnWin() {
    var settings = etcd("{nodeSelector: {b: '1', a: '2', c: '3'}}");
    assertThat(Placement.nodeSelector(settings, Map.of("b", "ours")))
        .containsExactly(Map.entry("a", "2"), Map.entry("b", "ours"), Map.entry("c", "3"));
    assertThat(Placement.nodeSelector(null, Map.of())).isEmpty();
  }

  @Test
  void tolerationsAreAddedWithoutWhatTheServerDoesNotKeep() {
    var own = new TolerationBuilder().withKey("own").withOperator("Exists").build();
    var settings = etcd("{tolerations: [{key: a, operator: '', value: '', effect: NoExecute}]}");
    assertThat(Placement.tolerations(settings, List.of(own)))
        .containsExactly(own, new Toleration("NoExecute", "a", null, null, null));
    assertThat(Placement.tolerations(null, List.of())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | true",
        "{affinity: {}} | true",
        "{affinity: {nodeAffinity: {}, podAntiAffinity: {}}} | true",
        "{affinity: {podAffinity: {}}} | false",
        "{affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey:"
            + " a}]}}} | false"
      })
  void aKindOfAffinityReplacesTheDefaultOfThatKind(String settings, boolean keepsDefault) {
    var user = etcd(settings);
    var affinity = Placement.affinity(user, Planes.with(""), Component.API_SERVER);
    var preferred = affinity.getPodAffinity().getPreferredDuringSchedulingIgnoredDuringExecution();
    assertThat(preferred).hasSize(keepsDefault ? 1 : 0);
    if (user.affinity() != null) {
      assertThat(affinity.getNodeAffinity()).isEqualTo(user.affinity().getNodeAffinity());
      assertThat(affinity.getPodAntiAffinity()).isEqualTo(user.affinity().getPodAntiAffinity());
    }
  }

  @Test
  void podsAreSpreadOverHostsAndZonesByDefault() {
    assertThat(Placement.spread(etcd("{}"), SELECTOR))
        .allSatisfy(constraint -> {
          assertThat(constraint.getLabelSelector().getMatchLabels()).isEqualTo(SELECTOR);
          assertThat(constraint.getMatchLabelKeys()).containsExactly("pod-template-hash");
        })
        .extracting(TopologySpreadConstraint::getTopologyKey)
        .containsExactly("kubernetes.io/hostname", "topology.kubernetes.io/zone");
    assertThat(Placement.spreadOfReplaced(null, SELECTOR))
        .allSatisfy(constraint -> assertThat(constraint.getMatchLabelKeys()).isEmpty())
        .hasSize(2);
    assertThat(Placement.spread(etcd("{topologySpreadConstraints: []}"), SELECTOR)).isEmpty();
  }

  @Test
  void aConstraintWithoutSelectorCountsThePodsOfTheComponent() {
    var constraints =
        Placement.spread(
            etcd(
                """
                topologySpreadConstraints:
                - {maxSkew: 2, topologyKey: rack, whenUnsatisfiable: DoNotSchedule, minDomains: 3}
                - {maxSkew: 1, topologyKey: b, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: [x]}
                - {maxSkew: 1, topologyKey: c, whenUnsatisfiable: DoNotSchedule, labelSelector: {}}
                """),
            SELECTOR);
    assertThat(constraints).hasSize(3);
    assertThat(constraints.getFirst())
        .returns(2, TopologySpreadConstraint::getMaxSkew)
        .returns(3, TopologySpreadConstraint::getMinDomains)
        .returns(List.of("pod-template-hash"), TopologySpreadConstraint::getMatchLabelKeys)
        .returns(
            new LabelSelector(List.of(), SELECTOR), TopologySpreadConstraint::getLabelSelector);
    assertThat(constraints.get(1))
        .returns(List.of("x"), TopologySpreadConstraint::getMatchLabelKeys)
        .returns(
            new LabelSelector(List.of(), SELECTOR), TopologySpreadConstraint::getLabelSelector);
    assertThat(constraints.get(2))
        .returns(new LabelSelector(), TopologySpreadConstraint::getLabelSelector)
        .returns(List.of(), TopologySpreadConstraint::getMatchLabelKeys);
  }

  private static EtcdComponent etcd(String settings) {
    return Planes.with("etcd:\n" + settings.indent(2)).etcd();
  }
}
