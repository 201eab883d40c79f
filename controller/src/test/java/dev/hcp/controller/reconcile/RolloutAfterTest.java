package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Pods are replaced once when the time comes that the spec asks for, and never again for it. */
final class RolloutAfterTest {
  private static final List<Component> REPLACED =
      List.of(Component.API_SERVER, Component.CONTROLLER_MANAGER, Component.SCHEDULER);

  private final World world = World.settledSample();

  @Test
  void nothingHappensBeforeTheTime() {
    var before = pods(REPLACED);
    after("2026-01-01T02:00:00+01:00");
    world.settle();
    assertThat(pods(REPLACED)).isEqualTo(before);
    assertThat(world.pass())
        .as("nothing else would wake anybody")
        .contains(Duration.ofHours(1).plusSeconds(1));
  }

  @Test
  void allArePlacedAnewOnceItHasCome() {
    var before = pods(REPLACED);
    var etcd = pods(List.of(Component.ETCD));
    after("2026-01-01T02:00:00+01:00");
    world.settle();
    world.now = world.now.plus(Duration.ofHours(1));
    world.settle();
    assertThat(pods(REPLACED)).doesNotContainAnyElementsOf(before).hasSameSizeAs(before);
    assertThat(pods(List.of(Component.ETCD))).isEqualTo(etcd);
    assertThat(world.condition(ConditionType.READY).status()).isEqualTo("True");
    assertThat(world.pass()).isEmpty();
  }

  @Test
  void onceIsEnough() {
    after("2025-12-31T23:00:00Z");
    world.settle();
    var replaced = pods(REPLACED);
    world.now = world.now.plus(Duration.ofDays(400));
    world.restart();
    world.settle();
    assertThat(pods(REPLACED)).as("later").isEqualTo(replaced);
    after("2025-12-01T00:00:00Z");
    world.settle();
    assertThat(pods(REPLACED)).as("an earlier time").isEqualTo(replaced);
    edit(new LinkedHashMap<>(), true);
    world.settle();
    assertThat(pods(REPLACED)).as("no time").isEqualTo(replaced);
    after("2026-06-01T00:00:00Z");
    world.settle();
    assertThat(pods(REPLACED)).as("a later time").doesNotContainAnyElementsOf(replaced);
  }

  private Set<String> pods(List<Component> components) {
    var labels = components.stream().map(Component::label).toList();
    return world.cluster.all(Pod.class).stream()
        .filter(pod -> labels.contains(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
        .map(pod -> pod.getMetadata().getUid())
        .collect(Collectors.toSet());
  }

  private void after(String time) {
    edit(Map.of("rollout", Map.of("after", time)), false);
  }

  private void edit(Map<String, ?> fields, boolean withoutRollout) {
    var map = Manifests.toMap(world.object());
    var spec = new LinkedHashMap<String, Object>();
    ((Map<?, ?>) map.get("spec")).forEach((key, value) -> spec.put(String.valueOf(key), value));
    spec.putAll(fields);
    if (withoutRollout) {
      spec.remove("rollout");
    }
    map.put("spec", spec);
    world.cluster.put(Manifests.fromMap(map, HostedControlPlane.class));
    world.cluster.catchUp();
  }
}
