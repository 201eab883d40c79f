package dev.hcp.controller.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.SecretReference;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.reconcile.Plan;
import dev.hcp.controller.scenario.Scenario;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatusBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is planned for auditing, beyond what the golden files show. */
final class AuditingTest {
  private static final SecretReference TOKEN = new SecretReference("clusters", "audit");
  private static final String GENERATED = "demo-audit-webhook";

  private final Scenario scenario = Scenario.named("audit-one-receiver");

  @Test
  void theSecretsThatTheSpecNamesAreFollowed() {
    assertThat(step().actions()).containsExactly(new Action.FollowSecrets(List.of(TOKEN)));
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

  /** After a start of the controller. */
  @Test
  void whatIsWrittenStaysWhileTheTokenIsNotKnown() {
    assertThat(generated()).isPresent();
    scenario.with(generated().orElseThrow());
    scenario.without(Secret.class, "audit");
    assertThat(generated()).isEmpty();
    assertThat(step().state().status()).isEqualTo(ConditionStatus.TRUE);
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
    assertThat(step().actions()).containsExactly(new Action.FollowSecrets(List.of()));
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
