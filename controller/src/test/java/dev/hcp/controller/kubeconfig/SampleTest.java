package dev.hcp.controller.kubeconfig;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.validation.Validator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The sample of a cluster with kubeconfigs for users. */
final class SampleTest {
  private static final Path FILE = Path.of("../config/samples/cluster-with-kubeconfigs.yaml");

  @Test
  void isAccepted() throws IOException {
    var sample = Scenario.of(Files.readString(FILE)).get(HostedControlPlane.class, "shared");
    assertThat(Validator.create(sample)).isEmpty();
    assertThat(sample.getSpec().kubeconfigs()).hasSize(2);
  }
}
