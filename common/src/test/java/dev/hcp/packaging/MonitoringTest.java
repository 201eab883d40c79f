package dev.hcp.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.metrics.Inventory;
import dev.hcp.metrics.Metric;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import dev.hcp.naming.Names;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Alerts and dashboards ask for what there is, and lead to what there is. */
class MonitoringTest {
  private static final String RUNBOOK = "docs/alerts.md#";
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  /** Metrics of others, with the labels that are asked for. */
  private static final Map<String, Set<String>> FOREIGN =
      Map.of(
          "apiserver_admission_webhook_rejection_count", Set.of("name", "error_type"),
          "ALERTS", Set.of("alertname", "alertstate", "namespace"));

  /** Labels that Prometheus gives to the series of a target, or of a histogram. */
  private static final Set<String> OF_TARGETS = Set.of("job", "instance", "pod", "le");

  /** Series by name, with their labels. */
  private static final Map<String, Set<String>> SERIES = series();

  private static Map<String, Set<String>> series() {
    var series = new HashMap<String, Set<String>>(FOREIGN);
    Inventory.all()
        .forEach(metric ->
            metric.series().forEach(name -> series.put(name, Set.copyOf(metric.labels()))));
    return series;
  }

  @ParameterizedTest
  @MethodSource("expressions")
  void onlyWhatIsExportedIsAskedFor(String where, String expression) {
    var metrics = Promql.metrics(expression);
    assertThat(metrics).as("metrics of %s", where).isNotEmpty();
    assertThat(SERIES.keySet()).as("metrics of %s", where).containsAll(metrics);
    for (var selector : Promql.selectors(expression)) {
      assertThat(with(OF_TARGETS, SERIES.getOrDefault(selector.name(), Set.of())))
          .as("labels of %s in %s", selector.name(), where)
          .containsAll(selector.labels());
    }
    assertThat(
            with(
                OF_TARGETS,
                metrics.stream()
                    .flatMap(name -> SERIES.getOrDefault(name, Set.of()).stream())
                    .collect(Collectors.toSet())))
        .as("labels that %s groups by", where)
        .containsAll(Promql.groupings(expression));
  }

  /** All expressions of alerts and dashboards, with where they are. */
  static Stream<Object[]> expressions() {
    var all = new ArrayList<Object[]>();
    alerts().forEach((name, alert) -> all.add(new Object[] {name, alert.get("expr")}));
    for (var file : dashboards()) {
      var dashboard = dashboard(file);
      for (var panel : list(dashboard, "panels")) {
        for (var target : list(panel, "targets")) {
          all.add(
              new Object[] {
                "%s: %s".formatted(file.getFileName(), panel.get("title")), target.get("expr")
              });
        }
      }
      for (var variable : list(map(dashboard, "templating"), "list")) {
        if (variable.get("query") instanceof Map<?, ?> query) {
          var expression =
              String.valueOf(query.get("query"))
                  .replaceFirst("label_values\\((.*), (\\w+)\\)", "max by ($2) ($1)");
          all.add(
              new Object[] {
                "%s: variable %s".formatted(file.getFileName(), variable.get("name")), expression
              });
        }
      }
    }
    return all.stream();
  }

  /** The test of the list would prove nothing if the patterns found nothing. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "sum by (le, b) (rate(x_bucket{c=~\"d{2}\"}[$__rate_interval])) / 1e9; x_bucket; b,le",
        "a:b > 0.5 * time() unless on (n) max by (n) (c{d!=\"e\"} offset 5m); a:b,c; n",
        "count(a) or vector(0); a; ''",
        "topk(10, a_1) and ignoring(x) group_left(y) b; a_1,b; x,y"
      })
  void expressionsAreUnderstood(String expression, String metrics, String groupings) {
    assertThat(String.join(",", Promql.metrics(expression))).isEqualTo(metrics);
    assertThat(String.join(",", Promql.groupings(expression))).isEqualTo(groupings);
  }

  @ParameterizedTest
  @MethodSource("alertNames")
  void everyAlertSaysWhatItMeansAndWhatToDo(String name) {
    var alert = alerts().get(name);
    assertThat(alert).containsOnlyKeys("alert", "expr", "for", "labels", "annotations");
    assertThat(name).startsWith("HostedControlPlane");
    assertThat(map(alert, "labels")).containsOnlyKeys("severity");
    assertThat(map(alert, "labels").get("severity")).isIn("critical", "warning");
    var annotations = map(alert, "annotations");
    assertThat(annotations).containsOnlyKeys("summary", "description", "runbook_url");
    assertThat(annotations.get("runbook_url")).isEqualTo(RUNBOOK + name.toLowerCase(Locale.ROOT));
    var section = runbooks().get(name);
    assertThat(section)
        .as("section of %s in docs/alerts.md", name)
        .contains("**Impact.**")
        .containsAnyOf("**Mitigation.**", "**Diagnosis and mitigation.**");
    var severity = String.valueOf(map(alert, "labels").get("severity"));
    assertThat(section.toLowerCase(Locale.ROOT)).as(name).startsWith("**" + severity + "**");
  }

  static Stream<String> alertNames() {
    return alerts().keySet().stream();
  }

  @Test
  void everyRunbookIsThatOfAnAlert() {
    assertThat(runbooks().keySet()).containsExactlyInAnyOrderElementsOf(alerts().keySet());
  }

  @Test
  void everyFileIsInstalled() throws IOException {
    var kustomization = Manifests.monitoring("kustomization.yaml").getFirst();
    var named = new HashSet<>(strings(kustomization, "resources"));
    named.addAll(strings(list(kustomization, "configMapGenerator").getFirst(), "files"));
    named.add("kustomization.yaml");
    try (var files = Files.walk(Manifests.MONITORING)) {
      assertThat(files.filter(Files::isRegularFile).map(Manifests.MONITORING::relativize))
          .extracting(Path::toString)
          .containsExactlyInAnyOrderElementsOf(named);
    }
  }

  @Test
  void everyServiceWithMetricsIsScraped() {
    var monitors = Manifests.monitoring("service_monitors.yaml");
    for (var service : Manifests.installed(Service.class)) {
      assertThat(service.getSpec().getPorts()).extracting(ServicePort::getName).contains("metrics");
      assertThat(monitors)
          .filteredOn(monitor ->
              map(map(map(monitor, "spec"), "selector"), "matchLabels")
                  .equals(service.getMetadata().getLabels()))
          .singleElement()
          .satisfies(monitor -> {
            assertThat(map(monitor, "metadata").get("namespace"))
                .isEqualTo(service.getMetadata().getNamespace());
            assertThat(list(map(monitor, "spec"), "endpoints"))
                .singleElement()
                .satisfies(endpoint -> {
                  assertThat(endpoint)
                      .containsEntry("port", "metrics")
                      .containsEntry("scheme", "https")
                      .containsEntry(
                          "bearerTokenFile", "/var/run/secrets/kubernetes.io/serviceaccount/token");
                  assertIsCertified(service, map(endpoint, "tlsConfig"));
                });
          });
    }
  }

  /** The certificate that a monitor trusts the issuer of is one for the name that it asks for. */
  private static void assertIsCertified(Service service, Map<String, Object> tls) {
    assertThat(tls).containsOnlyKeys("serverName", "ca");
    var name =
        "%s.%s.svc"
            .formatted(service.getMetadata().getName(), service.getMetadata().getNamespace());
    assertThat(tls).containsEntry("serverName", name);
    var secret = map(map(tls, "ca"), "secret");
    assertThat(secret).containsEntry("key", "ca.crt");
    assertThat(Manifests.installed(Certificate.class))
        .filteredOn(certificate -> certificate.getSpec().secretName().equals(secret.get("name")))
        .singleElement()
        .satisfies(certificate -> assertThat(certificate.getSpec().dnsNames()).contains(name));
  }

  /** Prometheus would rename the label of the control plane, and no alert would find it. */
  @Test
  void theNamespaceOfAControlPlaneIsKept() {
    assertThat(Inventory.ofController().stream().map(Metric::labels))
        .anyMatch(labels -> labels.contains("namespace"));
    assertThat(Manifests.monitoring("service_monitors.yaml"))
        .filteredOn(monitor ->
            map(monitor, "metadata").get("name").toString().endsWith("controller-manager"))
        .flatExtracting(monitor -> list(map(monitor, "spec"), "endpoints"))
        .extracting(endpoint -> endpoint.get("honorLabels"))
        .containsExactly(true);
  }

  @Test
  void podsOfEtcdAreFoundByTheirLabels() {
    var spec = map(Manifests.monitoring("etcd_pod_monitor.yaml").getFirst(), "spec");
    assertThat(Labels.of("demo", Component.ETCD))
        .containsAllEntriesOf(strings(map(map(spec, "selector"), "matchLabels")));
  }

  @Test
  void theSampleOfAMonitorIsOneOfTheSampleOfACluster() {
    var spec = map(Manifests.monitoring("../samples/pod-monitor.yaml").getFirst(), "spec");
    var selected = strings(map(map(spec, "selector"), "matchLabels"));
    for (var component :
        List.of(Component.API_SERVER, Component.CONTROLLER_MANAGER, Component.SCHEDULER)) {
      assertThat(Labels.of("demo", component)).containsAllEntriesOf(selected);
    }
    var endpoints = list(spec, "podMetricsEndpoints");
    assertThat(endpoints).extracting(endpoint -> endpoint.get("port")).contains("api");
    for (var endpoint : endpoints) {
      var tls = map(endpoint, "tlsConfig");
      assertThat(List.of(map(map(tls, "cert"), "secret"), map(tls, "keySecret")))
          .extracting(secret -> secret.get("name"))
          .containsOnly(new Names("demo").monitoringCertificate());
    }
  }

  @Test
  void dashboardsHaveNamesOfTheirOwn() {
    assertThat(dashboards()).hasSize(3);
    for (var field : List.of("uid", "title")) {
      assertThat(dashboards().stream().map(file -> dashboard(file).get(field)))
          .doesNotHaveDuplicates()
          .doesNotContainNull();
    }
    for (var file : dashboards()) {
      assertThat(list(dashboard(file), "panels"))
          .extracting(panel -> panel.get("id"))
          .doesNotHaveDuplicates();
    }
  }

  private static Map<String, Map<String, Object>> alerts() {
    var spec = map(Manifests.monitoring("alerts.yaml").getFirst(), "spec");
    var alerts = new TreeMap<String, Map<String, Object>>();
    for (var group : list(spec, "groups")) {
      for (var rule : list(group, "rules")) {
        assertThat(alerts.put(String.valueOf(rule.get("alert")), rule)).isNull();
      }
    }
    return alerts;
  }

  /** Sections of the runbook by the alert that they are about. */
  private static Map<String, String> runbooks() {
    return Stream.of(Manifests.read(Path.of("../docs/alerts.md")).split("(?m)^### "))
        .skip(1)
        .collect(
            Collectors.toMap(
                section -> section.lines().findFirst().orElseThrow(),
                section -> section.substring(section.indexOf('\n')).strip()));
  }

  private static List<Path> dashboards() {
    try (var files = Files.list(Manifests.MONITORING.resolve("dashboards"))) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> dashboard(Path file) {
    return JSON.unmarshal(Manifests.read(file), Map.class);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Map<String, Object> parent, String key) {
    return (Map<String, Object>) parent.getOrDefault(key, Map.of());
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(Map<String, Object> parent, String key) {
    return (List<Map<String, Object>>) parent.getOrDefault(key, List.of());
  }

  @SuppressWarnings("unchecked")
  private static List<String> strings(Map<String, Object> parent, String key) {
    return (List<String>) parent.getOrDefault(key, List.of());
  }

  private static Map<String, String> strings(Map<String, Object> map) {
    var strings = new TreeMap<String, String>();
    map.forEach((key, value) -> strings.put(key, String.valueOf(value)));
    return strings;
  }

  private static Set<String> with(Set<String> some, Set<String> more) {
    var all = new HashSet<>(some);
    all.addAll(more);
    return all;
  }
}
