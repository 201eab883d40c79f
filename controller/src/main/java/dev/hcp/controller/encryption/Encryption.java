package dev.hcp.controller.encryption;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.KmsHealth;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.PodTrouble;
import dev.hcp.controller.plan.Step;
import dev.hcp.naming.Component;
import dev.hcp.render.encryption.Cipher;
import dev.hcp.render.encryption.EncryptionRenderer;
import dev.hcp.render.encryption.KmsRenderer;
import dev.hcp.render.kubeconfig.KubeconfigRenderer;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Plans the encryption of what API servers store. */
public final class Encryption {
  private Encryption() {}

  /** The step. */
  public static Step plan(Planning planning, AtRest atRest) {
    if (atRest.ring().resources().isEmpty()) {
      return new Step(
          notManaged(
              EncryptionRenderer.isGiven(atRest.controlPlane())
                  ? "What is encrypted is said by deployment.apiServer.args[%s]"
                      .formatted(EncryptionRenderer.FLAG)
                  : "spec.encryptionAtRest.disabled is true: nothing is encrypted"),
          List.of());
    }
    if (atRest.isKeyMissing()) {
      return new Step(
          missing("The key is being made"),
          List.of(),
          List.of(),
          List.of(new Action.CreateEncryptionKey(atRest.request())));
    }
    if (!atRest.isCopied()) {
      // What is there stays as it is: a Secret that is lost now could not be put back.
      return new Step(
          atRest.encrypted().containsAll(atRest.wanted()) && !atRest.wanted().isEmpty()
              ? state(planning, atRest)
              : missing(
                  "The key is used once Secret %s has a copy of it"
                      .formatted(atRest.controlPlane().names().rootKeys())),
          List.of());
    }
    return new Step(
        state(planning, atRest),
        List.of(
            EncryptionRenderer.configuration(
                atRest.controlPlane(), atRest.ring(), atRest.encryptable())),
        List.of(),
        rotation(planning, atRest));
  }

  /** What a rotation needs besides the Secret. */
  private static List<Action> rotation(Planning planning, AtRest atRest) {
    var names = planning.controlPlane().names();
    var secret = planning.objects().get(Secret.class, names.encryption());
    var actions = new ArrayList<Action>();
    if (atRest.isAnotherKeyWanted()) {
      secret
          .map(seen -> new Action.AddEncryptionKey(seen, atRest.nextNumber()))
          .ifPresent(actions::add);
    }
    if (!atRest.leftOver().isEmpty()) {
      secret.map(seen -> new Action.RemoveEntries(seen, atRest.leftOver())).ifPresent(actions::add);
    }
    // What was written again before a restoration is not what is there after it.
    if (planning.restoring().fence().isEmpty() && atRest.isRewriteWanted()) {
      planning
          .objects()
          .get(Secret.class, names.controlPlaneControllerKubeconfig())
          .flatMap(found -> Optional.ofNullable(found.getData().get(KubeconfigRenderer.KEY)))
          .map(
              kubeconfig -> new Action.Rewrite(atRest.run(), kubeconfig, atRest.ring().resources()))
          .ifPresent(actions::add);
    }
    return actions;
  }

  private static ConditionState state(Planning planning, AtRest atRest) {
    if (atRest.wanted().isEmpty()) {
      return notManaged(
          "spec.encryptionAtRest.disabled is true: what is written from now on is not encrypted; what was can still be read");
    }
    var still = new TreeSet<>(atRest.wanted());
    still.removeAll(atRest.encryptable());
    var trouble = trouble(planning, atRest);
    if (trouble.isPresent()) {
      return ConditionState.not(
          ConditionType.ENCRYPTION,
          Reason.KMS_UNAVAILABLE,
          "%s; what is encrypted by it can be written no more, and read only as far as API servers remember it"
              .formatted(trouble.get()));
    }
    if (!still.isEmpty()) {
      return ConditionState.not(
          ConditionType.ENCRYPTION,
          Reason.WAITING_FOR_API_SERVERS,
          "Not encrypted before all API servers can read that, which %d of %d can: %s"
              .formatted(atRest.informed(), atRest.apiServers(), String.join(", ", still)));
    }
    var by = atRest.inUse().map(" by %s"::formatted).orElse("");
    var resources = String.join(", ", atRest.wanted());
    if (atRest.isChangeAhead()) {
      return ConditionState.not(
          ConditionType.ENCRYPTION,
          Reason.WAITING_FOR_API_SERVERS,
          "What is written is encrypted%s until all API servers know %s: %s"
              .formatted(
                  by.isEmpty() ? " by the key of the controller" : by,
                  atRest
                      .service()
                      .map(kms -> "KMS " + kms.name())
                      .orElse("a key of the controller"),
                  resources));
    }
    return ConditionState.done(
        ConditionType.ENCRYPTION, "What is written is encrypted%s: %s".formatted(by, resources));
  }

  /** Why a key management service cannot be used; empty if nothing is known against it. */
  private static Optional<String> trouble(Planning planning, AtRest atRest) {
    if (atRest.services().isEmpty()) {
      return Optional.empty();
    }
    var names =
        atRest.services().values().stream().map(Cipher.Kms::name).collect(Collectors.joining(", "));
    return PodTrouble.failure(
            PodTrouble.pods(planning.objects(), Component.API_SERVER), KmsRenderer::isPlugin)
        .map(problem -> "The plugin of KMS %s does not run: %s".formatted(names, problem))
        .or(() ->
            atRest
                .health()
                .flatMap(KmsHealth::problem)
                .map(problem -> "KMS %s cannot be used: %s".formatted(names, problem)));
  }

  private static ConditionState notManaged(String message) {
    return new ConditionState(
        ConditionType.ENCRYPTION, ConditionStatus.TRUE, Reason.ENCRYPTION_NOT_MANAGED, message);
  }

  private static ConditionState missing(String message) {
    return ConditionState.not(ConditionType.ENCRYPTION, Reason.ENCRYPTION_KEY_MISSING, message);
  }
}
