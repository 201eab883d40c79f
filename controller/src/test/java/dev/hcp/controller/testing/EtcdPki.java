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

/** A CA that signs certificates of etcd members on this machine, and of their clients. */
public final class EtcdPki {
  private final KeyPair caKey = keyPair();
  private final X500Name caName = new X500Name("CN=etcd-ca");
  private final Certificate ca = sign(caName, caKey, true);

  /**
   * A certificate and its key.
   *
   * @param certificate PEM
   * @param key PEM, PKCS #8
   */
  public record Identity(String certificate, String key) {}

  /** PEM of the CA. */
  public String authority() {
    return certificate(ca);
  }

  /** A new certificate for {@code localhost}, for servers and clients. */
  public Identity issue(String commonName) {
    var key = keyPair();
    return new Identity(
        certificate(sign(new X500Name("CN=" + commonName), key, false)),
        pem("PRIVATE KEY", key.getPrivate().getEncoded()));
  }

  private Certificate sign(X500Name subject, KeyPair key, boolean isCa) {
    try {
      var now = Instant.now();
      var builder =
          new X509v3CertificateBuilder(
              caName,
              new BigInteger(64, new SecureRandom()),
              Date.from(now.minus(Duration.ofHours(1))),
              Date.from(now.plus(Duration.ofHours(2))),
              subject,
              SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()));
      var _ = builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(isCa));
      if (!isCa) {
        var _ =
            builder.addExtension(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(
                    new KeyPurposeId[] {
                      KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                    }));
        var _ =
            builder.addExtension(
                Extension.subjectAlternativeName,
                false,
                new GeneralNames(
                    new GeneralName[] {
                      new GeneralName(GeneralName.dNSName, "localhost"),
                      new GeneralName(GeneralName.iPAddress, "127.0.0.1")
                    }));
      }
      var signer = new JcaContentSignerBuilder("SHA256withECDSA").build(caKey.getPrivate());
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
