package dev.hcp.validation;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;

/** Certificates in PEM form. */
final class PemRules {
  static final String ACCEPTED = "must be one or more certificates in PEM form, and nothing else";

  private PemRules() {}

  /**
   * What stands in place of a bundle in a message: it is long, and where it is wrong it may be a
   * private key.
   */
  static String outline(String pem) {
    return pem.lines()
        .findFirst()
        .filter(line -> line.matches("-----BEGIN [A-Z0-9 ]{1,40}-----"))
        .orElse("(%d characters)".formatted(pem.length()));
  }

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
