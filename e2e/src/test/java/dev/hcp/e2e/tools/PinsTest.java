package dev.hcp.e2e.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.e2e.BedException;
import dev.hcp.e2e.store.SourceTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class PinsTest {
  private static final String GO_MOD =
      """
      module m

      require example.org/single v1.0.0

      require (
      	example.org/a v1.2.3 // indirect
      	example.org/a/b v2.0.0
      	example.org/c v0.1.0
      )

      replace (
      	example.org/c => example.org/c v0.2.0
      )
      """;

  private final GoModule module = new GoModule(Path.of("folder"));

  @Test
  void versionsAreThoseThatAreCompiled() {
    assertThat(module.versionOf("example.org/single", GO_MOD)).isEqualTo("v1.0.0");
    assertThat(module.versionOf("example.org/a", GO_MOD)).isEqualTo("v1.2.3");
    assertThat(module.versionOf("example.org/a/b", GO_MOD)).isEqualTo("v2.0.0");
    assertThat(module.versionOf("example.org/c", GO_MOD)).isEqualTo("v0.2.0");
  }

  @Test
  void aModuleThatIsNotPinnedIsNamed() {
    assertThatThrownBy(() -> module.versionOf("example.org/d", GO_MOD))
        .isInstanceOf(BedException.class)
        .hasMessageContaining("example.org/d");
  }

  @Test
  void everyToolHasItsPinsAndSaysItsVersion() {
    var source = SourceTree.locate(Map.of());
    for (var tool : Tool.all()) {
      assertThat(source.tool(tool.name()).resolve("go.mod")).isRegularFile();
      if (!tool.stamp().isEmpty()) {
        var version = new GoModule(source.tool(tool.name())).versionOf(tool.stamp());
        assertThat(tool.linkerFlags(version))
            .containsPattern("=v?" + Pattern.quote(version.substring(1)))
            .doesNotContain("%");
      }
    }
  }

  @Test
  void noPinsAreLeftOver() throws Exception {
    try (var folders = Files.list(SourceTree.locate(Map.of()).tool(""))) {
      assertThat(folders.map(folder -> folder.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(Tool.all().stream().map(Tool::name).toList());
    }
  }

  @Test
  void linkerFlagsCarryTheNumbers() {
    var flags = Tool.all().stream().filter(t -> t.name().equals("k8s")).findFirst().orElseThrow();
    assertThat(flags.linkerFlags("v1.36.3"))
        .contains("k8s.io/component-base/version.gitVersion=v1.36.3")
        .contains("k8s.io/component-base/version.gitMajor=1")
        .contains("k8s.io/client-go/pkg/version.gitMinor=36");
  }

  /** Otherwise the tests of upgrades would leave one out. */
  @Test
  void theOtherVersionsOfKubernetesAreTheMinorVersionsNextToThatOfTheBed() {
    int minor = minor("k8s");
    assertThat(minor("k8s-previous")).isEqualTo(minor - 1);
    assertThat(minor("k8s-next")).isEqualTo(minor + 1);
  }

  private static int minor(String tool) {
    var version =
        new GoModule(SourceTree.locate(Map.of()).tool(tool)).versionOf("k8s.io/kubernetes");
    return Integer.parseInt(version.split("\\.", -1)[1]);
  }

  @Test
  void whatOnlySomeBedsNeedIsNotBuiltForEveryBed() {
    assertThat(Tool.ofEveryBed().stream().map(Tool::name))
        .contains("k8s")
        .doesNotContain(
            "cilium", "conformance", "k8s-next", "k8s-previous", "metrics-server", "prometheus");
  }

  @Test
  void testsOfAPackageAreAProgramToo() {
    var tool = Tool.of("t", "main").testing("t.test", "example.org/t");
    assertThat(tool.programs()).containsExactly("main", "t.test");
    assertThat(tool.tests()).containsEntry("t.test", "example.org/t");
  }
}
