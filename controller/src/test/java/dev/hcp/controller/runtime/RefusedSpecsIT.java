package dev.hcp.controller.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneTemplate;
import dev.hcp.controller.testing.ManagementApiServer;
import dev.hcp.validation.RefusedSpecs;
import dev.hcp.validation.RefusedSpecs.By;
import dev.hcp.validation.RefusedSpecs.Case;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The table of refused specs at an API server that has the CRDs but no webhook: what it says of
 * those that schema and CEL refuse, that it lets those pass which are left to the webhook, and that
 * none of the CEL rules is idle.
 */
class RefusedSpecsIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final KubernetesSerialization YAML = new KubernetesSerialization();

  /** A remark of the API server that says nothing about the object. */
  private static final String REMARK = "some validation rules were not checked because";

  /** The group of CRDs without a single rule. */
  private static final String WITHOUT_RULES = "norules.test";

  private static final List<String> KINDS =
      List.of(HostedControlPlane.KIND, HostedControlPlaneTemplate.KIND);

  private static ManagementApiServer server;
  private static KubernetesClient client;

  /** CRDs that lack one rule: group to what the rule says. */
  private static final Map<String, Rule> LACKING = new TreeMap<>();

  /**
   * One CEL rule.
   *
   * @param kind kind of the objects that it is for
   * @param path where in the schema it stands
   * @param text the rule
   */
  private record Rule(String kind, String path, String text) {
    @Override
    public String toString() {
      return "%s%s: %s".formatted(kind, path, text);
    }
  }

  @BeforeAll
  static void install() throws IOException {
    server = ManagementApiServer.start();
    client = server.patientClient();
    var installed = new ArrayList<String>();
    for (var kind : KINDS) {
      installed.add(create(crd(kind), HostedControlPlane.GROUP));
      var bare = crd(kind);
      var count = schemas(bare).values().stream().mapToInt(RefusedSpecsIT::rules).sum();
      assertThat(count).as("rules of %s", kind).isGreaterThan(10);
      for (int i = 0; i < count; i++) {
        var lacking = crd(kind);
        var group = "without-%02d.%s.test".formatted(i, kind.toLowerCase(Locale.ROOT));
        LACKING.put(group, remove(kind, lacking, i));
        installed.add(create(lacking, group));
      }
      schemas(bare).values().forEach(schema -> schema.setXKubernetesValidations(List.of()));
      installed.add(create(bare, WITHOUT_RULES));
    }
    Awaitility.await("the CRDs are served")
        .atMost(DEADLINE)
        .until(() -> installed.stream().allMatch(RefusedSpecsIT::isServed));
  }

  @AfterAll
  static void stop() {
    client.close();
    server.close();
  }

  static Stream<Case> refusedByTheApiServer() {
    return RefusedSpecs.all().stream().filter(row -> row.by() != By.WEBHOOK);
  }

  static List<Case> refusedByTheSchema() {
    return RefusedSpecs.by(By.SCHEMA);
  }

  static List<Case> refusedByCel() {
    return RefusedSpecs.by(By.CEL);
  }

  static List<Case> refusedByTheWebhook() {
    return RefusedSpecs.by(By.WEBHOOK);
  }

  @ParameterizedTest
  @ValueSource(strings = {HostedControlPlane.KIND, HostedControlPlaneTemplate.KIND})
  void nothingIsWrongWithTheObjectThatTheRowsStartFrom(String kind) {
    assertThat(errors(HostedControlPlane.GROUP, kind, RefusedSpecs.valid(kind))).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedByTheApiServer")
  void itIsRefusedWithoutTheWebhook(Case row) {
    assertThat(errors(HostedControlPlane.GROUP, row))
        .containsExactlyInAnyOrderElementsOf(row.messages());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedByTheSchema")
  void theSchemaNeedsNoRulesForIt(Case row) {
    assertThat(errors(WITHOUT_RULES, row)).isNotEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedByCel")
  void theSchemaWithoutRulesAcceptsIt(Case row) {
    assertThat(errors(WITHOUT_RULES, row)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedByTheWebhook")
  void itIsAcceptedWithoutTheWebhook(Case row) {
    assertThat(errors(HostedControlPlane.GROUP, row)).isEmpty();
  }

  /** A rule that other rules make superfluous, or that never fires, has no such row. */
  @TestFactory
  Stream<DynamicTest> thereIsARowThatOnlyThisRuleRefuses() {
    return LACKING.entrySet().stream()
        .map(lacking ->
            DynamicTest.dynamicTest(
                lacking.getValue().toString(),
                () ->
                    assertThat(RefusedSpecs.by(By.CEL))
                        .filteredOn(row -> row.kind().equals(lacking.getValue().kind()))
                        .as("rows, of which one is accepted without the rule")
                        .anyMatch(row -> errors(lacking.getKey(), row).isEmpty())));
  }

  /** What the API server says of a row, line by line as kubectl prints it; empty if it accepts. */
  private static List<String> errors(String group, Case row) {
    if (row.stored() == null) {
      return errors(group, row.kind(), row.object());
    }
    var path = path(group, row.kind());
    client.raw(path, "POST", inGroup(group, row.stored()));
    try {
      if (!row.status().isEmpty()) {
        var status = new LinkedHashMap<>(stored(path));
        status.put("status", row.status());
        client.raw(path + "/demo/status", "PUT", status);
      }
      var update = new LinkedHashMap<>(inGroup(group, row.object()));
      update.put("metadata", stored(path).get("metadata"));
      return attempt(path + "/demo", "PUT", update);
    } finally {
      client.raw(path + "/demo", "DELETE", null);
    }
  }

  private static List<String> errors(String group, String kind, Map<String, Object> object) {
    return attempt(path(group, kind), "POST", inGroup(group, object));
  }

  private static List<String> attempt(String path, String method, Map<String, Object> object) {
    try {
      client.raw(path + "?dryRun=All&fieldValidation=Strict", method, object);
      return List.of();
    } catch (KubernetesClientException e) {
      var status = Objects.requireNonNull(e.getStatus(), () -> "no status: " + e);
      var details = status.getDetails();
      if (details == null || details.getCauses().isEmpty()) {
        // kubectl prints what follows without naming a field.
        return List.of(status.getMessage().replaceFirst("^.*?: (?=strict decoding error: )", ""));
      }
      return details.getCauses().stream()
          .map(cause -> "%s: %s".formatted(cause.getField(), cause.getMessage()))
          .filter(line -> !line.contains(REMARK))
          .toList();
    }
  }

  private static Map<String, Object> stored(String path) {
    var object = new LinkedHashMap<String, Object>();
    ((Map<?, ?>) YAML.unmarshal(client.raw(path + "/demo"), Map.class))
        .forEach((key, value) -> object.put(String.valueOf(key), value));
    return object;
  }

  private static Map<String, Object> inGroup(String group, Map<String, Object> object) {
    var other = new LinkedHashMap<>(object);
    other.put("apiVersion", group + "/" + HostedControlPlane.VERSION);
    return other;
  }

  private static String path(String group, String kind) {
    return "/apis/%s/%s/namespaces/default/%ss"
        .formatted(group, HostedControlPlane.VERSION, kind.toLowerCase(Locale.ROOT));
  }

  private static CustomResourceDefinition crd(String kind) throws IOException {
    var file =
        Path.of(
            "../config/crd/%ss.%s.yaml"
                .formatted(kind.toLowerCase(Locale.ROOT), HostedControlPlane.GROUP));
    return YAML.unmarshal(Files.readString(file), CustomResourceDefinition.class);
  }

  /** Takes one rule away, counted through the whole definition. */
  private static Rule remove(String kind, CustomResourceDefinition crd, int index) {
    int before = 0;
    for (var schema : schemas(crd).entrySet()) {
      int count = rules(schema.getValue());
      if (index < before + count) {
        var rules = new ArrayList<>(schema.getValue().getXKubernetesValidations());
        var removed = rules.remove(index - before);
        schema.getValue().setXKubernetesValidations(rules);
        return new Rule(kind, schema.getKey(), removed.getRule());
      }
      before += count;
    }
    throw new IllegalStateException("%s has no rule number %d".formatted(kind, index));
  }

  private static int rules(JSONSchemaProps schema) {
    return schema.getXKubernetesValidations().size();
  }

  /** All schemas of a definition by their path. */
  private static SortedMap<String, JSONSchemaProps> schemas(CustomResourceDefinition crd) {
    var schemas = new TreeMap<String, JSONSchemaProps>();
    collect("", crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema(), schemas);
    return schemas;
  }

  private static void collect(
      String path, JSONSchemaProps schema, Map<String, JSONSchemaProps> schemas) {
    schemas.put(path, schema);
    schema
        .getProperties()
        .forEach((name, property) -> collect(path + "." + name, property, schemas));
    if (schema.getItems() != null) {
      collect(path + "[]", schema.getItems().getSchema(), schemas);
    }
    if (schema.getAdditionalProperties() != null) {
      collect(path + "[]", schema.getAdditionalProperties().getSchema(), schemas);
    }
  }

  private static String create(CustomResourceDefinition crd, String group) {
    crd.getSpec().setGroup(group);
    var name = "%s.%s".formatted(crd.getSpec().getNames().getPlural(), group);
    crd.getMetadata().setName(name);
    client.resource(crd).create();
    return name;
  }

  private static boolean isServed(String name) {
    return client
        .apiextensions()
        .v1()
        .customResourceDefinitions()
        .withName(name)
        .get()
        .getStatus()
        .getConditions()
        .stream()
        .anyMatch(c -> c.getType().equals("Established") && c.getStatus().equals("True"));
  }
}
