package dev.hcp.controller.pki;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/** A certificate as it stands in a Secret. */
record ParsedCertificate(X509Certificate certificate) {
  /**
   * The first certificate of a file; empty if there is none that can be read.
   *
   * @param encoded base64 of PEM
   */
  static Optional<ParsedCertificate> parse(String encoded) {
    if (encoded.isEmpty()) {
      return Optional.empty();
    }
    try {
      return CertificateFactory.getInstance("X.509")
                  .generateCertificate(
                      new ByteArrayInputStream(Base64.getDecoder().decode(encoded)))
              instanceof X509Certificate certificate
          ? Optional.of(new ParsedCertificate(certificate))
          : Optional.empty();
    } catch (CertificateException | IllegalArgumentException _) {
      // cert-manager issues one anew that cannot be read.
      return Optional.empty();
    }
  }

  /** From when on nobody accepts it. */
  Instant expiry() {
    return certificate.getNotAfter().toInstant();
  }

  /** Whether a CA has signed it, by name and by key; it may have been renewed since. */
  boolean isSignedBy(ParsedCertificate authority) {
    // Byte by byte, as programs in Go compare them.
    if (!Arrays.equals(
        certificate.getIssuerX500Principal().getEncoded(),
        authority.certificate.getSubjectX500Principal().getEncoded())) {
      return false;
    }
    try {
      certificate.verify(authority.certificate.getPublicKey());
      return true;
    } catch (GeneralSecurityException _) {
      // By another key.
      return false;
    }
  }
}
