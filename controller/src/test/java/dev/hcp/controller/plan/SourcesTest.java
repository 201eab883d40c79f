package dev.hcp.controller.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

/** What users may give to pods of a control plane, and what happens until it is there. */
final class SourcesTest {
  private static final String NAMESPACE = "clusters";
  private static final ObjectReference SECRET = ObjectReference.secret(NAMESPACE, "keys");

  private static final List<Arguments> NOT_TO_BE_MOUNTED =
      List.of(
          refused(
              metadata -> metadata.setLabels(Map.of(Labels.MANAGED_BY, Labels.MANAGER)),
              "this controller keeps it up"),
          refused(
              metadata -> metadata.setLabels(Map.of(Labels.CLUSTER_NAME, "other")),
              "it belongs to Cluster other"),
          refused(
              metadata ->
                  metadata.setOwnerReferences(
                      List.of(
                          new OwnerReferenceBuilder()
                              .withApiVersion("bootstrap.cluster.x-k8s.io/v1beta2")
                              .withKind("KubeadmConfig")
                              .withName("node")
                              .build())),
              "it belongs to KubeadmConfig node"),
          refused(
              metadata ->
                  metadata.setAnnotations(
                      Map.of(
                          "cert-manager.io/issuer-name", "other-etcd-ca",
                          "cert-manager.io/certificate-name", "other-etcd-server")),
              "it holds a certificate of Cluster other"));

  private static final List<String> SECRET_TYPES =
      List.of(
          "bootstrap.kubernetes.io/token",
          "cluster.x-k8s.io/secret",
          "kubernetes.io/service-account-token");

  /**
   * A container in the management cluster that users can give variables to.
   *
   * @param settings where its settings are, in YAML, with {@code %s} in place of the variables
   */
  private record Container(String name, ConditionType condition, String field, String settings) {
    String spec(String source) {
      return settings.formatted(
          "env: [{name: PLAIN, value: a}, {name: EXTRA, valueFrom: {%s}}]".formatted(source));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Container> CONTAINERS =
      List.of(
          new Container(
              "kube-apiserver",
              ConditionType.API_SERVER,
              "spec.deployment.apiServer",
              "deployment: {apiServer: {%s}}"),
          new Container(
              "konnectivity-server",
              ConditionType.API_SERVER,
              "spec.deployment.apiServer.konnectivity",
              "deployment: {apiServer: {konnectivity: {%s}}}"),
          new Container(
              "audit-webhook",
              ConditionType.API_SERVER,
              "spec.deployment.apiServer.audit.webhook",
              "deployment: {apiServer: {audit: {policy: {rules: [{level: Metadata}]}, webhook:"
                  + " {%s, targets: [{server: 'http://a'}, {server: 'http://b'}]}}}}"),
          new Container(
              "kube-controller-manager",
              ConditionType.CONTROLLER_MANAGER,
              "spec.deployment.controllerManager",
              "deployment: {controllerManager: {%s}}"),
          new Container(
              "kube-scheduler",
              ConditionType.SCHEDULER,
              "spec.deployment.scheduler",
              "deployment: {scheduler: {%s}}"),
          new Container("etcd", ConditionType.ETCD, "spec.etcd", "etcd: {%s}"));

  private final Scenario scenario =
      Scenario.named("minimal")
          .spec(
              """
              deployment:
                apiServer:
                  mounts:
                    extra:
                      path: /extra
                      secret: {secretName: keys, items: [{key: a, path: a, mode: 256}]}
              """);

  @Test
  void whatTheSpecMountsIsFollowed() {
    assertThat(plan().followed()).containsExactly(SECRET);
  }

  @Test
  void whatIsThereIsMounted() {
    scenario.with(secret());
    assertThat(deployment()).isPresent();
    assertThat(step().state().reason()).isNotEqualTo(Reason.MOUNT_MISSING);
  }

  /** After a start of the controller. */
  @Test
  void podsAreLeftAsTheyAreWhileItIsNotKnownWhatTheyMount() {
    assertThat(deployment()).isEmpty();
    assertThat(step().state().reason()).isNotEqualTo(Reason.MOUNT_MISSING);
  }

  @Test
  void podsWaitForWhatTheyMount() {
    scenario.missing(SECRET);
    assertThat(deployment()).isEmpty();
    assertThat(step().state().reason()).isEqualTo(Reason.MOUNT_MISSING);
    assertThat(step().state().message())
        .isEqualTo(
            "Pods wait for what they are given: spec.deployment.apiServer.mounts[extra].secret: Secret"
                + " keys does not exist");

    scenario.with(new SecretBuilder(secret()).withData(Map.of("b", "")).build());
    assertThat(deployment()).isEmpty();
    assertThat(step().state().message())
        .isEqualTo(
            "Pods wait for what they are given: spec.deployment.apiServer.mounts[extra].secret: Secret"
                + " keys has no key a");
  }

  @Test
  void aConfigMapCountsWithBothKindsOfItsKeys() {
    scenario.spec(
        """
        deployment:
          apiServer:
            mounts:
              extra:
                path: /extra
                configMap: {name: policy, items: [{key: a, path: a}, {key: b, path: b}]}
        """);
    scenario.with(
        new ConfigMapBuilder()
            .withNewMetadata()
            .withNamespace(NAMESPACE)
            .withName("policy")
            .endMetadata()
            .addToData("a", "")
            .addToBinaryData("b", "")
            .build());
    assertThat(deployment()).isPresent();
  }

  /** A kubelet would mount whatever appears under the name, unseen. */
  @Test
  void anOptionalMountIsLeftOutUntilItsObjectWasLookedAt() {
    scenario
        .spec(
            """
            deployment:
              apiServer:
                mounts:
                  extra:
                    path: /extra
                    secret: {secretName: keys, optional: true, defaultMode: 288}
            """)
        .missing(SECRET);
    assertThat(volume()).isEmpty();
    assertThat(step().state().reason()).isNotEqualTo(Reason.MOUNT_MISSING);

    scenario.with(new SecretBuilder(secret()).withData(null).build());
    assertThat(volume().orElseThrow().getSecret().getOptional()).isTrue();
    assertThat(volume().orElseThrow().getSecret().getDefaultMode()).isEqualTo(288);
  }

  @ParameterizedTest
  @FieldSource("NOT_TO_BE_MOUNTED")
  void whatIsNotTheUsersIsNotMounted(Consumer<ObjectMeta> mark, String reason) {
    var secret = secret();
    mark.accept(secret.getMetadata());
    scenario.with(secret);
    assertRefused(reason);
  }

  @ParameterizedTest
  @FieldSource("SECRET_TYPES")
  void credentialsOfOthersAreNotMounted(String type) {
    scenario.with(new SecretBuilder(secret()).withType(type).build());
    assertRefused("it is of type " + type);
  }

  @Test
  void whatIsTheUsersIsMountedHoweverItCameAbout() {
    var secret = new SecretBuilder(secret()).withType("kubernetes.io/tls").build();
    secret.getMetadata().setLabels(Map.of(Labels.CLUSTER_NAME, "demo", Labels.MANAGED_BY, "Helm"));
    secret
        .getMetadata()
        .setAnnotations(
            Map.of(
                "cert-manager.io/issuer-name", "company-ca",
                "cert-manager.io/certificate-name", "webhook-client"));
    secret
        .getMetadata()
        .setOwnerReferences(
            List.of(
                new OwnerReferenceBuilder()
                    .withApiVersion("external-secrets.io/v1")
                    .withKind("ExternalSecret")
                    .withName("keys")
                    .build()));
    scenario.with(secret);
    assertThat(volume()).isPresent();
    assertThat(volume().orElseThrow().getSecret().getItems().getFirst().getMode()).isEqualTo(256);
  }

  @ParameterizedTest
  @FieldSource("CONTAINERS")
  void podsWaitForWhatTheirVariablesComeFrom(Container container) {
    scenario.spec(container.spec("secretKeyRef: {name: keys, key: a}"));
    assertThat(plan().followed()).containsExactly(SECRET);
    assertThat(workload(container)).as("before it is known").isEmpty();
    assertThat(state(container).reason()).isNotEqualTo(Reason.VARIABLE_MISSING);

    scenario.missing(SECRET);
    assertThat(workload(container)).isEmpty();
    assertThat(state(container).reason()).isEqualTo(Reason.VARIABLE_MISSING);
    assertThat(state(container).message())
        .isEqualTo(
            "Pods wait for what they are given: %s.env[1].valueFrom.secretKeyRef: Secret keys does not exist"
                .formatted(container.field()));

    scenario.with(new SecretBuilder(secret()).withData(Map.of("b", "")).build());
    assertThat(workload(container)).isEmpty();
    assertThat(state(container).message()).endsWith("secretKeyRef: Secret keys has no key a");

    scenario.with(secret());
    assertThat(variables(container)).contains("EXTRA");
    assertThat(state(container).reason()).isNotEqualTo(Reason.VARIABLE_MISSING);
  }

  /** Flags may expand variables, and programs print their flags. */
  @ParameterizedTest
  @FieldSource("CONTAINERS")
  void keysOfClustersBecomeNoVariables(Container container) {
    for (var optional : List.of("true", "false")) {
      scenario.spec(
          container.spec("secretKeyRef: {name: keys, key: a, optional: %s}".formatted(optional)));
      var secret = secret();
      secret.getMetadata().setLabels(Labels.of("other"));
      scenario.with(secret);
      assertThat(workload(container)).isEmpty();
      assertThat(state(container).reason()).isEqualTo(Reason.INVALID_SPEC);
      assertThat(state(container).message())
          .isEqualTo(
              "%s.env[1].valueFrom.secretKeyRef: Secret keys must not be used: this controller keeps it up"
                  .formatted(container.field()));
    }
  }

  @ParameterizedTest
  @FieldSource("CONTAINERS")
  void anOptionalVariableIsLeftOutUntilItsObjectWasLookedAt(Container container) {
    scenario
        .spec(container.spec("configMapKeyRef: {name: policy, key: a, optional: true}"))
        .missing(ObjectReference.configMap(NAMESPACE, "policy"));
    assertThat(variables(container)).contains("PLAIN").doesNotContain("EXTRA");

    scenario.with(
        new ConfigMapBuilder()
            .withNewMetadata()
            .withNamespace(NAMESPACE)
            .withName("policy")
            .endMetadata()
            .build());
    assertThat(variables(container)).as("the key does not matter").contains("EXTRA");
  }

  @Test
  void variablesOfOneComponentHoldUpNoOther() {
    scenario.spec(CONTAINERS.getFirst().spec("secretKeyRef: {name: keys, key: a}")).missing(SECRET);
    assertThat(workload(CONTAINERS.getFirst())).isEmpty();
    CONTAINERS.stream()
        .filter(other -> other.condition() != CONTAINERS.getFirst().condition())
        .forEach(other -> assertThat(workload(other)).as(other.field()).isPresent());
  }

  @Test
  void variablesOfAddOnsComeFromTheHostedCluster() {
    var variables = "{env: [{name: A, valueFrom: {secretKeyRef: {name: keys, key: a}}}]}";
    scenario.spec(
        """
        deployment: {}
        coredns: %1$s
        kubeProxy: %1$s
        konnectivityClient: %1$s
        """
            .formatted(variables));
    assertThat(plan().followed()).isEmpty();
  }

  private ConditionState state(Container container) {
    return step(container.condition()).state();
  }

  private Optional<PodSpec> workload(Container container) {
    return step(container.condition()).desired().stream()
        .flatMap(object ->
            switch (object) {
              case Deployment d -> Stream.of(d.getSpec().getTemplate().getSpec());
              case StatefulSet s -> Stream.of(s.getSpec().getTemplate().getSpec());
              default -> Stream.<PodSpec>empty();
            })
        .findFirst();
  }

  private List<String> variables(Container container) {
    var pod = workload(container).orElseThrow();
    return Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream())
        .filter(c -> c.getName().equals(container.name()))
        .flatMap(c -> c.getEnv().stream())
        .map(EnvVar::getName)
        .toList();
  }

  private void assertRefused(String reason) {
    assertThat(deployment()).isEmpty();
    assertThat(step().state().reason()).isEqualTo(Reason.INVALID_SPEC);
    assertThat(step().state().message())
        .isEqualTo(
            "spec.deployment.apiServer.mounts[extra].secret: Secret keys must not be used: "
                + reason);
  }

  private static Arguments refused(Consumer<ObjectMeta> mark, String reason) {
    return Arguments.of(mark, reason);
  }

  private static Secret secret() {
    return new SecretBuilder()
        .withNewMetadata()
        .withNamespace(NAMESPACE)
        .withName("keys")
        .endMetadata()
        .addToData("a", "YQ==")
        .build();
  }

  private Plan plan() {
    return Plan.of(scenario.observation());
  }

  private Step step() {
    return step(ConditionType.API_SERVER);
  }

  private Step step(ConditionType condition) {
    return plan().steps().stream()
        .filter(step -> step.state().type() == condition)
        .findFirst()
        .orElseThrow();
  }

  private Optional<Deployment> deployment() {
    return step().desired().stream()
        .filter(Deployment.class::isInstance)
        .map(Deployment.class::cast)
        .findFirst();
  }

  private Optional<Volume> volume() {
    return deployment().stream()
        .flatMap(d -> d.getSpec().getTemplate().getSpec().getVolumes().stream())
        .filter(volume -> volume.getName().equals("extra"))
        .findFirst();
  }
}
