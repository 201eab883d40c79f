package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import dev.hcp.e2e.cluster.Provider;
import dev.hcp.e2e.store.SourceTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The Helm chart installs what the other ways of installation do, and what its values say. No
 * cluster is needed for this, but Helm, which the test bed builds.
 */
@Order(0)
@DisabledIfEnvironmentVariable(
    named = "SKIP_E2E",
    matches = ".+",
    disabledReason = "SKIP_E2E is set: the chart was NOT rendered")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ChartRenderingIT {
  private static final String CONTROLLER =
      "Deployment/capi-hosted-control-plane-controller-manager";
  private static final String WEBHOOK = "Deployment/capi-hosted-control-plane-webhook";
  private static final String POD = "/spec/template/spec";
  private static final String CONTAINER = POD + "/containers/0";
  private static final String MUTATING =
      "MutatingWebhookConfiguration/capi-hosted-control-plane-mutating-webhook-configuration";
  private static final String VALIDATING =
      "ValidatingWebhookConfiguration/capi-hosted-control-plane-validating-webhook-configuration";
  private static final String LOOKUPS = "ClusterRole/capi-hosted-control-plane-webhook";
  private static final String SECRET_LOOKUPS = LOOKUPS + "-secrets";
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

  /** Values that are parts of a pod as they are. */
  private static final Set<String> WHOLE = Set.of("resources");

  /** Most values do not touch the definitions, which are long. */
  private static final String NO_DEFINITIONS = "--set=crds.install=false";

  private final HelmChart chart = HelmChart.inTheSource();
  private final HelmChart.Rendered byDefault = render("{}");

  @Test
  void theReleasedChartInstallsTheReleasedComponents() throws IOException {
    var components = SourceTree.locate(System.getenv()).release();
    var expected =
        HelmChart.Rendered.of(Files.readString(components.resolve("control-plane-components.yaml")))
            // Helm puts a release only into a namespace that exists.
            .without("Namespace");
    var released = HelmChart.released().render("{}");
    assertThat(released.objects().keySet()).isEqualTo(expected.objects().keySet());
    assertThat(released.changed(HelmChart::withoutHelm).objects())
        .allSatisfy(
            (name, object) -> assertThat(object).as(name).isEqualTo(expected.objects().get(name)));
  }

  @Test
  void theReleasedChartIsTheOneInTheSource() {
    var images = "image: {registry: registry.example.test, tag: v9}";
    assertThat(HelmChart.released().render(images)).isEqualTo(chart.render(images));
  }

  @Test
  void helmFindsNothingToComplainAbout() {
    var lint = chart.lint().run();
    assertThat(lint.succeeded()).as(lint.output() + lint.error()).isTrue();
    assertThat(lint.output()).contains("0 chart(s) failed").doesNotContain("[WARNING]");
  }

  @Test
  void everythingIsInTheNamespaceOfTheRelease() {
    assertThat(chart.template("elsewhere", "{}").output())
        .contains("namespace: elsewhere", "elsewhere/capi-hosted-control-plane-webhook-service")
        .contains("capi-hosted-control-plane-webhook-service.elsewhere.svc")
        .doesNotContain(Provider.NAMESPACE);
  }

  @Test
  void noDefinitionIsEverDeletedByHelm() {
    assertThat(chart.render("commonLabels: {team: a}").ofKind("CustomResourceDefinition"))
        .hasSize(3)
        .allSatisfy(definition -> {
          var metadata = definition.path("metadata");
          assertThat(metadata.at("/annotations").path("helm.sh/resource-policy").asText())
              .isEqualTo("keep");
          assertThat(metadata.at("/labels/team").asText()).isEqualTo("a");
        });
    assertThat(byDefault.ofKind("CustomResourceDefinition")).isEmpty();
  }

  static Stream<Arguments> fields() {
    return Stream.of(
        field("image.pullPolicy", "Always", CONTROLLER, CONTAINER + "/imagePullPolicy", "Always"),
        field("image.pullPolicy", "Never", WEBHOOK, CONTAINER + "/imagePullPolicy", "Never"),
        field("image.pullSecrets", "[a]", CONTROLLER, POD + "/imagePullSecrets", "[{name: a}]"),
        field("image.pullSecrets", "[a]", WEBHOOK, POD + "/imagePullSecrets", "[{name: a}]"),
        field(
            "commonLabels",
            "{team: a}",
            "Service/capi-hosted-control-plane-webhook-service",
            "/metadata/labels/team",
            "a"),
        field("commonLabels", "{team: a}", CONTROLLER, "/metadata/labels/team", "a"),
        field("commonAnnotations", "{team: a}", MUTATING, "/metadata/annotations/team", "a"),
        field("commonAnnotations", "{team: a}", WEBHOOK, "/metadata/annotations/team", "a"),
        field(
            "controller.watchNamespace",
            "only",
            CONTROLLER,
            CONTAINER + "/args",
            "[--namespace=only]"),
        field(
            "controller.watchFilter",
            "mine",
            CONTROLLER,
            CONTAINER + "/args",
            "[--watch-filter=mine]"),
        field(
            "controller.serviceAccount.annotations",
            "{role: a}",
            "ServiceAccount/capi-hosted-control-plane-manager",
            "/metadata/annotations",
            "{role: a}"),
        field(
            "webhook.serviceAccount.annotations",
            "{role: a}",
            "ServiceAccount/capi-hosted-control-plane-webhook",
            "/metadata/annotations",
            "{role: a}"),
        field("webhook.failurePolicy", "Ignore", MUTATING, "/webhooks/0/failurePolicy", "Ignore"),
        field("webhook.failurePolicy", "Ignore", VALIDATING, "/webhooks/1/failurePolicy", "Ignore"),
        field("webhook.timeoutSeconds", "3", MUTATING, "/webhooks/1/timeoutSeconds", "3"),
        field("webhook.timeoutSeconds", "3", VALIDATING, "/webhooks/0/timeoutSeconds", "3"));
  }

  static Stream<Arguments> fieldsOfBothProcesses() {
    return Stream.of(
        arguments("replicas", "5", "/spec/replicas", "5"),
        arguments("nodeSelector", "{a: b}", POD + "/nodeSelector", "{a: b}"),
        arguments("tolerations", "[]", POD + "/tolerations", ""),
        arguments("affinity", "{podAffinity: {a: b}}", POD + "/affinity", "{podAffinity: {a: b}}"),
        arguments("priorityClassName", "high", POD + "/priorityClassName", "high"),
        arguments("podLabels", "{team: a}", "/spec/template/metadata/labels/team", "a"),
        arguments("podAnnotations", "{a: b}", "/spec/template/metadata/annotations", "{a: b}"),
        arguments(
            "resources",
            "{limits: {memory: 2Gi}}",
            CONTAINER + "/resources/limits",
            "{memory: 2Gi}"),
        arguments("topologySpreadConstraints", "[]", POD + "/topologySpreadConstraints", ""),
        arguments(
            "topologySpreadConstraints",
            "[{maxSkew: 1, topologyKey: rack, whenUnsatisfiable: DoNotSchedule,"
                + " labelSelector: {matchLabels: {a: b}}}]",
            POD + "/topologySpreadConstraints",
            "[{maxSkew: 1, topologyKey: rack, whenUnsatisfiable: DoNotSchedule,"
                + " labelSelector: {matchLabels: {a: b}}}]"));
  }

  static Stream<Arguments> variables() {
    return Stream.of(
        variable("controller.log.format", "text", "LOG_FORMAT", "text"),
        variable("controller.log.level", "debug", "LOG_LEVEL", "debug"),
        variable("controller.maxConcurrentReconciles", "1000", "MAX_CONCURRENT_RECONCILES", "1000"),
        variable("controller.reconcileFilter", "a/b", "HCP_RECONCILE_FILTER", "a/b"),
        variable("controller.gatewayPortRange", "1-9", "GATEWAY_PORT_RANGE", "1-9"),
        variable("controller.managementTokenIssuer", "none", "MANAGEMENT_TOKEN_ISSUER", "none"),
        variable("controller.auditForwarderImage", "'a.b/c:d'", "AUDIT_FORWARDER_IMAGE", "a.b/c:d"),
        variable("controller.networkPolicy.flavour", "cilium", "NETWORK_POLICY_FLAVOUR", "cilium"),
        variable(
            "controller.networkPolicy.gatewayNamespaces", "[a, b]", "GATEWAY_NAMESPACES", "a,b"),
        variable(
            "controller.networkPolicy.podCidrs",
            "[10.0.0.0/8, 'fd00::/48']",
            "MANAGEMENT_POD_CIDRS",
            "10.0.0.0/8,fd00::/48"),
        variable(
            "controller.networkPolicy.nodeCidrs",
            "[10.0.0.0/8]",
            "MANAGEMENT_NODE_CIDRS",
            "10.0.0.0/8"),
        variable("controller.env", "[{name: A, value: b}]", "A", "b"),
        variable("webhook.log.format", "text", "LOG_FORMAT", "text"),
        variable("webhook.log.level", "warn", "LOG_LEVEL", "warn"),
        variable("webhook.clusterLookups", "false", "CLUSTER_LOOKUPS", "false"),
        variable("webhook.env", "[{name: A, value: b}]", "A", "b"));
  }

  /** Those that other tests here speak of. */
  private static final List<String> TRIED_ELSEWHERE =
      List.of(
          "certificate.caBundle",
          "certificate.metricsSecretName",
          "certificate.secretName",
          "certificate.source",
          "controller.image.digest",
          "controller.image.repository",
          "controller.leaderElection",
          "crds.install",
          "image.registry",
          "image.tag",
          "metrics.secure",
          "protection.enabled",
          "tracing.endpoint",
          "tracing.ratio",
          "webhook.image.digest",
          "webhook.image.repository",
          "webhook.secretLookups");

  @Test
  void everyValueIsTried() throws IOException {
    var tried =
        Stream.of(
                fields().map(row -> row.get()[0].toString()),
                variables().map(row -> row.get()[0].toString()),
                fieldsOfBothProcesses().map(row -> "controller." + row.get()[0]),
                fieldsOfBothProcesses().map(row -> "webhook." + row.get()[0]),
                TRIED_ELSEWHERE.stream())
            .flatMap(paths -> paths)
            .collect(Collectors.toCollection(TreeSet::new));
    var values = HelmChart.yaml(Files.readString(chart.path().resolve("values.yaml")));
    assertThat(tried).isEqualTo(paths("", values));
  }

  @ParameterizedTest
  @MethodSource("fields")
  void aValueIsWritten(
      String value, String chosen, String object, String pointer, String expected) {
    assertThat(byDefault.at(object, pointer)).isNotEqualTo(HelmChart.yaml(expected));
    assertThat(render(set(value, chosen)).at(object, pointer)).isEqualTo(HelmChart.yaml(expected));
  }

  @ParameterizedTest
  @MethodSource("fieldsOfBothProcesses")
  void aValueIsWrittenForTheProcessThatItIsOf(
      String value, String chosen, String pointer, String expected) {
    for (var process : List.of("controller", "webhook")) {
      var deployment = process.equals("controller") ? CONTROLLER : WEBHOOK;
      var other = process.equals("controller") ? WEBHOOK : CONTROLLER;
      var rendered = render(set(process + "." + value, chosen));
      if (expected.isEmpty()) {
        assertThat(byDefault.at(deployment, pointer).isMissingNode()).isFalse();
        assertThat(rendered.at(deployment, pointer).isMissingNode()).isTrue();
      } else {
        assertThat(byDefault.at(deployment, pointer)).isNotEqualTo(HelmChart.yaml(expected));
        assertThat(rendered.at(deployment, pointer)).isEqualTo(HelmChart.yaml(expected));
      }
      assertThat(rendered.objects().get(other)).isEqualTo(byDefault.objects().get(other));
    }
  }

  @ParameterizedTest
  @MethodSource("variables")
  void aValueBecomesAVariable(String value, String chosen, String variable, String expected) {
    var deployment = value.startsWith("controller.") ? CONTROLLER : WEBHOOK;
    var other = value.startsWith("controller.") ? WEBHOOK : CONTROLLER;
    var rendered = render(set(value, chosen));
    assertThat(byDefault.variable(deployment, variable)).isEmpty();
    assertThat(rendered.variable(deployment, variable)).isEqualTo(expected);
    assertThat(rendered.objects().get(other)).isEqualTo(byDefault.objects().get(other));
  }

  @Test
  void bothProcessesMakeTraces() {
    var rendered = render("tracing: {endpoint: 'http://collector:4318', ratio: 0.25}");
    for (var deployment : List.of(CONTROLLER, WEBHOOK)) {
      assertThat(byDefault.variable(deployment, "JAVA_TOOL_OPTIONS")).isEmpty();
      assertThat(rendered.variable(deployment, "JAVA_TOOL_OPTIONS"))
          .isEqualTo("-javaagent:/otel/opentelemetry-javaagent.jar");
      assertThat(rendered.variable(deployment, "OTEL_EXPORTER_OTLP_ENDPOINT"))
          .isEqualTo("http://collector:4318");
      assertThat(rendered.variable(deployment, "OTEL_TRACES_SAMPLER_ARG")).isEqualTo("0.25");
    }
    assertThat(rendered.variable(WEBHOOK, "OTEL_SERVICE_NAME"))
        .isEqualTo("hosted-control-plane-webhook");
    assertThat(
            render("tracing: {endpoint: 'http://collector:4318'}")
                .variable(CONTROLLER, "OTEL_TRACES_SAMPLER_ARG"))
        .isEqualTo("1");
  }

  @Test
  void theControllerCanDoWithoutLeaderElectionIfItIsAlone() {
    var rendered = render("controller: {leaderElection: false, replicas: 1}");
    assertThat(rendered.variable(CONTROLLER, "LEADER_ELECTION")).isEqualTo("false");
  }

  @Test
  void imagesComeFromAMirrorAndTheForwarderOfAuditEventsToo() {
    assertThat(byDefault.variable(CONTROLLER, "AUDIT_FORWARDER_IMAGE")).isEmpty();
    var rendered =
        render(
            """
            image: {registry: "mirror.example.test:5000/x", tag: v2}
            controller: {image: {repository: c, digest: "%1$s"}}
            webhook: {image: {repository: w, digest: "%1$s"}}
            """
                .formatted(DIGEST));
    assertThat(rendered.at(CONTROLLER, CONTAINER + "/image").asText())
        .isEqualTo("mirror.example.test:5000/x/c:v2@" + DIGEST);
    assertThat(rendered.at(WEBHOOK, CONTAINER + "/image").asText())
        .isEqualTo("mirror.example.test:5000/x/w:v2@" + DIGEST);
    // The controller reads no digest there.
    assertThat(rendered.variable(CONTROLLER, "AUDIT_FORWARDER_IMAGE"))
        .isEqualTo("mirror.example.test:5000/x/c:v2");
  }

  @Test
  void theCertificateCanBeOnesOwn() {
    var bundle = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    var rendered =
        render(
            """
            certificate:
              source: Secret
              secretName: own
              caBundle: "%s"
            """
                .formatted(bundle.replace("\n", "\\n")));
    assertThat(rendered.ofKind("Certificate")).isEmpty();
    assertThat(rendered.ofKind("Issuer")).isEmpty();
    assertThat(rendered.objects().toString())
        .doesNotContain("inject-ca-from", "METRICS_CERT_DIR", "metrics-certificate");
    assertThat(rendered.at(WEBHOOK, POD + "/volumes/0/secret/secretName").asText())
        .isEqualTo("own");
    for (var configuration : List.of(MUTATING, VALIDATING)) {
      assertThat(rendered.at(configuration, "/metadata/annotations").isMissingNode()).isTrue();
      assertThat(rendered.at(configuration, "/webhooks"))
          .hasSize(2)
          .allSatisfy(webhook ->
              assertThat(webhook.at("/clientConfig/caBundle").asText())
                  .isEqualTo(
                      Base64.getEncoder().encodeToString(bundle.getBytes(StandardCharsets.UTF_8))));
    }
  }

  @Test
  void theControllerCanHaveACertificateOfOnesOwnToo() {
    assertThat(byDefault.variable(CONTROLLER, "METRICS_CERT_DIR"))
        .isEqualTo(byDefault.at(CONTROLLER, CONTAINER + "/volumeMounts/0/mountPath").asText());
    var rendered =
        render(
            """
            certificate:
              source: Secret
              secretName: own
              metricsSecretName: other
              caBundle: "-----BEGIN CERTIFICATE-----"
            """);
    assertThat(rendered.at(CONTROLLER, POD + "/volumes/0/secret"))
        .isEqualTo(HelmChart.yaml("{secretName: other, optional: true}"));
    assertThat(rendered.variable(CONTROLLER, "METRICS_CERT_DIR"))
        .isEqualTo(byDefault.variable(CONTROLLER, "METRICS_CERT_DIR"));
  }

  @Test
  void metricsCanBeServedToEverybody() {
    var rendered = render("metrics: {secure: false}");
    for (var deployment : List.of(CONTROLLER, WEBHOOK)) {
      assertThat(byDefault.variable(deployment, "METRICS_SECURE")).isEmpty();
      assertThat(rendered.variable(deployment, "METRICS_SECURE")).isEqualTo("false");
    }
    assertThat(byDefault.objects().keySet())
        .filteredOn(name -> !rendered.objects().containsKey(name))
        .containsExactlyInAnyOrder(
            "Certificate/capi-hosted-control-plane-metrics",
            "ClusterRole/capi-hosted-control-plane-metrics-auth",
            "ClusterRoleBinding/capi-hosted-control-plane-metrics-auth",
            "ClusterRole/capi-hosted-control-plane-metrics-reader",
            "ClusterRole/capi-hosted-control-plane-log-levels");
  }

  @Test
  void partsCanBeLeftOut() {
    assertThat(render("protection: {enabled: false}").objects().keySet())
        .isEqualTo(
            byDefault
                .without("ValidatingAdmissionPolicy")
                .without("ValidatingAdmissionPolicyBinding")
                .objects()
                .keySet());
    assertThat(byDefault.objects()).containsKeys(LOOKUPS, SECRET_LOOKUPS);
    assertThat(render("webhook: {secretLookups: false}").objects())
        .containsKey(LOOKUPS)
        .doesNotContainKeys(SECRET_LOOKUPS, SECRET_LOOKUPS.replace("Role", "RoleBinding"));
    assertThat(render("webhook: {clusterLookups: false}").objects())
        .doesNotContainKeys(LOOKUPS, SECRET_LOOKUPS)
        .doesNotContainKeys(LOOKUPS.replace("Role", "RoleBinding"));
  }

  @Test
  void protectionIsRefusedWhereTheClusterIsTooOldForIt() {
    var old = chart.template(Provider.NAMESPACE, "{}").with("--kube-version=v1.29.4-gke.100");
    assertThat(old.run().error()).contains("set protection.enabled=false");
    var without = chart.template(Provider.NAMESPACE, "protection: {enabled: false}");
    assertThat(without.with("--kube-version=v1.29.4-gke.100").run().error()).isEmpty();
    assertThat(without.with("--kube-version=v1.27.9").run().error()).contains("kubeVersion");
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        arguments("controler: {replicas: 3}", "'controler' not allowed"),
        arguments("controller: {replica: 3}", "'replica' not allowed"),
        arguments(
            "controller: {replicas: many}", "/controller/replicas': got string, want integer"),
        arguments(
            "controller: {maxConcurrentReconciles: 0}", "/controller/maxConcurrentReconciles"),
        arguments("controller: {log: {level: trace}}", "/controller/log/level"),
        arguments(
            "controller: {leaderElection: false}",
            "controller.leaderElection false needs controller.replicas of at most 1"),
        arguments("controller: {networkPolicy: {podCidrs: [10.0.0.0]}}", "/podCidrs/0"),
        arguments("controller: {auditForwarderImage: untagged}", "/auditForwarderImage"),
        arguments("webhook: {failurePolicy: Maybe}", "/webhook/failurePolicy"),
        arguments("webhook: {timeoutSeconds: 31}", "/webhook/timeoutSeconds"),
        arguments("webhook: {image: {digest: latest}}", "/webhook/image/digest"),
        arguments(
            "webhook: {podLabels: {control-plane: other}}",
            "webhook.podLabels: control-plane is set by the chart"),
        arguments("certificate: {source: Issuer}", "/certificate/source"),
        arguments("certificate: {source: Secret}", "needs certificate.secretName"),
        arguments(
            "certificate: {source: Secret, secretName: own, caBundle: MIIB}",
            "needs certificate.caBundle, in PEM"),
        arguments("certificate: {secretName: own}", "are for certificate.source Secret"),
        arguments("certificate: {metricsSecretName: own}", "are for certificate.source Secret"),
        arguments("metrics: {secure: maybe}", "/metrics/secure': got string, want boolean"),
        arguments("image: {registry: 'example.test/'}", "/image/registry"),
        arguments(
            "webhook: {env: [{name: LOG_LEVEL, value: debug}], log: {level: info}}",
            "webhook.env: LOG_LEVEL is set by the chart already"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeIsRefusedAndNamed(String values, String message) {
    var answer = chart.template(Provider.NAMESPACE, values).with(NO_DEFINITIONS).run();
    assertThat(answer.succeeded()).as(answer.output()).isFalse();
    assertThat(answer.error()).contains(message);
  }

  private HelmChart.Rendered render(String values) {
    return HelmChart.Rendered.of(
        chart.template(Provider.NAMESPACE, values).with(NO_DEFINITIONS).output());
  }

  private static Arguments field(
      String value, String chosen, String object, String pointer, String expected) {
    return arguments(value, chosen, object, pointer, expected);
  }

  private static Arguments variable(String value, String chosen, String name, String expected) {
    return arguments(value, chosen, name, expected);
  }

  /** The values that set one of them. */
  private static String set(String value, String chosen) {
    return "{%s: %s%s"
        .formatted(value.replace(".", ": {"), chosen, "}".repeat(value.split("\\.", -1).length));
  }

  private static Set<String> paths(String prefix, JsonNode values) {
    var paths = new TreeSet<String>();
    values
        .properties()
        .forEach(entry -> {
          var path = prefix.isEmpty() ? entry.getKey() : prefix + "." + entry.getKey();
          if (entry.getValue().isObject()
              && !entry.getValue().isEmpty()
              && !WHOLE.contains(entry.getKey())) {
            paths.addAll(paths(path, entry.getValue()));
          } else {
            paths.add(path);
          }
        });
    return paths;
  }
}
