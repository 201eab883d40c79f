package dev.hcp.controller.testing;

import dev.hcp.api.certmanager.Certificate;
import dev.hcp.api.v1alpha1.GoDuration;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Signs as cert-manager does, as far as it matters who trusts whom: what differs from what was
 * asked for is issued anew, with a new key unless the old one may stay; what a CA of a CA signs
 * comes with the chain, but without the root, which stands in {@code ca.crt}.
 */
public final class SigningCertManager {
  private final InstantSource clock;
  private final Map<String, String> issued;
  private long serial;

  /** Has signed nothing yet. */
  public SigningCertManager(InstantSource clock) {
    this(clock, Map.of());
  }

  private SigningCertManager(InstantSource clock, Map<String, String> issued) {
    this.clock = clock;
    this.issued = new HashMap<>(issued);
  }

  /** The same, of another management cluster. */
  public SigningCertManager copy(InstantSource other) {
    var copy = new SigningCertManager(other, issued);
    copy.serial = serial + 1000;
    return copy;
  }

  /** Issues a certificate anew when it is looked at next. */
  public void forget(String secret) {
    issued.remove(secret);
  }

  /** The Secret as it shall be; empty if it is. */
  public Optional<Secret> sign(
      Certificate certificate, Optional<Secret> live, Optional<Secret> issuer) {
    var spec = certificate.getSpec();
    var asked =
        "%s %s %s %s %s %s %s %s"
            .formatted(
                spec.issuerRef().name(),
                spec.commonName(),
                spec.subject(),
                spec.dnsNames(),
                spec.ipAddresses(),
                spec.usages(),
                spec.isCA(),
                spec.duration());
    if (live.isPresent() && asked.equals(issued.get(spec.secretName()))) {
      return Optional.empty();
    }
    try {
      var keys = keys(certificate, live);
      var data = new TreeMap<String, String>();
      data.put("tls.key", encode(pem("PRIVATE KEY", keys.getPrivate().getEncoded())));
      if (issuer.isEmpty()) {
        var own =
            certificate(certificate, keys.getPublic(), subject(certificate), keys.getPrivate());
        data.put("tls.crt", encode(pem(own)));
        data.put("ca.crt", encode(pem(own)));
      } else {
        var chain = chain(issuer.get().getData().get("tls.crt"));
        var signed =
            certificate(
                certificate,
                keys.getPublic(),
                new X500Name(chain.getFirst().getSubjectX500Principal().getName()),
                key(issuer.get().getData().get("tls.key"), chain.getFirst().getPublicKey()));
        var all = new StringBuilder(pem(signed));
        for (var above : chain) {
          if (!above.getSubjectX500Principal().equals(above.getIssuerX500Principal())) {
            all.append(pem(above));
          }
        }
        data.put("tls.crt", encode(all.toString()));
        data.put("ca.crt", issuer.get().getData().get("ca.crt"));
      }
      issued.put(spec.secretName(), asked);
      return Optional.of(
          live.map(SecretBuilder::new)
              .orElseGet(() ->
                  new SecretBuilder()
                      .withNewMetadata()
                      .withName(spec.secretName())
                      .withNamespace(certificate.getMetadata().getNamespace())
                      .endMetadata()
                      .withType("kubernetes.io/tls"))
              .editMetadata()
              .addToLabels(spec.secretTemplate().labels())
              .endMetadata()
              .withData(data)
              .build());
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The certificates of a file, base64 of PEM. */
  public static List<X509Certificate> chain(String encoded) {
    try {
      var all = new ArrayList<X509Certificate>();
      for (var read :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(Base64.getDecoder().decode(encoded)))) {
        all.add((X509Certificate) read);
      }
      return List.copyOf(all);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Whether a program of Go accepts a certificate: a chain leads from it to one that is trusted,
   * which need be no root.
   *
   * @param presented the certificate, and what the other side sends along
   * @param trusted what is trusted
   */
  public static boolean accepts(
      List<X509Certificate> trusted, List<X509Certificate> presented, Instant when) {
    return accepts(trusted, presented, presented.getFirst(), when, 0);
  }

  private static boolean accepts(
      List<X509Certificate> trusted,
      List<X509Certificate> presented,
      X509Certificate from,
      Instant when,
      int depth) {
    if (depth > 4 || !isValid(from, when)) {
      return false;
    }
    return trusted.contains(from)
        || trusted.stream().anyMatch(by -> isValid(by, when) && isSigned(from, by))
        || presented.stream()
            .filter(by -> !by.equals(from) && isSigned(from, by))
            .anyMatch(by -> accepts(trusted, presented, by, when, depth + 1));
  }

  private static boolean isValid(X509Certificate certificate, Instant when) {
    return !when.isBefore(certificate.getNotBefore().toInstant())
        && !when.isAfter(certificate.getNotAfter().toInstant());
  }

  private static boolean isSigned(X509Certificate certificate, X509Certificate by) {
    if (!certificate.getIssuerX500Principal().equals(by.getSubjectX500Principal())) {
      return false;
    }
    try {
      certificate.verify(by.getPublicKey());
      return true;
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private static KeyPair keys(Certificate certificate, Optional<Secret> live)
      throws GeneralSecurityException {
    var wanted = certificate.getSpec().privateKey();
    boolean ecdsa = wanted != null && wanted.algorithm().equals("ECDSA");
    if (live.isPresent() && wanted != null && wanted.rotationPolicy().equals("Never")) {
      var before = chain(live.get().getData().get("tls.crt")).getFirst().getPublicKey();
      return new KeyPair(before, key(live.get().getData().get("tls.key"), before));
    }
    var generator = KeyPairGenerator.getInstance(ecdsa ? "EC" : "RSA");
    generator.initialize(ecdsa ? 256 : 2048);
    return generator.generateKeyPair();
  }

  private static PrivateKey key(String encoded, PublicKey of) throws GeneralSecurityException {
    var pem =
        new String(Base64.getDecoder().decode(encoded), StandardCharsets.US_ASCII)
            .replaceAll("-----[^-]*-----", "");
    return KeyFactory.getInstance(of.getAlgorithm())
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
  }

  private static X500Name subject(Certificate certificate) {
    return new X500Name("CN=" + certificate.getSpec().commonName().replace(":", "\\:"));
  }

  private X509Certificate certificate(
      Certificate certificate, PublicKey key, X500Name issuer, PrivateKey signer)
      throws GeneralSecurityException, IOException, OperatorCreationException {
    var now = clock.instant();
    var lifetime = GoDuration.parse(certificate.getSpec().duration());
    var builder =
        new X509v3CertificateBuilder(
            issuer,
            BigInteger.valueOf(++serial),
            Date.from(now),
            Date.from(now.plus(lifetime)),
            subject(certificate),
            SubjectPublicKeyInfo.getInstance(key.getEncoded()));
    var _ =
        builder.addExtension(
            Extension.basicConstraints, true, new BasicConstraints(certificate.getSpec().isCA()));
    var content =
        new JcaContentSignerBuilder(
                signer.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA")
            .build(signer);
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(builder.build(content).getEncoded()));
  }

  private static String pem(X509Certificate certificate) throws GeneralSecurityException {
    return pem("CERTIFICATE", certificate.getEncoded());
  }

  private static String pem(String type, byte[] content) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(
            type, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content), type);
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }
}
