package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.store.Cache;
import dev.hcp.e2e.store.SourceTree;
import dev.hcp.e2e.tools.Toolbox;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** The alerts of {@code config/monitoring}, judged by Prometheus' own rule engine. Needs no bed. */
@DisabledIfEnvironmentVariable(
    named = "SKIP_E2E",
    matches = ".+",
    disabledReason = "SKIP_E2E is set: the alerts were NOT tried")
class AlertsIT {
  private static final Path RULES = Path.of("../config/monitoring/alerts.yaml");
  private static final KubernetesSerialization YAML = new KubernetesSerialization();
  private static final String TESTS = "alerts_test.yaml";

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    // What Prometheus reads is the spec of what its operator reads.
    var spec = YAML.unmarshal(Files.readString(RULES), Map.class).get("spec");
    Files.writeString(folder.resolve("alerts.yaml"), YAML.asYaml(spec));
    Files.writeString(folder.resolve(TESTS), tests());
  }

  @Test
  void rulesAreUnderstood() {
    var result = promtool("check", "rules", "--lint=all", "--lint-fatal", "alerts.yaml").run();
    assertThat(result.succeeded()).as(result.output() + result.error()).isTrue();
  }

  @Test
  void alertsFireWhenTheyShouldAndNoSooner() throws IOException {
    var result = promtool("test", "rules", TESTS).run();
    assertThat(result.succeeded()).as(result.output() + result.error()).isTrue();

    // The tool says nothing of rules without a test.
    var fire = new TreeSet<String>();
    var quiet = new TreeSet<String>();
    for (var test : list(YAML.unmarshal(tests(), Map.class), "tests")) {
      var name = String.valueOf(test.get("name"));
      var alert = name.substring(0, name.indexOf(' '));
      var questions = list(test, "promql_expr_test");
      assertThat(questions)
          .as(name)
          .extracting(question -> question.get("expr"))
          .containsOnly("ALERTS{alertname=\"%s\",alertstate=\"firing\"}".formatted(alert));
      if (questions.getLast().containsKey("exp_samples")) {
        assertThat(questions.getFirst())
            .as("%s, but not sooner", name)
            .doesNotContainKey("exp_samples");
        fire.add(alert);
      } else {
        quiet.add(alert);
      }
    }
    assertThat(fire).isEqualTo(alerts());
    assertThat(quiet).isEqualTo(alerts());
  }

  private TreeSet<String> alerts() throws IOException {
    var names = new TreeSet<String>();
    var rules = YAML.unmarshal(Files.readString(folder.resolve("alerts.yaml")), Map.class);
    for (var group : list(rules, "groups")) {
      list(group, "rules").forEach(rule -> names.add(String.valueOf(rule.get("alert"))));
    }
    return names;
  }

  private static String tests() throws IOException {
    try (var resource = AlertsIT.class.getResourceAsStream("monitoring/" + TESTS)) {
      assertThat(resource).isNotNull();
      return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(Map<?, ?> parent, String key) {
    return (List<Map<String, Object>>) parent.get(key);
  }

  private Command promtool(String... arguments) {
    return Command.of(
            Toolbox.command(
                    "promtool",
                    SourceTree.locate(System.getenv()),
                    Cache.locate(System.getenv()),
                    Progress.onStandardError())
                .toString())
        .with(arguments)
        .in(folder);
  }
}
