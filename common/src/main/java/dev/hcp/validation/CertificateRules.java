package dev.hcp.validation;

import dev.hcp.api.v1alpha1.Certificates;
import dev.hcp.api.v1alpha1.GoDuration;
import dev.hcp.model.CertificateLifetimes;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Lifetimes of certificates: none outlives the one that signed it by design. */
final class CertificateRules {
  private static final Duration SHORTEST_LEAF = Duration.ofHours(1);
  private static final Duration SHORTEST_CA = SHORTEST_LEAF.multipliedBy(2);

  private CertificateRules() {}

  static void check(Field field, Certificates certificates) {
    var rootCa = certificates.rootCaCertificateDuration();
    var ca = certificates.caCertificateDuration();
    var leaf = certificates.leafCertificateDuration();
    int errors = field.errors().size();
    mustBeDuration(field.at("rootCaCertificateDuration"), rootCa);
    mustBeDuration(field.at("caCertificateDuration"), ca);
    mustBeDuration(field.at("leafCertificateDuration"), leaf);
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
    longEnough(field.at("rootCaCertificateDuration"), rootCa, lifetimes.rootCa());
    longEnough(field.at("caCertificateDuration"), ca, lifetimes.ca());
    if (leaf != null) {
      var longest = lifetimes.shortestCa().dividedBy(2);
      field
          .at("leafCertificateDuration")
          .require(
              lifetimes.leaf().compareTo(SHORTEST_LEAF) >= 0
                  && lifetimes.leaf().compareTo(longest) <= 0,
              leaf,
              "must be at least %s, and at most %s, half of the shortest CA lifetime"
                  .formatted(GoDuration.format(SHORTEST_LEAF), GoDuration.format(longest)));
    }
  }

  private static void longEnough(Field field, @Nullable String text, Duration lifetime) {
    field.require(
        lifetime.compareTo(SHORTEST_CA) >= 0,
        text,
        "must be at least %s, twice the shortest lifetime of what it signs"
            .formatted(GoDuration.format(SHORTEST_CA)));
  }

  private static void mustBeDuration(Field field, @Nullable String text) {
    try {
      if (text != null) {
        GoDuration.parse(text);
      }
    } catch (IllegalArgumentException e) {
      field.reject(text, "must be a duration of at most 292 years, for example 2160h");
    }
  }
}
