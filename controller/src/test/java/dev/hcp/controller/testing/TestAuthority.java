package dev.hcp.controller.testing;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A CA for tests, and what it signs. */
final class TestAuthority {
  private final KeyPair key = keyPair();
  private final X500Name name;
  private final Certificate certificate;

  TestAuthority(String commonName) {
    name = new X500Name("CN=" + commonName);
    certificate = sign(name, key);
  }

  /** A key pair and its certificate. */
  record Issued(KeyPair key, Certificate certificate) {
    /** PEM of the certificate. */
    String certificatePem() {
      return TestAuthority.certificate(certificate);
    }

    /** PEM of the private key, PKCS #8. */
    String keyPem() {
      return pem("PRIVATE KEY", key.getPrivate().getEncoded());
    }
  }

  /** PEM of the CA. */
  String pem() {
    return certificate(certificate);
  }

  /** PEM of the CA's private key, PKCS #8. */
  String keyPem() {
    return pem("PRIVATE KEY", key.getPrivate().getEncoded());
  }

  /** A new certificate for a server or client. */
  Issued issue(String commonName, GeneralName... names) {
    var issued = keyPair();
    return new Issued(issued, sign(new X500Name("CN=" + commonName), issued, names));
  }

  /** A new certificate for a client of some groups. */
  Issued issueToMember(String commonName, String... groups) {
    var issued = keyPair();
    var subject = new X500NameBuilder(BCStyle.INSTANCE);
    for (var group : groups) {
      var _ = subject.addRDN(BCStyle.O, group);
    }
    var _ = subject.addRDN(BCStyle.CN, commonName);
    return new Issued(
        issued, sign(subject.build(), issued, new GeneralName(GeneralName.dNSName, "unused")));
  }

  /** Without names it is a CA's. */
  private Certificate sign(X500Name subject, KeyPair subjectKey, GeneralName... names) {
    try {
      var now = Instant.now();
      var builder =
          new X509v3CertificateBuilder(
              name,
              new BigInteger(64, new SecureRandom()),
              Date.from(now.minus(Duration.ofHours(1))),
              Date.from(now.plus(Duration.ofHours(2))),
              subject,
              SubjectPublicKeyInfo.getInstance(subjectKey.getPublic().getEncoded()));
      var _ =
          builder.addExtension(
              Extension.basicConstraints, true, new BasicConstraints(names.length == 0));
      if (names.length > 0) {
        var _ =
            builder.addExtension(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(
                    new KeyPurposeId[] {
                      KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                    }));
        var _ =
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
      }
      var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate());
      return CertificateFactory.getInstance("X.509")
          .generateCertificate(new ByteArrayInputStream(builder.build(signer).getEncoded()));
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String certificate(Certificate certificate) {
    try {
      return pem("CERTIFICATE", certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String type, byte[] content) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(
            type, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content), type);
  }

  private static KeyPair keyPair() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
