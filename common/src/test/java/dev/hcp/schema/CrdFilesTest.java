package dev.hcp.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrdFilesTest {
  private static final Path SOURCES = Path.of("src/main/java");
  private static final String PAGE = "docs/api.md";
  private static final String CONTROL_PLANES = "hostedcontrolplanes.controlplane.cluster.x-k8s.io";
  private static final String TEMPLATES =
      "hostedcontrolplanetemplates.controlplane.cluster.x-k8s.io";
  private static final String RESTORES = "hostedcontrolplanerestores.controlplane.cluster.x-k8s.io";

  /** Well below 256 KiB, since other annotations and later fields need their share. */
  private static final int MOST_BYTES = 230_000;

  private Map<String, String> files = Map.of();

  /** Every schema of both kinds, by its path. */
  private final Map<String, JSONSchemaProps> schemas = new TreeMap<>();

  @BeforeAll
  void generate() throws IOException {
    files = CrdFiles.generate(SOURCES);
    for (var name : List.of(CONTROL_PLANES, TEMPLATES, RESTORES)) {
      collect(crd(name).getSpec().getNames().getKind(), schema(name));
    }
  }

  @Test
  void thereIsOneFileForEachKindAndOnePageForAllAndOneOfMetrics() {
    assertThat(files)
        .containsOnlyKeys(
            path(CONTROL_PLANES), path(TEMPLATES), path(RESTORES), PAGE, "docs/metrics.md");
  }

  @Test
  void thePageLeadsToAllFields() {
    var page = files.getOrDefault(PAGE, "");
    assertThat(page)
        .contains("### HostedControlPlane `spec.etcd.backup`")
        .contains("| `version` \\* | string |")
        .contains(
            "| `scheduler` | [object](#hostedcontrolplane-specdeploymentcontrollermanager) |");
    var headings =
        page.lines()
            .filter(line -> line.startsWith("### "))
            .map(line -> line.substring(4).toLowerCase(Locale.ROOT).replace(' ', '-'))
            .map(heading -> heading.replaceAll("[^a-z0-9-]", ""))
            .toList();
    assertThat(Pattern.compile("\\(#([^)]+)\\)").matcher(page).results().map(m -> m.group(1)))
        .isNotEmpty()
        .isSubsetOf(headings);
  }

  @Test
  void generatingAgainGivesTheSameBytes() throws IOException {
    assertThat(CrdFiles.generate(SOURCES)).isEqualTo(files);
  }

  @Test
  void clusterctlFindsNothingToSubstitute() {
    assertThat(files.values())
        .allSatisfy(content -> assertThat(content).doesNotContain("${", "$$"));
  }

  /** Readers of YAML 1.1, such as kubectl, take the bare word for a boolean. */
  @Test
  void wordsThatLookLikeBooleansAreQuoted() {
    assertThat(files.get(path(CONTROL_PLANES)))
        .contains("- 'True'", "- 'False'")
        .doesNotContainPattern("(?m)[-:] (True|False|Yes|No|On|Off|y|n|yes|no|on|off)$");
  }

  @ParameterizedTest
  @ValueSource(strings = {CONTROL_PLANES, TEMPLATES})
  void clusterApiFindsItsLabelsAndCategory(String name) {
    var crd = crd(name);
    assertThat(crd.getMetadata().getLabels())
        .containsEntry("cluster.x-k8s.io/provider", "control-plane-hosted-control-plane")
        .containsEntry("cluster.x-k8s.io/v1beta2", "v1alpha1");
    assertThat(crd.getSpec().getNames().getCategories()).containsExactly("cluster-api");
    assertThat(crd.getSpec().getScope()).isEqualTo("Namespaced");
    assertThat(schema(name).getRequired()).containsExactly("spec");
  }

  @Test
  void namesAreShort() {
    assertThat(crd(CONTROL_PLANES).getSpec().getNames().getShortNames()).containsExactly("hcp");
    assertThat(crd(TEMPLATES).getSpec().getNames().getShortNames()).containsExactly("hcpt");
  }

  @Test
  void columnsComeInTheirOrder() {
    assertThat(columns(CONTROL_PLANES))
        .containsExactly(
            "Initialized",
            "API Server Available",
            "Replicas",
            "Ready",
            "Updated",
            "ETCD Size",
            "Max ETCD Space Usage",
            "Paused",
            "Hibernated",
            "Version",
            "Status",
            "Age");
    assertThat(columns(TEMPLATES)).containsExactly("Age");
  }

  @Test
  void onlyTheControlPlaneHasStatusAndScale() {
    var subresources = crd(CONTROL_PLANES).getSpec().getVersions().getFirst().getSubresources();
    assertThat(subresources.getStatus()).isNotNull();
    assertThat(subresources.getScale().getSpecReplicasPath()).isEqualTo(".spec.replicas");
    assertThat(subresources.getScale().getStatusReplicasPath()).isEqualTo(".status.replicas");
    assertThat(subresources.getScale().getLabelSelectorPath()).isEqualTo(".status.selector");
    assertThat(crd(TEMPLATES).getSpec().getVersions().getFirst().getSubresources()).isNull();
    assertThat(schema(TEMPLATES).getProperties()).doesNotContainKey("status");
  }

  /**
   * kubectl keeps the whole object as JSON in an annotation when it applies it by itself, and an
   * object may have 256 KiB of annotations.
   */
  @ParameterizedTest
  @ValueSource(strings = {CONTROL_PLANES, TEMPLATES})
  void fitsIntoTheAnnotationOfKubectlApply(String name) {
    var json = new KubernetesSerialization().asJson(crd(name)).getBytes(StandardCharsets.UTF_8);
    assertThat(json.length).isLessThan(MOST_BYTES);
  }

  @Test
  void everyFieldIsDescribed() {
    each((path, schema) ->
        schema
            .getProperties()
            .forEach((name, property) -> {
              if (!name.equals("metadata") || path.contains(".")) {
                assertThat(property.getDescription())
                    .as("%s.%s", path, name)
                    .isNotBlank()
                    .doesNotContain("{@", "<");
              }
            }));
  }

  @Test
  void everyListSaysHowItIsMerged() {
    each((path, schema) -> {
      if ("array".equals(schema.getType())) {
        assertThat(schema.getXKubernetesListType()).as(path).isIn("atomic", "map");
      }
    });
    assertThat(at("HostedControlPlane.status.conditions").getXKubernetesListMapKeys())
        .containsExactly("type");
    assertThat(at("HostedControlPlane.status.versions").getXKubernetesListMapKeys())
        .containsExactly("version");
    assertThat(at("HostedControlPlane.spec.etcd.env").getXKubernetesListMapKeys())
        .containsExactly("name");
    assertThat(at("HostedControlPlane.spec.images.pullSecrets").getXKubernetesListMapKeys())
        .containsExactly("name");
    assertThat(at("HostedControlPlane.spec.kubeconfigs").getXKubernetesListMapKeys())
        .containsExactly("name");
    assertThat(at("HostedControlPlane.status.certificates").getXKubernetesListMapKeys())
        .containsExactly("name");
    assertThat(
            at("HostedControlPlane.spec.etcd.topologySpreadConstraints")
                .getXKubernetesListMapKeys())
        .containsExactly("topologyKey", "whenUnsatisfiable");
    assertThat(at("HostedControlPlane.spec.etcd.tolerations").getXKubernetesListType())
        .isEqualTo("atomic");
  }

  /** The API server takes no list whose keys may be missing. */
  @Test
  void keysOfListsAreRequired() {
    each((path, schema) -> {
      if ("map".equals(schema.getXKubernetesListType())) {
        assertThat(schema.getItems().getSchema().getRequired())
            .as(path)
            .containsAll(schema.getXKubernetesListMapKeys());
      }
    });
  }

  @Test
  void selectorsAreReplacedAsAWhole() {
    assertThat(
            at("HostedControlPlane.spec.etcd.topologySpreadConstraints[].labelSelector")
                .getXKubernetesMapType())
        .isEqualTo("atomic");
  }

  @Test
  void everyPodHasTheSameSettings() {
    for (var pod :
        List.of(
            "deployment.apiServer",
            "deployment.controllerManager",
            "deployment.scheduler",
            "etcd",
            "coredns",
            "konnectivityClient")) {
      assertThat(at("HostedControlPlane.spec." + pod).getProperties())
          .as(pod)
          .containsKeys(
              "affinity",
              "env",
              "imagePullSecrets",
              "nodeSelector",
              "podAnnotations",
              "podLabels",
              "priorityClassName",
              "tolerations",
              "topologySpreadConstraints");
    }
    assertThat(at("HostedControlPlane.spec.kubeProxy").getProperties())
        .containsKeys("env", "imagePullSecrets", "nodeSelector", "podAnnotations", "podLabels")
        .doesNotContainKeys("tolerations", "topologySpreadConstraints");
    assertThat(at("HostedControlPlane.spec.kubeProxy.affinity").getProperties())
        .containsOnlyKeys("nodeAffinity");
    assertThat(at("HostedControlPlane.spec.etcd.env[].valueFrom").getProperties())
        .doesNotContainKey("fileKeyRef");
  }

  @Test
  void everyNumberIsAnIntegerOfKnownSize() {
    each((path, schema) -> {
      assertThat(schema.getType()).as(path).isNotEqualTo("number");
      if ("integer".equals(schema.getType())) {
        assertThat(schema.getFormat()).as(path).isIn("int32", "int64");
      }
    });
  }

  @Test
  void everyObjectIsStructural() {
    each((path, schema) -> {
      boolean open = Boolean.TRUE.equals(schema.getXKubernetesPreserveUnknownFields());
      assertThat(open).as(path).isFalse();
      if ("object".equals(schema.getType()) && !path.endsWith(".metadata")) {
        assertThat(!schema.getProperties().isEmpty() || schema.getAdditionalProperties() != null)
            .as(path)
            .isTrue();
      }
    });
  }

  @Test
  void everyQuantityHasAForm() {
    each((path, schema) -> {
      if (Boolean.TRUE.equals(schema.getXKubernetesIntOrString())) {
        assertThat(schema.getPattern()).as(path).isEqualTo(Conventions.QUANTITY);
      }
    });
    assertThat(List.of("1", "-1", "+1.5", "10Gi", "500m", "1e3", "1E-3", ".5"))
        .allMatch(Pattern.compile(Conventions.QUANTITY).asMatchPredicate());
    assertThat(List.of("", "1GiB", "Gi", "1 Gi", "1e", "a"))
        .noneMatch(Pattern.compile(Conventions.QUANTITY).asMatchPredicate());
  }

  @ParameterizedTest
  @CsvSource({
    "HostedControlPlane, spec",
    "HostedControlPlane.spec, 'gateway,version'",
    "HostedControlPlane.spec.gateway, 'name,namespace'",
    "HostedControlPlane.spec.deployment.apiServer.mounts[], path",
    "HostedControlPlane.spec.deployment.apiServer.mounts[].secret.items[], 'key,path'",
    "HostedControlPlane.spec.deployment.apiServer.audit, policy",
    "HostedControlPlane.spec.deployment.apiServer.audit.webhook, targets",
    "HostedControlPlane.spec.deployment.apiServer.audit.webhook.targets[], server",
    "HostedControlPlane.spec.etcd.backup, 'schedule,secret'",
    "HostedControlPlane.spec.etcd.env[], name",
    "HostedControlPlane.spec.etcd.topologySpreadConstraints[],"
        + " 'maxSkew,topologyKey,whenUnsatisfiable'",
    "HostedControlPlane.spec.kubeconfigs[], 'name,user'",
    "HostedControlPlane.spec.oidcProviders[], 'audiences,claimMappings'",
    "HostedControlPlane.status.conditions[], 'lastTransitionTime,message,reason,status,type'",
    "HostedControlPlaneTemplate.spec, template",
    "HostedControlPlaneTemplate.spec.template, spec",
    "HostedControlPlaneTemplate.spec.template.spec, gateway"
  })
  void requiresWhatIsNeeded(String path, String fields) {
    assertThat(at(path).getRequired()).containsExactlyInAnyOrder(fields.split(","));
  }

  @Test
  void constrainsWhatASchemaCan() {
    assertThat(at("HostedControlPlane.spec.version").getMinLength()).isEqualTo(1);
    assertThat(at("HostedControlPlane.spec.version").getMaxLength()).isEqualTo(256);
    assertThat(at("HostedControlPlane.spec.replicas").getMinimum()).isEqualTo(1);
    assertThat(at("HostedControlPlane.spec.replicas").getDefault().asInt()).isEqualTo(2);
    assertThat(at("HostedControlPlane.spec.oidcProviders[].audiences").getMinItems()).isEqualTo(1);
    assertThat(
            at("HostedControlPlane.spec.deployment.apiServer.audit.webhook.targets").getMinItems())
        .isEqualTo(1);
    assertThat(at("HostedControlPlane.spec.kubeconfigs").getMaxItems()).isEqualTo(32);
    assertThat(at("HostedControlPlane.spec.kubeconfigs[].groups").getMaxItems()).isEqualTo(16);
    assertThat(at("HostedControlPlane.spec.kubeconfigs[].user").getMaxLength()).isEqualTo(64);
    assertThat(at("HostedControlPlane.spec.kubeconfigs[].server").getEnum())
        .extracting(value -> value.asText())
        .containsExactly("Internal", "Public");
    assertThat(at("HostedControlPlane.status.etcdLastBackupTime").getFormat())
        .isEqualTo("date-time");
    assertThat(at("HostedControlPlane.spec.deployment.apiServer.audit.mode").getEnum())
        .extracting(value -> value.asText())
        .containsExactly("batch", "blocking", "blocking-strict");
    assertThat(at("HostedControlPlane.spec.etcd.image.digest").getPattern())
        .isEqualTo("^sha256:[a-f0-9]{64}$");
    var constraint = "HostedControlPlane.spec.etcd.topologySpreadConstraints[].";
    assertThat(at(constraint + "maxSkew").getMinimum()).isEqualTo(1);
    assertThat(at(constraint + "whenUnsatisfiable").getEnum())
        .extracting(value -> value.asText())
        .containsExactly("DoNotSchedule", "ScheduleAnyway");
  }

  @ParameterizedTest
  @CsvSource({
    "HostedControlPlane.spec, 2",
    "HostedControlPlane.spec.certificates, 2",
    "HostedControlPlane.spec.certificates.leafCertificateDuration, 1",
    "HostedControlPlane.spec.certificates.caCertificateDuration, 1",
    "HostedControlPlane.spec.certificates.rootCaCertificateDuration, 1",
    "HostedControlPlane.spec.controlPlaneEndpoint.host, 1",
    "HostedControlPlane.spec.etcd.backup.schedule, 2",
    "HostedControlPlane.spec.etcd.backup.retention.age, 1",
    "HostedControlPlane.spec.deployment.apiServer.mounts[], 1",
    "HostedControlPlane.spec.etcd, 6",
    "HostedControlPlaneRestore.spec, 2",
    "HostedControlPlaneRestore.spec.source, 2",
    "HostedControlPlane.spec.etcd.replicas, 1",
    "HostedControlPlane.spec.etcd.volumeSize, 1",
    "HostedControlPlane.spec.etcd.maxVolumeSize, 1",
    "HostedControlPlane.spec.exposure, 6",
    "HostedControlPlane.spec.exposure.service.ipFamilies, 1",
    "HostedControlPlane.spec.kubeconfigs[].name, 1",
    "HostedControlPlane.spec.kubeconfigs[].user, 2",
    "HostedControlPlane.spec.kubeconfigs[].groups, 1",
    "HostedControlPlane.spec.kubeconfigs[].duration, 1",
    "HostedControlPlane.spec.oidcProviders, 1",
    "HostedControlPlaneTemplate.spec.template.spec.oidcProviders, 1"
  })
  void hasEachRuleOnce(String path, int rules) {
    assertThat(at(path).getXKubernetesValidations()).hasSize(rules);
  }

  @Test
  void descriptionsAreTheJavadoc() {
    assertThat(at("HostedControlPlane.spec.etcd.volumeSize").getDescription())
        .isEqualTo(
            "Fixed size of each data volume, at least 512Mi. Needs `autoGrow: false`. Can be raised"
                + " where the StorageClass allows expansion.");
    assertThat(at("HostedControlPlane").getDescription())
        .contains("Referenced by `controlPlaneRef` of a Cluster API Cluster");
    assertThat(at("HostedControlPlane.spec.etcd.resources.limits").getDescription()).isNotBlank();
  }

  private void each(BiConsumer<String, JSONSchemaProps> check) {
    assertThat(schemas).hasSizeGreaterThan(300);
    schemas.forEach(check);
  }

  private JSONSchemaProps at(String path) {
    assertThat(schemas).containsKey(path);
    return schemas.get(path);
  }

  private List<String> columns(String name) {
    return crd(name).getSpec().getVersions().getFirst().getAdditionalPrinterColumns().stream()
        .map(CustomResourceColumnDefinition::getName)
        .toList();
  }

  private JSONSchemaProps schema(String name) {
    return crd(name).getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
  }

  private CustomResourceDefinition crd(String name) {
    return new KubernetesSerialization()
        .unmarshal(files.get(path(name)), CustomResourceDefinition.class);
  }

  private static String path(String name) {
    return "config/crd/%s.yaml".formatted(name);
  }

  private void collect(String path, JSONSchemaProps schema) {
    schemas.put(path, schema);
    schema.getProperties().forEach((name, property) -> collect(path + "." + name, property));
    if (schema.getItems() != null) {
      collect(path + "[]", schema.getItems().getSchema());
    }
    if (schema.getAdditionalProperties() != null) {
      collect(path + "[]", schema.getAdditionalProperties().getSchema());
    }
  }
}
