package dev.hcp.e2e.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.e2e.Cni;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ArgumentsTest {
  private static Arguments parse(String... words) {
    return Arguments.parse(words, Map.of());
  }

  @Test
  void optionsMayStandOnEitherSideOfTheCommand() {
    var before = parse("--name", "a", "up", "--without-provider");
    var after = parse("up", "--without-provider", "--name", "a");
    assertThat(before).isEqualTo(after);
    assertThat(before.bed()).isEqualTo("a");
    assertThat(before.withProvider()).isFalse();
  }

  @Test
  void theNameComesFromTheOptionThenTheEnvironmentThenIsDemo() {
    assertThat(parse("up").bed()).isEqualTo("demo");
    assertThat(Arguments.parse(new String[] {"up"}, Map.of("BED_NAME", "x")).bed()).isEqualTo("x");
    assertThat(Arguments.parse(new String[] {"up", "--name", "y"}, Map.of("BED_NAME", "x")).bed())
        .isEqualTo("y");
  }

  @Test
  void whatFollowsExecBelongsToTheCommandThatIsRun() {
    var arguments = parse("exec", "--name", "a", "kubectl", "get", "--name", "b", "--", "-A");
    assertThat(arguments.bed()).isEqualTo("a");
    assertThat(arguments.rest()).containsExactly("kubectl", "get", "--name", "b", "--", "-A");
  }

  @Test
  void twoDashesEndTheOptionsOfExec() {
    assertThat(parse("exec", "--", "--version").rest()).containsExactly("--version");
  }

  @Test
  void foldersAreTaken() {
    var arguments = parse("demo", "--provider", "out", "--samples", "s");
    assertThat(arguments.provider()).contains(Path.of("out"));
    assertThat(arguments.samples()).contains(Path.of("s"));
  }

  @Test
  void aWorkerIsNamedWithItsCluster() {
    var arguments = parse("worker", "add", "--cluster", "clusters/demo", "--node", "n");
    assertThat(arguments.requireCluster())
        .isEqualTo(new Arguments.HostedClusterName("clusters", "demo"));
    assertThat(arguments.requireNode()).isEqualTo("n");
    assertThat(parse("exec", "--node", "n", "crictl", "--node", "m").node()).contains("n");
    assertThatThrownBy(() -> parse("worker", "add", "--cluster", "demo").requireCluster())
        .hasMessageContaining("NAMESPACE/NAME, not 'demo'");
    assertThatThrownBy(() -> parse("worker", "remove").requireNode())
        .hasMessageContaining("--node");
  }

  @Test
  void aManagementClusterMayHaveCiliumAndSeveralNodes() {
    assertThat(parse("up").cni()).isEqualTo(Cni.BRIDGE);
    var arguments = parse("up", "--cni", "cilium", "--nodes", "2");
    assertThat(arguments.cni()).isEqualTo(Cni.CILIUM);
    assertThat(arguments.nodes()).isEqualTo(2);
    assertThatThrownBy(() -> parse("up", "--cni", "wire"))
        .hasMessageContaining("'wire'")
        .hasMessageContaining("bridge, cilium");
    assertThatThrownBy(() -> parse("up", "--nodes", "two")).hasMessageContaining("'two'");
  }

  @Test
  void mistakesAreNamed() {
    assertThatThrownBy(() -> parse()).hasMessageContaining("which command");
    assertThatThrownBy(() -> parse("fly")).hasMessageContaining("'fly'");
    assertThatThrownBy(() -> parse("up", "--fast")).hasMessageContaining("'--fast'");
    assertThatThrownBy(() -> parse("up", "--name")).hasMessageContaining("--name needs a value");
    assertThatThrownBy(() -> parse("exec")).hasMessageContaining("exec does not take 0 arguments");
    assertThatThrownBy(() -> parse("down", "x")).hasMessageContaining("down does not take 1");
  }
}
