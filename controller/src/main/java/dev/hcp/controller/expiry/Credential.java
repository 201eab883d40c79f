package dev.hcp.controller.expiry;

import dev.hcp.api.certmanager.CertManagerCondition;
import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.CertificateStatus;
import dev.hcp.api.v1alpha1.CredentialStatus;
import dev.hcp.conditions.Reason;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that was issued.
 *
 * @param name name of the Certificate
 * @param isAuthority whether it is that of a CA
 * @param notAfter when it expires
 * @param renewal when it is due to be renewed, if cert-manager says so
 * @param isAsWanted whether cert-manager has nothing to do for it
 * @param said what cert-manager says of it
 */
record Credential(
    String name,
    boolean isAuthority,
    Instant notAfter,
    Optional<Instant> renewal,
    boolean isAsWanted,
    String said) {
  /** cert-manager tries again an hour after its first failure. */
  private static final Duration LONGEST_MARGIN = Duration.ofHours(1);

  /** Of the time between renewal and expiry, for certificates that last hours. */
  private static final int PART_OF_MARGIN = 4;

  /** What is known of a certificate; empty if none was issued yet. */
  static Optional<Credential> of(Certificate live) {
    return Optional.ofNullable(live.getStatus())
        .flatMap(status ->
            time(status.notAfter())
                .map(notAfter ->
                    new Credential(
                        live.getMetadata().getName(),
                        live.getSpec().isCA(),
                        notAfter,
                        time(status.renewalTime()),
                        isAsWanted(status, live.getMetadata().getGeneration()),
                        said(status))));
  }

  /** When its renewal is overdue: it takes a moment, and may fail once. */
  Optional<Instant> overdue() {
    return renewal.map(due -> {
      var share = Duration.between(due, notAfter).dividedBy(PART_OF_MARGIN);
      return due.plus(share.compareTo(LONGEST_MARGIN) < 0 ? share : LONGEST_MARGIN);
    });
  }

  /** When something changes by time alone. */
  Stream<Instant> turns() {
    return Stream.concat(overdue().stream(), Stream.of(notAfter));
  }

  /** What is the matter with it; empty if nothing is. */
  Optional<Reason> problem(Instant now) {
    if (!now.isBefore(notAfter)) {
      return Optional.of(Reason.CERTIFICATE_EXPIRED);
    }
    if (overdue().filter(time -> !now.isBefore(time)).isPresent()) {
      return Optional.of(Reason.RENEWAL_OVERDUE);
    }
    return isAsWanted ? Optional.empty() : Optional.of(Reason.CERTIFICATE_NOT_READY);
  }

  /** What is to be said of a problem. */
  String describe(Reason problem) {
    return switch (problem) {
      case CERTIFICATE_EXPIRED ->
          "Certificate %s expired at %s; %s".formatted(name, notAfter, said);
      case RENEWAL_OVERDUE ->
          "Certificate %s should have been renewed at %s and expires at %s; %s"
              .formatted(name, renewal.map(Instant::toString).orElse("a time"), notAfter, said);
      default -> "Certificate %s: %s".formatted(name, said);
    };
  }

  CredentialStatus status(Instant now) {
    var problem = problem(now);
    return new CredentialStatus(
        name,
        problem.isEmpty(),
        problem.map(Reason::value).orElse(null),
        problem.map(this::describe).orElse(null),
        notAfter.toString(),
        renewal.map(Instant::toString).orElse(null));
  }

  private static boolean isAsWanted(CertificateStatus status, @Nullable Long generation) {
    return condition(status, "Ready")
        .filter(ready -> ready.status().equals("True"))
        .filter(ready ->
            generation == null
                || ready.observedGeneration() == null
                || ready.observedGeneration() >= generation)
        .isPresent();
  }

  /** What it does, or why it failed last; else what is not as it should be. */
  private static String said(CertificateStatus status) {
    var attempts =
        status.failedIssuanceAttempts() == null || status.failedIssuanceAttempts() == 0
            ? ""
            : ", %d failed so far".formatted(status.failedIssuanceAttempts());
    return condition(status, "Issuing")
        .or(() -> condition(status, "Ready").filter(ready -> !ready.status().equals("True")))
        .flatMap(condition -> Optional.ofNullable(condition.message()))
        .map(message -> "cert-manager says%s: %s".formatted(attempts, message))
        .orElse("cert-manager has not begun to renew it: does it run?");
  }

  private static Optional<CertManagerCondition> condition(CertificateStatus status, String type) {
    var conditions =
        status.conditions() == null ? List.<CertManagerCondition>of() : status.conditions();
    return conditions.stream().filter(condition -> condition.type().equals(type)).findFirst();
  }

  private static Optional<Instant> time(@Nullable String text) {
    try {
      return Optional.ofNullable(text).map(Instant::parse);
    } catch (DateTimeParseException _) {
      // Not a time that cert-manager would write: as good as none.
      return Optional.empty();
    }
  }
}
