package dev.hcp.model;

import dev.hcp.api.v1alpha1.Certificates;
import dev.hcp.api.v1alpha1.GoDuration;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Lifetimes of the certificates of a control plane.
 *
 * @param rootCa of the Kubernetes CA
 * @param ca of the etcd and front-proxy CAs
 * @param leaf of all other certificates
 */
public record CertificateLifetimes(Duration rootCa, Duration ca, Duration leaf) {
  private static final Duration DEFAULT_CA = Duration.ofDays(3650);
  private static final Duration DEFAULT_LEAF = Duration.ofDays(90);

  /**
   * What the user set, with defaults that fit it, so that a spec that sets only some lifetimes
   * stays valid: the Kubernetes CA lives at least as long as the other CAs, and a leaf at most half
   * as long as the shortest-lived CA.
   *
   * @throws IllegalArgumentException if a duration cannot be read
   */
  public static CertificateLifetimes of(@Nullable Certificates certificates) {
    if (certificates == null) {
      return new CertificateLifetimes(DEFAULT_CA, DEFAULT_CA, DEFAULT_LEAF);
    }
    var setRootCa = certificates.rootCaCertificateDuration();
    var setCa = certificates.caCertificateDuration();
    var rootCa =
        setRootCa == null
            ? max(DEFAULT_CA, duration(setCa, DEFAULT_CA))
            : GoDuration.parse(setRootCa);
    var ca = duration(setCa, min(DEFAULT_CA, rootCa));
    var leaf =
        duration(
            certificates.leafCertificateDuration(),
            min(DEFAULT_LEAF, min(rootCa, ca).dividedBy(2)));
    return new CertificateLifetimes(rootCa, ca, leaf);
  }

  /** Lifetime of the CA that lives shortest. */
  public Duration shortestCa() {
    return min(rootCa, ca);
  }

  private static Duration duration(@Nullable String text, Duration fallback) {
    return text == null ? fallback : GoDuration.parse(text);
  }

  private static Duration min(Duration left, Duration right) {
    return left.compareTo(right) < 0 ? left : right;
  }

  private static Duration max(Duration left, Duration right) {
    return left.compareTo(right) < 0 ? right : left;
  }
}
