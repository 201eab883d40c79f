package dev.hcp.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.process.BuildInfo;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  /** What is published is what was looked at. */
  @Test
  void checksumsAreOfAllFilesOfARelease(@TempDir Path folder)
      throws IOException, InterruptedException {
    var files =
        List.of(
            "control-plane-components.yaml",
            "metadata.yaml",
            "clusterclass-hosted-control-plane.yaml",
            "cluster-topology.yaml",
            "hosted-control-plane-1.2.3.tgz",
            "hosted-control-plane-controller-1.2.3-linux-amd64.oci.tar",
            "hosted-control-plane-webhook-1.2.3-linux-amd64.oci.tar",
            "hosted-control-plane-controller-1.2.3.cdx.json");
    for (var file : files) {
      Files.writeString(folder.resolve(file), file);
    }
    // Where the sums themselves go.
    Files.writeString(folder.resolve("SHA256SUMS"), "");
    var sums = sums(folder, 0);
    assertThat(sums.lines().map(line -> line.split("  ")[1]))
        .containsExactlyInAnyOrderElementsOf(files);
    assertThat(sums.lines()).allMatch(line -> line.matches("[0-9a-f]{64}  .*"));

    for (var stranger :
        List.of(
            "hosted-control-plane-1.2.2.tgz",
            "hosted-control-plane-1.2.3-rc.1.tgz",
            "hosted-control-plane-11.2.3.tgz",
            ".part",
            "notes.md")) {
      Files.writeString(folder.resolve(stranger), "");
      assertThat(sums(folder, 1)).contains(stranger + " does not belong to release 1.2.3");
      Files.delete(folder.resolve(stranger));
    }

    Files.delete(folder.resolve("cluster-topology.yaml"));
    assertThat(sums(folder, 1)).contains("cluster-topology.yaml is missing");
  }

  private static String sums(Path folder, int expected) throws IOException, InterruptedException {
    var process =
        new ProcessBuilder(
                Path.of("../e2e/release-sums").toAbsolutePath().normalize().toString(), "1.2.3")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isEqualTo(expected);
    return output;
  }
}
