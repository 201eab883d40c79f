package dev.hcp.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.process.BuildInfo;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** What {@code clusterctl} takes for granted about a release. */
class ReleaseTest {
  private static final String CONTRACT = "v1beta2";
  private static final List<String> FILLED_IN_BY_THE_BUILD =
      List.of("release/images.yaml", "release/kustomization.yaml");

  @Test
  void theVersionThatIsBuiltHasAReleaseSeries() {
    var version = BuildInfo.load().version();
    var numbers = version.split("\\.", -1);
    assertThat(Manifests.releaseMetadata().get("releaseSeries"))
        .as("config/release/metadata.yaml must list the series of version %s", version)
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .contains(
            Map.of(
                "major", Integer.valueOf(numbers[0]),
                "minor", Integer.valueOf(numbers[1]),
                "contract", CONTRACT));
  }

  @Test
  void theKindsAreLabelledWithTheContract() {
    assertThat(Manifests.installed(CustomResourceDefinition.class))
        .hasSize(3)
        .allSatisfy(crd ->
            assertThat(crd.getMetadata().getLabels())
                .containsEntry("cluster.x-k8s.io/" + CONTRACT, "v1alpha1"));
  }

  /**
   * clusterctl replaces <code>${…}</code> and turns <code>$$</code> into <code>$</code>, kubectl
   * does not: with either of them in a file the two would install different things.
   */
  @Test
  void nothingChangesWhenClusterctlSubstitutesVariables() {
    assertThat(Manifests.files())
        .filteredOn(file -> FILLED_IN_BY_THE_BUILD.stream().noneMatch(file::endsWith))
        .isNotEmpty()
        .allSatisfy(file ->
            assertThat(List.of("${", "$$"))
                .as(file.toString())
                .noneMatch(Manifests.read(file)::contains));
  }
}
