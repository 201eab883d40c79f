package dev.hcp.validation;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;

/** Certificates in PEM form. */
final class PemRules {
  private PemRules() {}

  static boolean holdsCertificates(String pem) {
    try {
      var bytes = new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
      return pem.contains("-----BEGIN CERTIFICATE-----")
          && !CertificateFactory.getInstance("X.509").generateCertificates(bytes).isEmpty();
    } catch (CertificateException e) {
      return false;
    }
  }
}
