package dev.hcp.validation;

import dev.hcp.api.v1alpha1.Certificates;
import dev.hcp.api.v1alpha1.GoDuration;
import dev.hcp.model.CertificateLifetimes;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lifetimes of certificates: none outlives the one that signed it by design. */
final class CertificateRules {
  private static final Pattern FORM = Pattern.compile(Certificates.FORM);
  private static final int LONGEST = 32;
  private static final Duration SHORTEST_LEAF = Duration.ofHours(1);
  private static final Duration SHORTEST_CA = SHORTEST_LEAF.multipliedBy(2);

  private CertificateRules() {}

  static void check(Field field, Certificates certificates) {
    var rootCa = certificates.rootCaCertificateDuration();
    var ca = certificates.caCertificateDuration();
    var leaf = certificates.leafCertificateDuration();
    int errors = field.errors().size();
    check(field.at("rootCaCertificateDuration"), rootCa, SHORTEST_CA, Certificates.CA_LIFETIME);
    check(field.at("caCertificateDuration"), ca, SHORTEST_CA, Certificates.CA_LIFETIME);
    check(field.at("leafCertificateDuration"), leaf, SHORTEST_LEAF, Certificates.LEAF_LIFETIME);
    if (field.errors().size() > errors) {
      return;
    }
    var lifetimes = CertificateLifetimes.of(certificates);
    field
        .at("rootCaCertificateDuration")
        .require(
            lifetimes.rootCa().compareTo(lifetimes.ca()) >= 0,
            rootCa,
            "must be at least caCertificateDuration, %s".formatted(ca));
    field
        .at("leafCertificateDuration")
        .require(
            lifetimes.leaf().multipliedBy(2).compareTo(lifetimes.shortestCa()) <= 0,
            leaf,
            "must be at most half as long as the CA certificates, which last %s"
                .formatted(GoDuration.format(lifetimes.shortestCa())));
  }

  /** What the lifetimes are; empty if they are not accepted. */
  static Optional<CertificateLifetimes> lifetimes(@Nullable Certificates certificates) {
    var apart = Field.root("certificates");
    if (certificates != null) {
      check(apart, certificates);
    }
    return apart.errors().isEmpty()
        ? Optional.of(CertificateLifetimes.of(certificates))
        : Optional.empty();
  }

  /** Whether a certificate that is no CA can have this lifetime, or says nothing of it. */
  static boolean isLeafLifetime(@Nullable String text) {
    return isLifetime(text, SHORTEST_LEAF);
  }

  private static void check(
      Field field, @Nullable String text, Duration shortest, String accepted) {
    field.require(isLifetime(text, shortest), text, accepted);
  }

  private static boolean isLifetime(@Nullable String text, Duration shortest) {
    return text == null
        || (text.length() <= LONGEST
            && FORM.matcher(text).matches()
            && GoDuration.parse(text).compareTo(shortest) >= 0);
  }
}
