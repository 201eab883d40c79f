package dev.hcp.controller.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersion;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionVersionBuilder;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class InfrastructureClustersTest {
  private static final String NEW = "cluster.x-k8s.io/v1beta2";
  private static final String OLD = "cluster.x-k8s.io/v1beta1";

  @Test
  void theLastVersionOfTheNewestContractIsUsed() {
    assertThat(InfrastructureClusters.version(definition(Map.of(NEW, "v1_v2", OLD, "v3"))))
        .hasValue("v2");
  }

  @Test
  void theOlderContractDoesToo() {
    assertThat(InfrastructureClusters.version(definition(Map.of(OLD, "v1")))).hasValue("v1");
  }

  @Test
  void versionsThatAreNotServedDoNotCount() {
    assertThat(InfrastructureClusters.version(definition(Map.of(NEW, "v1_v9")))).hasValue("v1");
    assertThat(InfrastructureClusters.version(definition(Map.of(NEW, "v9", OLD, "v1"))))
        .hasValue("v1");
  }

  @Test
  void withoutAContractThereIsNone() {
    assertThat(InfrastructureClusters.version(definition(Map.of("other", "v1")))).isEmpty();
    assertThat(InfrastructureClusters.version(definition(null))).isEmpty();
  }

  private static CustomResourceDefinition definition(Map<String, String> labels) {
    return new CustomResourceDefinitionBuilder()
        .withNewMetadata()
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .withVersions(Stream.of("v1", "v2", "v3").map(InfrastructureClustersTest::served).toList())
        .endSpec()
        .build();
  }

  private static CustomResourceDefinitionVersion served(String name) {
    return new CustomResourceDefinitionVersionBuilder().withName(name).withServed(true).build();
  }
}
