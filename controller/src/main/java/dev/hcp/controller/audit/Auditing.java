package dev.hcp.controller.audit;

import dev.hcp.api.v1alpha1.Audit;
import dev.hcp.api.v1alpha1.AuditMode;
import dev.hcp.api.v1alpha1.AuditWebhookAuthentication;
import dev.hcp.api.v1alpha1.AuditWebhookTarget;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.SecretReference;
import dev.hcp.controller.plan.Step;
import dev.hcp.render.audit.AuditRenderer;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Plans auditing. */
public final class Auditing {
  private static final String DEFAULT_KEY = "token";

  private Auditing() {}

  /** The step; none where nothing is audited, nor was. */
  public static Optional<Step> plan(Planning planning) {
    var controlPlane = planning.controlPlane();
    var audit = AuditRenderer.settings(controlPlane);
    return audit.isPresent()
        ? Optional.of(wanted(planning, audit.get()))
        : planning
            .objects()
            .get(Secret.class, controlPlane.names().audit())
            .map(left -> unwanted(planning, left));
  }

  private static Step wanted(Planning planning, Audit audit) {
    var targets = AuditRenderer.targets(planning.controlPlane());
    var tokens = new HashMap<AuditWebhookTarget, String>();
    var missing = new ArrayList<String>();
    boolean unknown = false;
    for (var target : targets) {
      var authentication = target.authentication();
      if (authentication == null) {
        continue;
      }
      var reference = reference(planning, authentication);
      var secret = planning.observed().secrets().get(reference);
      if (secret == null) {
        unknown = true;
        continue;
      }
      var token = token(secret, authentication);
      token.ifPresent(value -> tokens.put(target, value));
      if (token.isEmpty()) {
        missing.add(
            "Secret %s has no key %s, by which %s knows the API servers"
                .formatted(reference.name(), key(authentication), target.server()));
      }
    }
    var desired = AuditRenderer.configuration(planning.controlPlane(), audit, tokens);
    // After a start it is not known yet which tokens there are; those that are written stay.
    boolean kept = unknown && planning.objects().counterpart(desired).isPresent();
    return new Step(
        missing.isEmpty()
            ? ConditionState.done(ConditionType.AUDIT, message(audit, targets))
            : ConditionState.not(
                ConditionType.AUDIT, Reason.AUDIT_TOKEN_MISSING, String.join("; ", missing)),
        kept ? List.of() : List.of(desired),
        List.of(),
        List.of(new Action.FollowSecrets(references(planning, targets))));
  }

  /** Pods of the last revision have the files mounted. */
  private static Step unwanted(Planning planning, Secret left) {
    boolean complete =
        planning
            .objects()
            .get(Deployment.class, planning.controlPlane().names().apiServer())
            .filter(live -> !mounts(live, left) && Rollout.of(live).complete())
            .isPresent();
    return new Step(
        ConditionState.done(ConditionType.AUDIT, "Nothing is audited any more"),
        List.of(),
        complete ? List.of(left) : List.of(),
        List.of(new Action.FollowSecrets(List.of())));
  }

  private static boolean mounts(Deployment deployment, Secret secret) {
    var volumes = deployment.getSpec().getTemplate().getSpec().getVolumes();
    return volumes.stream()
        .anyMatch(volume ->
            volume.getSecret() != null
                && secret.getMetadata().getName().equals(volume.getSecret().getSecretName()));
  }

  private static String message(Audit audit, List<AuditWebhookTarget> targets) {
    var mode = (audit.mode() == null ? AuditMode.BATCH : audit.mode()).value();
    return targets.isEmpty()
        ? "Audit events go to standard output of the API servers, mode %s".formatted(mode)
        : "Audit events go to %d receivers, mode %s".formatted(targets.size(), mode);
  }

  private static List<SecretReference> references(
      Planning planning, List<AuditWebhookTarget> targets) {
    return targets.stream()
        .flatMap(target -> Stream.ofNullable(target.authentication()))
        .map(authentication -> reference(planning, authentication))
        .distinct()
        .toList();
  }

  /** Always of the control plane's own namespace: admission accepts no other. */
  private static SecretReference reference(
      Planning planning, AuditWebhookAuthentication authentication) {
    return new SecretReference(planning.controlPlane().namespace(), authentication.secretName());
  }

  private static Optional<String> token(
      Optional<Secret> secret, AuditWebhookAuthentication authentication) {
    return secret
        .map(Secret::getData)
        .map(data -> data.get(key(authentication)))
        .filter(token -> !token.isEmpty());
  }

  private static String key(AuditWebhookAuthentication authentication) {
    return authentication.tokenKey() == null ? DEFAULT_KEY : authentication.tokenKey();
  }
}
