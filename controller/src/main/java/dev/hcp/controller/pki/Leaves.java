package dev.hcp.controller.pki;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.certmanager.CertificateStatus;
import dev.hcp.controller.plan.LiveObjects;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The certificates that a CA has to sign.
 *
 * @param missing names of those that are not issued yet, or by another CA
 * @param foreign those of them that another CA has signed, and that nobody is issuing anew
 * @param due when one is to be looked at again that could not be issued; empty if there is none
 */
record Leaves(List<String> missing, List<Certificate> foreign, Optional<Instant> due) {
  private static final String CERTIFICATE = "tls.crt";
  private static final String ISSUING = "Issuing";

  /** How long cert-manager is left alone after a failure. */
  private static final Duration BACKOFF = Duration.ofMinutes(5);

  /** Copies the lists. */
  Leaves {
    missing = List.copyOf(missing);
    foreign = List.copyOf(foreign);
  }

  /**
   * Looks at them.
   *
   * @param wanted all Certificates that there shall be
   * @param issuer name of the Issuer that stands for the CA
   * @param authority certificate of the CA, base64 of PEM
   */
  static Leaves of(
      LiveObjects objects, List<Certificate> wanted, String issuer, String authority, Instant now) {
    var missing = new ArrayList<String>();
    var foreign = new ArrayList<Certificate>();
    var due = Optional.<Instant>empty();
    var signer = ParsedCertificate.parse(authority);
    for (var certificate : wanted) {
      var name = certificate.getMetadata().getName();
      if (!certificate.getSpec().issuerRef().name().equals(issuer)) {
        continue;
      }
      var leaf = ParsedCertificate.parse(objects.secretData(name).getOrDefault(CERTIFICATE, ""));
      if (leaf.isPresent() && signer.isPresent() && leaf.get().isSignedBy(signer.get())) {
        continue;
      }
      missing.add(name);
      var live = objects.get(Certificate.class, name);
      if (leaf.isEmpty() || signer.isEmpty() || live.isEmpty() || isIssuing(live.get())) {
        continue;
      }
      var again = failed(live.get()).map(time -> time.plus(BACKOFF));
      if (again.filter(now::isBefore).isEmpty()) {
        foreign.add(live.get());
      } else if (due.isEmpty() || again.get().isBefore(due.get())) {
        due = again;
      }
    }
    return new Leaves(missing, foreign, due);
  }

  private static boolean isIssuing(Certificate certificate) {
    var conditions =
        Optional.ofNullable(certificate.getStatus()).map(CertificateStatus::conditions);
    return conditions.isEmpty()
        || conditions.get().stream()
            .anyMatch(
                condition -> condition.type().equals(ISSUING) && condition.status().equals("True"));
  }

  private static Optional<Instant> failed(Certificate certificate) {
    return Optional.ofNullable(certificate.getStatus())
        .flatMap(status -> Optional.ofNullable(status.lastFailureTime()))
        .map(Instant::parse);
  }
}
