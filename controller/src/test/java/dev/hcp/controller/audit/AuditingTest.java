package dev.hcp.controller.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.ObjectReference;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is planned for auditing, beyond what the golden files show. */
final class AuditingTest {
  private static final ObjectReference TOKEN = ObjectReference.secret("clusters", "audit");
  private static final String GENERATED = "demo-audit-webhook";

  private final Scenario scenario = Scenario.named("audit-one-receiver");

  @Test
  void theSecretsThatTheSpecNamesAreFollowed() {
    assertThat(plan().followed()).containsExactly(TOKEN);
  }

  @Test
  void aMissingTokenIsSaidAndNeverMadeUp() {
    scenario.without(Secret.class, "audit").missing(TOKEN);
    assertThat(step().state().status()).isEqualTo(ConditionStatus.FALSE);
    assertThat(step().state().reason()).isEqualTo(Reason.AUDIT_TOKEN_MISSING);
    assertThat(step().state().message())
        .isEqualTo(
            "Secret audit has no key token, by which https://audit.example.com/events knows the API servers");
    assertThat(generated().orElseThrow().getData()).containsEntry("token", "");
  }

  @Test
  void aTokenOfAnotherNamespaceIsUsedOnlyIfAGrantAllowsIt() {
    elsewhere();
    assertThat(step().state().reason()).isEqualTo(Reason.REFERENCE_NOT_PERMITTED);
    assertThat(step().state().message())
        .isEqualTo(
            "no ReferenceGrant in namespace security lets HostedControlPlanes of namespace clusters refer to Secret siem, by which https://audit.example.com/events knows the API servers");
    assertThat(plan().followed()).containsExactly(ObjectReference.secret("security", "siem"));
    assertThat(generated().orElseThrow().getData()).containsEntry("token", "");

    scenario.with(grant("security", "HostedControlPlane", "clusters", "name: siem"));
    assertThat(step().state().status()).isEqualTo(ConditionStatus.TRUE);
    assertThat(generated().orElseThrow().getData()).containsEntry("token", "c2llbQ==");
  }

  @ParameterizedTest
  @CsvSource({
    "security, HostedControlPlane, other,    ''",
    "security, Gateway,            clusters, ''",
    "security, HostedControlPlane, clusters, name: another",
    "clusters, HostedControlPlane, clusters, ''",
  })
  void aGrantForSomethingElseAllowsNothing(
      String namespace, String kind, String from, String name) {
    elsewhere();
    scenario.with(grant(namespace, kind, from, name));
    assertThat(step().state().reason()).isEqualTo(Reason.REFERENCE_NOT_PERMITTED);
  }

  private void elsewhere() {
    scenario.spec(
        """
        deployment:
          apiServer:
            audit:
              policy: {rules: [{level: Metadata}]}
              webhook:
                targets:
                - server: https://audit.example.com/events
                  authentication: {secretName: siem, secretNamespace: security}
        """);
    scenario.with(
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: siem, namespace: security}
        data: {token: c2llbQ==}
        """);
  }

  private static String grant(String namespace, String kind, String from, String name) {
    return """
    apiVersion: gateway.networking.k8s.io/v1beta1
    kind: ReferenceGrant
    metadata: {name: audit, namespace: %s}
    spec:
      from:
      - {group: controlplane.cluster.x-k8s.io, kind: %s, namespace: %s}
      to:
      - {group: "", kind: Secret, %s}
    """
        .formatted(namespace, kind, from, name);
  }

  @Test
  void keysOfClustersAreNotSentToReceivers() {
    scenario.edit(
        Secret.class,
        "audit",
        secret -> secret.getMetadata().setLabels(Map.of(Labels.MANAGED_BY, Labels.MANAGER)));
    assertThat(step().state().reason()).isEqualTo(Reason.INVALID_SPEC);
    assertThat(step().state().message())
        .isEqualTo(
            "Secret audit must not be sent to https://audit.example.com/events: this controller"
                + " keeps it up");
    assertThat(generated().orElseThrow().getData()).containsEntry("token", "");
  }

  /** After a start of the controller. */
  @Test
  void whatIsWrittenStaysWhileTheTokenIsNotKnown() {
    assertThat(generated()).isPresent();
    scenario.with(generated().orElseThrow());
    scenario.status(
        """
        conditions:
        - {type: AuditReady, status: "True", reason: ReconcileSucceeded, observedGeneration: 1,
           lastTransitionTime: 2026-01-01T00:00:00Z, message: As before}
        """);
    scenario.without(Secret.class, "audit");
    assertThat(generated()).isEmpty();
    assertThat(step().state().status()).isEqualTo(ConditionStatus.TRUE);
    assertThat(step().state().message()).isEqualTo("As before");
  }

  @Test
  void nothingIsWrittenOrPromisedBeforeTheTokenIsKnown() {
    scenario.without(Secret.class, "audit");
    assertThat(generated()).isEmpty();
    assertThat(step().state().status()).isEqualTo(ConditionStatus.FALSE);
    assertThat(step().state().message()).isEqualTo("Secret audit has not been read yet");
  }

  @Test
  void aTokenIsNoReasonForARestartButAPolicyIs() {
    var before = apiServer();
    scenario.edit(Secret.class, "audit", secret -> secret.setData(Map.of("token", "b3RoZXI=")));
    assertThat(generated().orElseThrow().getData()).containsEntry("token", "b3RoZXI=");
    assertThat(apiServer()).isEqualTo(before);
    scenario.spec(
        """
        deployment:
          apiServer:
            audit:
              policy: {rules: [{level: Request}]}
              webhook:
                targets:
                - server: https://audit.example.com/events
                  authentication: {secretName: audit}
        """);
    assertThat(apiServer()).isNotEqualTo(before);
  }

  @Test
  void filesAreRemovedOnceNoApiServerReadsThem() {
    var secret = generated().orElseThrow();
    var old = apiServer();
    scenario.with(secret).with(complete(old)).spec("deployment: {}");
    assertThat(step().obsolete()).isEmpty();
    scenario.with(complete(apiServer()));
    assertThat(step().obsolete()).extracting(HasMetadata::getMetadata).hasSize(1);
    assertThat(plan().followed()).isEmpty();
    scenario.without(Secret.class, GENERATED);
    assertThat(plan().steps())
        .extracting(s -> s.state().type().value())
        .doesNotContain("AuditReady");
  }

  private static Deployment complete(Deployment deployment) {
    deployment.getMetadata().setGeneration(1L);
    int replicas = deployment.getSpec().getReplicas();
    deployment.setStatus(
        new DeploymentStatusBuilder()
            .withObservedGeneration(1L)
            .withReplicas(replicas)
            .withUpdatedReplicas(replicas)
            .withReadyReplicas(replicas)
            .withAvailableReplicas(replicas)
            .build());
    return deployment;
  }

  private Plan plan() {
    return Plan.of(scenario.observation());
  }

  private Step step() {
    return plan().steps().stream()
        .filter(step -> step.state().type().value().equals("AuditReady"))
        .findFirst()
        .orElseThrow();
  }

  private Optional<Secret> generated() {
    return step().desired().stream().map(Secret.class::cast).findFirst();
  }

  private Deployment apiServer() {
    return plan().steps().stream()
        .flatMap(step -> step.desired().stream())
        .filter(Deployment.class::isInstance)
        .map(Deployment.class::cast)
        .filter(deployment -> deployment.getMetadata().getName().equals("demo-api-server"))
        .findFirst()
        .orElseThrow();
  }
}
