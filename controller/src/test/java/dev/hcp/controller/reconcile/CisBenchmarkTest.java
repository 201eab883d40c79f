package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.controller.scenario.Scenario;
import dev.hcp.flags.Program;
import dev.hcp.hardening.CisBenchmark;
import dev.hcp.hardening.CisCheck;
import dev.hcp.hardening.ControlPlaneProcess;
import dev.hcp.version.VersionTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the benchmark asks of a control plane holds for what is rendered, in every version. */
final class CisBenchmarkTest {
  static List<CisCheck> checks() {
    return CisBenchmark.checks();
  }

  static List<String> scenarios() throws IOException {
    return GoldenTest.scenarios();
  }

  @ParameterizedTest
  @MethodSource("checks")
  void whatIsSaidOfACheckIsTrue(CisCheck check) {
    for (var version : VersionTable.rows()) {
      var spec = "version: v1.%d.0".formatted(version.minor());
      switch (check.verdict()) {
        case CisCheck.Met(var program, _, var holds) ->
            assertThat(processes(program, spec)).as(spec).isNotEmpty().allMatch(holds);
        case CisCheck.Choice(var program, _, var choice, var holds) -> {
          assertThat(processes(program, spec)).as(spec).isNotEmpty().noneMatch(holds);
          assertThat(processes(program, spec + "\n" + choice)).isNotEmpty().allMatch(holds);
        }
        case CisCheck.Deviation(var program, _, var asWritten, var instead) ->
            assertThat(processes(program, spec))
                .as(spec)
                .isNotEmpty()
                .noneMatch(asWritten)
                .allMatch(instead);
        case CisCheck.Elsewhere _ -> {}
      }
    }
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void whatIsMetIsMetInEverySituation(String name) {
    var processes = processes(Scenario.named(name)).toList();
    for (var check : CisBenchmark.checks()) {
      if (check.verdict() instanceof CisCheck.Met(var program, _, var holds)) {
        assertThat(processes)
            .filteredOn(process -> process.program() == program)
            .as(check.toString())
            .isNotEmpty()
            .allMatch(holds);
      }
    }
  }

  /** A check that always holds would be none. */
  @Test
  void aProcessWithoutFlagsFails() {
    var failed = new ArrayList<String>();
    for (var check : CisBenchmark.checks()) {
      if (check.verdict() instanceof CisCheck.Met(var program, _, var holds)
          && !holds.test(bare(program))) {
        failed.add(check.id());
      }
    }
    assertThat(failed)
        .hasSizeGreaterThan(25)
        .contains("1.1.20", "1.2.6–1.2.8", "1.2.14", "1.2.15", "1.2.27", "1.2.29", "2.2", "2.5");
  }

  private static ControlPlaneProcess bare(Program program) {
    return new ControlPlaneProcess(
        program,
        List.of("/usr/local/bin/" + program.title()),
        List.of(new ControlPlaneProcess.SecretFile("/etc/kubernetes/pki/ca.crt", 0666)));
  }

  private static List<ControlPlaneProcess> processes(Program program, String spec) {
    return processes(Scenario.named("minimal").spec(spec))
        .filter(process -> process.program() == program)
        .toList();
  }

  private static Stream<ControlPlaneProcess> processes(Scenario scenario) {
    return Pods.of(WantedObjects.of(scenario)).stream()
        .flatMap(pods -> ControlPlaneProcess.of(pods.template().getSpec()).stream());
  }
}
