package dev.hcp.controller.authentication;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.ManagementTokens;
import dev.hcp.controller.plan.Observation;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Step;
import dev.hcp.model.ManagementIssuer;
import dev.hcp.render.authentication.AuthenticationRenderer;
import java.util.List;
import java.util.Optional;

/** Plans the configuration of token authentication. */
public final class Authentication {
  private Authentication() {}

  /** The step. */
  public static Step plan(Planning planning) {
    var controlPlane = planning.controlPlane();
    var issuer = managementIssuer(planning.observed());
    return new Step(
        state(planning, issuer),
        List.of(AuthenticationRenderer.configuration(controlPlane, issuer)));
  }

  /**
   * The issuer of the management cluster's tokens, if hosted clusters can accept them. They cannot
   * if it has the same name as their own.
   */
  public static Optional<ManagementIssuer> managementIssuer(Observation observed) {
    return observed.managementTokens().issuer().filter(issuer -> !isOwn(issuer));
  }

  private static ConditionState state(Planning planning, Optional<ManagementIssuer> issuer) {
    var providers = planning.controlPlane().spec().oidcProviders();
    if (issuer.isPresent() && providers != null && providers.containsKey(issuer.get().url())) {
      return ConditionState.not(
          ConditionType.AUTHENTICATION,
          Reason.INVALID_SPEC,
          "spec.oidcProviders[%s] has no effect: it is the issuer of the management cluster, whose tokens are accepted with the audience %s; remove it, or set MANAGEMENT_TOKEN_ISSUER to none"
              .formatted(
                  issuer.get().url(),
                  AuthenticationRenderer.managementAudience(planning.controlPlane())));
    }
    var own =
        "The API servers accept tokens of %d issuers in spec.oidcProviders"
            .formatted(providers == null ? 0 : providers.size());
    return obstacle(planning.observed().managementTokens())
        .map(obstacle ->
            new ConditionState(
                ConditionType.AUTHENTICATION,
                ConditionStatus.TRUE,
                Reason.MANAGEMENT_TOKENS_REFUSED,
                "%s; those of the management cluster are not accepted: %s"
                    .formatted(own, obstacle)))
        .orElseGet(() ->
            ConditionState.done(
                ConditionType.AUTHENTICATION,
                issuer
                    .map(management ->
                        "%s, and of %s with the audience %s"
                            .formatted(
                                own,
                                management.url(),
                                AuthenticationRenderer.managementAudience(planning.controlPlane())))
                    .orElse(own)));
  }

  private static Optional<String> obstacle(ManagementTokens tokens) {
    return tokens
        .issuer()
        .filter(Authentication::isOwn)
        .map(issuer -> "their issuer is %s, as that of hosted clusters".formatted(issuer.url()))
        .or(tokens::obstacle);
  }

  private static boolean isOwn(ManagementIssuer issuer) {
    return issuer.url().equals(AuthenticationRenderer.OWN_ISSUER);
  }
}
