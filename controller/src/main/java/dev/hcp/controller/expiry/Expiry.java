package dev.hcp.controller.expiry;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.v1alpha1.CredentialStatus;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionStatus;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Step;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * When the certificates of a control plane expire. cert-manager renews them; here is seen whether
 * it does.
 *
 * @param credentials those that were issued, by name
 * @param now when this was observed
 */
public record Expiry(List<Credential> credentials, Instant now) {
  /** Copies the list. */
  public Expiry {
    credentials = List.copyOf(credentials);
  }

  /**
   * Looks at all certificates that are wanted.
   *
   * @param steps the steps that want them
   */
  public static Expiry of(Planning planning, Collection<Step> steps) {
    return new Expiry(
        steps.stream()
            .flatMap(step -> step.desired().stream())
            .filter(Certificate.class::isInstance)
            .map(wanted -> wanted.getMetadata().getName())
            .distinct()
            .flatMap(name -> planning.objects().get(Certificate.class, name).stream())
            .flatMap(live -> Credential.of(live).stream())
            .sorted(Comparator.comparing(Credential::name))
            .toList(),
        planning.observed().at());
  }

  /** What the status says of all of them. */
  public List<CredentialStatus> status() {
    return credentials.stream().map(credential -> credential.status(now)).toList();
  }

  /** When the next one expires, or should have been renewed by then; empty if there is none. */
  public Optional<Instant> due() {
    return credentials.stream()
        .flatMap(Credential::turns)
        .filter(now::isBefore)
        .min(Instant::compareTo);
  }

  /**
   * The same step, whose condition also says what is the matter with certificates that there are. A
   * condition stays true while all of them are valid.
   */
  public Step amend(Step step) {
    return switch (step.state().type()) {
      case CA_CERTIFICATES -> amend(step, true);
      case CERTIFICATES -> amend(step, false);
      default -> step;
    };
  }

  private Step amend(Step step, boolean authorities) {
    var state = step.state();
    return said(state.type(), authorities, Reason.CERTIFICATE_EXPIRED)
        .or(() ->
            state.isTrue()
                ? said(state.type(), authorities, Reason.RENEWAL_OVERDUE)
                : Optional.empty())
        .map(amended -> new Step(amended, step.desired(), step.obsolete(), step.actions()))
        .orElse(step);
  }

  private Optional<ConditionState> said(ConditionType type, boolean authorities, Reason problem) {
    var message =
        credentials.stream()
            .filter(credential -> credential.isAuthority() == authorities)
            .filter(credential -> credential.problem(now).equals(Optional.of(problem)))
            .map(credential -> credential.describe(problem))
            .collect(Collectors.joining(". "));
    if (message.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        problem == Reason.CERTIFICATE_EXPIRED
            ? ConditionState.not(type, problem, message)
            : new ConditionState(type, ConditionStatus.TRUE, problem, message));
  }
}
