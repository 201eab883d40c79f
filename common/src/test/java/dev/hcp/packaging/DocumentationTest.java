package dev.hcp.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.version.KubernetesVersion;
import dev.hcp.version.VersionTable;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The user guide keeps up with the code where the code is a closed set. */
class DocumentationTest {
  private static final String CONCEPTS = Manifests.read(Path.of("../docs/concepts.md"));

  @ParameterizedTest
  @EnumSource
  void conditionIsDocumented(ConditionType type) {
    assertThat(CONCEPTS).contains("`%s`".formatted(type.value()));
  }

  @ParameterizedTest
  @EnumSource
  void reasonIsDocumented(Reason reason) {
    assertThat(CONCEPTS).contains("`%s`".formatted(reason.value()));
  }

  @ParameterizedTest
  @MethodSource
  void versionIsDocumented(VersionTable.Components components) {
    assertThat(CONCEPTS)
        .contains(
            "| 1.%d | %s | %s | %s |"
                .formatted(
                    components.minor(),
                    components.etcd(),
                    components.konnectivity(),
                    components.coredns()));
  }

  static Stream<VersionTable.Components> versionIsDocumented() {
    return IntStream.range(0, 100)
        .mapToObj(minor -> VersionTable.find(KubernetesVersion.parse("v1." + minor)))
        .flatMap(Optional::stream);
  }
}
