package dev.hcp.render.pod;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PodsTest {
  @Test
  void labelsAndAnnotationsAreAddedAndOurOwnWin() {
    var settings =
        Planes.with("etcd: {podLabels: {z: '1', a: '2'}, podAnnotations: {z: '3', b: '4'}}").etcd();
    var metadata = Pods.metadata(settings, Map.of("z", "ours"), Map.of("b", "ours"));
    assertThat(metadata.getLabels()).containsExactly(Map.entry("a", "2"), Map.entry("z", "ours"));
    assertThat(metadata.getAnnotations())
        .containsExactly(Map.entry("b", "ours"), Map.entry("z", "3"));
    assertThat(Pods.metadata(null, Map.of("a", "b"), Map.of()).getLabels()).hasSize(1);
  }

  @Test
  void variablesComeAfterOursAndNeverReplaceThem() {
    var settings =
        Planes.with(
                "etcd: {env: [{name: B, value: '$(A)'}, {name: A, value: x}, {name: C, value:"
                    + " ''}]}")
            .etcd();
    assertThat(Pods.env(settings, new EnvVar("A", "ours", null)))
        .containsExactly(
            new EnvVar("A", "ours", null),
            new EnvVar("B", "$(A)", null),
            new EnvVar("C", null, null));
    assertThat(Pods.env(null)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | 10m | 32Mi | - | 64Mi",
        "{resources: {}} | 10m | 32Mi | - | 64Mi",
        "{resources: {requests: {cpu: '1'}}} | 1 | 32Mi | - | 64Mi",
        "{resources: {requests: {memory: 1Gi}}} | 10m | 1Gi | - | -",
        "{resources: {limits: {cpu: 5m}}} | - | 32Mi | 5m | 64Mi",
        "{resources: {limits: {cpu: 5m, memory: 1Mi}}} | - | - | 5m | 1Mi",
        "{resources: {requests: {cpu: '0', memory: '0'}}} | 0 | 0 | - | -",
      })
  void whatTheUserSaysOfAResourceReplacesAllDefaultsOfIt(
      String settings, String cpu, String memory, String cpuLimit, String memoryLimit) {
    var defaults =
        new ResourceRequirementsBuilder()
            .addToRequests("cpu", new Quantity("10m"))
            .addToRequests("memory", new Quantity("32Mi"))
            .addToLimits("memory", new Quantity("64Mi"))
            .build();
    var resources = Pods.resources(Planes.with("etcd: " + settings).etcd(), defaults);
    assertThat(text(resources.getRequests(), "cpu")).isEqualTo(cpu);
    assertThat(text(resources.getRequests(), "memory")).isEqualTo(memory);
    assertThat(text(resources.getLimits(), "cpu")).isEqualTo(cpuLimit);
    assertThat(text(resources.getLimits(), "memory")).isEqualTo(memoryLimit);
  }

  private static String text(Map<String, Quantity> quantities, String resource) {
    return quantities.containsKey(resource) ? quantities.get(resource).toString() : "-";
  }
}
