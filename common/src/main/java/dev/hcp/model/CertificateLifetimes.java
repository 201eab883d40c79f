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
   * What the user set, with defaults. The default of the leaf lifetime is cut to half of the
   * shortest CA lifetime, so that a spec that sets only short CA lifetimes stays valid.
   *
   * @throws IllegalArgumentException if a duration cannot be read
   */
  public static CertificateLifetimes of(@Nullable Certificates certificates) {
    var rootCa =
        duration(
            certificates == null ? null : certificates.rootCaCertificateDuration(), DEFAULT_CA);
    var ca =
        duration(certificates == null ? null : certificates.caCertificateDuration(), DEFAULT_CA);
    var half = (rootCa.compareTo(ca) < 0 ? rootCa : ca).dividedBy(2);
    var leaf =
        duration(
            certificates == null ? null : certificates.leafCertificateDuration(),
            half.compareTo(DEFAULT_LEAF) < 0 ? half : DEFAULT_LEAF);
    return new CertificateLifetimes(rootCa, ca, leaf);
  }

  private static Duration duration(@Nullable String text, Duration fallback) {
    return text == null ? fallback : GoDuration.parse(text);
  }
}
