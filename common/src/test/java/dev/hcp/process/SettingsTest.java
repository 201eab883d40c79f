package dev.hcp.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hcp.model.Cidr;
import dev.hcp.model.PortRange;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  private static final Map<String, String> MINIMAL = Map.of("CONTROLLER_NAMESPACE", "capi-system");

  private static final String ROLE = "arn:aws:iam::123456789012:role/path/backups";

  @Test
  void documentedDefaults() {
    assertThat(controller(MINIMAL))
        .isEqualTo(
            new ControllerSettings(
                new LogSettings(LogFormat.JSON, LogLevel.INFO),
                true,
                10,
                "capi-system",
                ReconcileFilter.ALL,
                Optional.empty(),
                Optional.empty(),
                new NetworkPolicyOptions(
                    NetworkPolicyOptions.Choice.AUTO, List.of(), List.of(), List.of()),
                new PortRange(20_000, 29_999),
                new TokenIssuerChoice.Discovered(),
                BuildInfo.load().image(),
                BackupIdentities.NONE,
                new MetricsSettings(8443, true),
                Optional.empty(),
                8081));
    assertThat(webhook(Map.of()))
        .isEqualTo(
            new WebhookSettings(
                new LogSettings(LogFormat.JSON, LogLevel.INFO),
                Path.of("/tmp/k8s-webhook-server/serving-certs"),
                false,
                9443,
                new MetricsSettings(8443, true),
                8081));
  }

  @Test
  void otherObjectsAreLookedAtWhereThereAreAny() {
    var inPod = Map.of("KUBERNETES_SERVICE_HOST", "10.0.0.1");
    assertThat(webhook(inPod).lookups()).isTrue();
    assertThat(webhook(Map.of("CLUSTER_LOOKUPS", "true")).lookups()).isTrue();
    assertThat(
            webhook(Map.of("KUBERNETES_SERVICE_HOST", "10.0.0.1", "CLUSTER_LOOKUPS", "false"))
                .lookups())
        .isFalse();
  }

  @Test
  void emptyVariableAndFlagCountAsNotSet() {
    var variables = new HashMap<>(MINIMAL);
    for (var name :
        List.of(
            "LEADER_ELECTION", "LOG_LEVEL", "HCP_RECONCILE_FILTER", "MAX_CONCURRENT_RECONCILES")) {
      variables.put(name, "");
    }
    assertThat(controller(variables, "--namespace=", "--watch-filter", ""))
        .isEqualTo(controller(MINIMAL));
  }

  @Test
  void everythingSet() {
    var settings =
        controller(
            Map.ofEntries(
                Map.entry("CONTROLLER_NAMESPACE", "x"),
                Map.entry("LEADER_ELECTION", "F"),
                Map.entry("MAX_CONCURRENT_RECONCILES", "25"),
                Map.entry("HCP_RECONCILE_FILTER", "team-a/one"),
                Map.entry("NETWORK_POLICY_FLAVOUR", "Cilium"),
                Map.entry("GATEWAY_NAMESPACES", "ingress, edge,ingress"),
                Map.entry("MANAGEMENT_POD_CIDRS", "10.0.0.0/16,fd00::/48"),
                Map.entry("MANAGEMENT_NODE_CIDRS", "192.0.2.0/24"),
                Map.entry("GATEWAY_PORT_RANGE", "30000-30007"),
                Map.entry("MANAGEMENT_TOKEN_ISSUER", "https://oidc.example.com/id/1"),
                Map.entry("AUDIT_FORWARDER_IMAGE", "registry.example.com:5000/controller:v2"),
                Map.entry(
                    "BACKUP_IDENTITIES",
                    "team-a=%s@production, *=controller@https://s3.example.com:9000/shared"
                        .formatted(ROLE)),
                Map.entry("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/token"),
                Map.entry("BACKUP_STS_ENDPOINT", "https://sts.example.com"),
                Map.entry("LOG_FORMAT", "text"),
                Map.entry("LOG_LEVEL", "WaRn"),
                Map.entry("METRICS_PORT", "1234"),
                Map.entry("METRICS_SECURE", "false"),
                Map.entry("METRICS_CERT_DIR", "/etc/metrics"),
                Map.entry("HEALTH_PORT", "1235")),
            "--namespace=old",
            "--watch-filter=blue",
            "--namespace",
            "team-a");

    assertThat(settings)
        .isEqualTo(
            new ControllerSettings(
                new LogSettings(LogFormat.TEXT, LogLevel.WARN),
                false,
                25,
                "x",
                new ReconcileFilter(Optional.of("team-a"), Optional.of("one")),
                Optional.of("team-a"),
                Optional.of("blue"),
                new NetworkPolicyOptions(
                    NetworkPolicyOptions.Choice.CILIUM,
                    List.of("edge", "ingress"),
                    List.of(Cidr.parse("10.0.0.0/16"), Cidr.parse("fd00::/48")),
                    List.of(Cidr.parse("192.0.2.0/24"))),
                new PortRange(30_000, 30_007),
                new TokenIssuerChoice.Fixed("https://oidc.example.com/id/1"),
                "registry.example.com:5000/controller:v2",
                new BackupIdentities(
                    List.of(
                        new BackupIdentities.Rule("team-a", ROLE, Optional.empty(), "production"),
                        new BackupIdentities.Rule(
                            "*",
                            BackupIdentities.CONTROLLER,
                            Optional.of("https://s3.example.com:9000"),
                            "shared")),
                    Optional.of(Path.of("/var/run/secrets/token")),
                    Optional.of(URI.create("https://sts.example.com"))),
                new MetricsSettings(1234, false),
                Optional.of(Path.of("/etc/metrics")),
                1235));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          LOG_LEVEL                 | loud     | debug, info, warn, error
          LOG_FORMAT                | xml      | json, text
          MANAGEMENT_TOKEN_ISSUER   | http://a | auto, none, or an https URL without user, query and fragment
          AUDIT_FORWARDER_IMAGE     | a/b      | an image such as registry.example.com/controller:v1
          BACKUP_IDENTITIES         | clusters | a list such as team-a=arn:aws:iam::123456789012:role/backups@bucket
          BACKUP_IDENTITIES         | a=controller@* | a list such as team-a=arn:aws:iam::123456789012:role/backups@bucket
          BACKUP_IDENTITIES         | a=me@bucket | a list such as team-a=arn:aws:iam::123456789012:role/backups@bucket
          BACKUP_IDENTITIES         | =controller@bucket | a list such as team-a=arn:aws:iam::123456789012:role/backups@bucket
          BACKUP_IDENTITIES         | a=controller@s3/bucket | a list such as team-a=arn:aws:iam::123456789012:role/backups@bucket
          BACKUP_STS_ENDPOINT       | sts      | a URL such as https://sts.eu-central-1.amazonaws.com
          LEADER_ELECTION           | yes      | true, false
          MAX_CONCURRENT_RECONCILES | 0        | a whole number from 1 to 1000
          MAX_CONCURRENT_RECONCILES | -1       | a whole number from 1 to 1000
          MAX_CONCURRENT_RECONCILES | ten      | a whole number from 1 to 1000
          MAX_CONCURRENT_RECONCILES | 9999999999 | a whole number from 1 to 1000
          GATEWAY_PORT_RANGE        | 20000    | a range of ports such as 20000-29999
          GATEWAY_PORT_RANGE        | 2-1      | a range of ports such as 20000-29999
          GATEWAY_PORT_RANGE        | 1-65536  | a range of ports such as 20000-29999
          METRICS_PORT              | 65536    | a whole number from 1 to 65535
          METRICS_SECURE            | no       | true, false
          HEALTH_PORT               | http     | a whole number from 1 to 65535
          HCP_RECONCILE_FILTER      | a/b/c    | name, namespace/name
          HCP_RECONCILE_FILTER      | a/       | name, namespace/name
          CONTROLLER_NAMESPACE      | Not_One  | the name of a namespace
          NETWORK_POLICY_FLAVOUR    | calico   | auto, kubernetes, cilium
          GATEWAY_NAMESPACES        | Not_One  | the name of a namespace
          MANAGEMENT_POD_CIDRS      | 10.0.0.0 | address ranges such as 10.0.0.0/16,fd00::/48
          MANAGEMENT_NODE_CIDRS     | all      | address ranges such as 10.0.0.0/16,fd00::/48
          """)
  void refusalNamesVariableValueAndWhatIsAccepted(String name, String value, String accepted) {
    var variables = new HashMap<>(MINIMAL);
    variables.put(name, value);
    assertThatThrownBy(() -> controller(variables))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("%s: \"%s\" is not accepted; accepted: ".formatted(name, value))
        .hasMessageContaining(accepted);
  }

  @Test
  void missingNamespaceSaysHowToSetIt() {
    assertThatThrownBy(() -> controller(Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("CONTROLLER_NAMESPACE is not set: ")
        .hasMessageContaining("metadata.namespace");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--leader-elect=true", "-v", "extra", "--namespaces=x"})
  void unknownArgumentIsRefusedWithTheAcceptedOnes(String argument) {
    assertThatThrownBy(() -> controller(MINIMAL, argument))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(argument.split("=", 2)[0])
        .hasMessageEndingWith("accepted: --namespace, --watch-filter");
    assertThatThrownBy(() -> WebhookSettings.from(Environment.of(Map.of()), List.of(argument)))
        .hasMessageEndingWith("accepted: no arguments");
  }

  @Test
  void flagWithoutValueIsRefused() {
    assertThatThrownBy(() -> controller(MINIMAL, "--namespace"))
        .hasMessageContaining("--namespace needs a value");
    assertThatThrownBy(() -> controller(MINIMAL, "--namespace=Not_One"))
        .hasMessageStartingWith("--namespace: \"Not_One\"");
  }

  @Test
  void complaintIsOneLineWhateverTheValue() {
    assertThatThrownBy(() -> webhook(Map.of("LOG_LEVEL", "a\nb\r\u0007")))
        .message()
        .satisfies(message -> assertThat(message).hasLineCount(1).contains("a?b??"));
    assertThatThrownBy(() -> webhook(Map.of("WEBHOOK_CERT_DIR", "a\0b")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("WEBHOOK_CERT_DIR: ");
  }

  @Test
  void filterMatchesByNameOrByBoth() {
    var byName = controller(with("HCP_RECONCILE_FILTER", "one")).reconcileFilter();
    assertThat(byName.matches("any", "one")).isTrue();
    assertThat(byName.matches("any", "two")).isFalse();

    var byBoth = controller(with("HCP_RECONCILE_FILTER", "a/one")).reconcileFilter();
    assertThat(byBoth.matches("a", "one")).isTrue();
    assertThat(byBoth.matches("b", "one")).isFalse();

    assertThat(ReconcileFilter.ALL.matches("any", "thing")).isTrue();
  }

  private static Map<String, String> with(String name, String value) {
    var variables = new HashMap<>(MINIMAL);
    variables.put(name, value);
    return variables;
  }

  private static ControllerSettings controller(Map<String, String> variables, String... arguments) {
    return ControllerSettings.from(Environment.of(variables), List.of(arguments));
  }

  private static WebhookSettings webhook(Map<String, String> variables) {
    return WebhookSettings.from(Environment.of(variables), List.of());
  }
}
