package dev.hcp.validation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FieldErrorTest {
  @Test
  void readsAsKubernetesReportsMistakes() {
    assertThat(new FieldError("spec.version", "banana", "must be a version"))
        .hasToString("spec.version: Invalid value: \"banana\": must be a version");
    assertThat(new FieldError("spec.replicas", 0, "must be at least 1"))
        .hasToString("spec.replicas: Invalid value: 0: must be at least 1");
    assertThat(new FieldError("spec", null, "must be set")).hasToString("spec: must be set");
  }

  @Test
  void cutsLongValues() {
    assertThat(new FieldError("a", "x".repeat(200), "b").toString())
        .isEqualTo("a: Invalid value: \"%s…\": b".formatted("x".repeat(120)));
  }
}
