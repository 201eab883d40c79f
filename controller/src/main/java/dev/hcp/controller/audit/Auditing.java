package dev.hcp.controller.audit;

import dev.hcp.api.v1alpha1.Audit;
import dev.hcp.api.v1alpha1.AuditMode;
import dev.hcp.api.v1alpha1.AuditWebhookAuthentication;
import dev.hcp.api.v1alpha1.AuditWebhookTarget;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Conditions;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.NamedSecret;
import dev.hcp.controller.plan.ObjectReference;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Rollout;
import dev.hcp.controller.plan.Step;
import dev.hcp.model.ControlPlane;
import dev.hcp.render.audit.AuditRenderer;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Plans auditing. */
public final class Auditing {
  /** Why a token cannot be used, what weighs most first. */
  private static final List<Reason> UNUSABLE =
      List.of(Reason.INVALID_SPEC, Reason.REFERENCE_NOT_PERMITTED, Reason.AUDIT_TOKEN_MISSING);

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

  /** What is known of the token for a receiver. */
  private sealed interface Token {
    /** It can be sent. */
    record Found(String value) implements Token {}

    /** It cannot. */
    record Unusable(Reason reason, String why) implements Token {}

    /** Its Secret has not been read yet. */
    record Unread(String secret) implements Token {}
  }

  private static Step wanted(Planning planning, Audit audit) {
    var targets = AuditRenderer.targets(planning.controlPlane());
    var tokens = new HashMap<AuditWebhookTarget, String>();
    var unusable = new ArrayList<Token.Unusable>();
    var unread = new TreeSet<String>();
    for (var target : targets) {
      if (target.authentication() == null) {
        continue;
      }
      switch (token(planning, target.server(), target.authentication())) {
        case Token.Found(var value) -> tokens.put(target, value);
        case Token.Unusable token -> unusable.add(token);
        case Token.Unread(var secret) -> unread.add(secret);
      }
    }
    return new Step(
        UNUSABLE.stream()
            .flatMap(reason -> unusable(reason, unusable).stream())
            .findFirst()
            .orElseGet(() -> state(planning, message(audit, targets), unread)),
        // Without its tokens nothing is written: what there is stays, and pods wait for the first.
        unread.isEmpty()
            ? List.of(AuditRenderer.configuration(planning.controlPlane(), audit, tokens))
            : List.of(),
        List.of(),
        List.of());
  }

  private static Token token(
      Planning planning, String server, AuditWebhookAuthentication authentication) {
    var reference = reference(planning.controlPlane(), authentication);
    var what = "by which %s knows the API servers".formatted(server);
    var key = authentication.keyOfToken();
    return switch (NamedSecret.read(planning, reference, what, "sent to " + server)) {
      case NamedSecret.Usable(var secret) ->
          Optional.ofNullable(secret.getData())
              .map(data -> data.get(key))
              .filter(value -> !value.isEmpty())
              .<Token>map(Token.Found::new)
              .orElseGet(() -> missing(reference, key, what));
      case NamedSecret.Missing() -> missing(reference, key, what);
      case NamedSecret.Unusable(var reason, var why) -> new Token.Unusable(reason, why);
      case NamedSecret.Unread(var name) -> new Token.Unread(name);
    };
  }

  private static Token missing(ObjectReference reference, String key, String what) {
    return new Token.Unusable(
        Reason.AUDIT_TOKEN_MISSING,
        "Secret %s has no key %s, %s".formatted(reference.name(), key, what));
  }

  /** What is wrong for one reason; empty if nothing is. */
  private static Optional<ConditionState> unusable(Reason reason, List<Token.Unusable> tokens) {
    var why =
        tokens.stream()
            .filter(token -> token.reason() == reason)
            .map(Token.Unusable::why)
            .collect(Collectors.joining("; "));
    return why.isEmpty()
        ? Optional.empty()
        : Optional.of(ConditionState.not(ConditionType.AUDIT, reason, why));
  }

  private static ConditionState state(Planning planning, String message, SortedSet<String> unread) {
    return unread.isEmpty()
        ? ConditionState.done(ConditionType.AUDIT, message)
        : lastSaid(planning.observed().hostedControlPlane())
            .orElseGet(() ->
                ConditionState.not(
                    ConditionType.AUDIT,
                    Reason.AUDIT_TOKEN_MISSING,
                    "Secret %s has not been read yet".formatted(String.join(", ", unread))));
  }

  /** Still holds after a start of the controller, until it is known which Secrets there are. */
  private static Optional<ConditionState> lastSaid(HostedControlPlane object) {
    var conditions = object.getStatus() == null ? null : object.getStatus().conditions();
    return conditions == null
        ? Optional.empty()
        : Conditions.state(conditions, ConditionType.AUDIT, object.getMetadata().getGeneration());
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
        List.of());
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

  /** The Secrets with tokens. */
  public static List<ObjectReference> references(ControlPlane controlPlane) {
    return AuditRenderer.targets(controlPlane).stream()
        .flatMap(target -> Stream.ofNullable(target.authentication()))
        .map(authentication -> reference(controlPlane, authentication))
        .distinct()
        .toList();
  }

  private static ObjectReference reference(
      ControlPlane controlPlane, AuditWebhookAuthentication authentication) {
    return ObjectReference.secret(
        Objects.requireNonNullElse(authentication.secretNamespace(), controlPlane.namespace()),
        authentication.secretName());
  }
}
