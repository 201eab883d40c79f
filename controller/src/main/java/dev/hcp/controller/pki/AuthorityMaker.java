package dev.hcp.controller.pki;

import dev.hcp.render.pki.AuthorityKeys;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes CAs, as cert-manager would by the Certificates of the roots. */
public final class AuthorityMaker {
  private static final int BITS = 2048;
  private static final int SERIAL_BITS = 120;
  private static final int IDENTIFIER_BYTES = 20;

  /** Clocks differ a little. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  private AuthorityMaker() {}

  /**
   * A new key, with a certificate that it has signed itself.
   *
   * @param commonName whom the certificate names
   * @param now from when on it is valid
   * @param lifetime for how long
   * @param like certificate of the CA that signs now, base64 of PEM: what cert-manager has signed
   */
  public static AuthorityKeys.Pair make(
      String commonName, Instant now, Duration lifetime, String like) {
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(BITS);
      var key = generator.generateKeyPair();
      var name = name(commonName);
      var builder =
          new JcaX509v3CertificateBuilder(
                  name,
                  new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(SERIAL_BITS),
                  Date.from(now.minus(SKEW)),
                  Date.from(now.plus(lifetime)),
                  name,
                  key.getPublic())
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
              .addExtension(
                  Extension.keyUsage,
                  true,
                  new KeyUsage(
                      KeyUsage.digitalSignature | KeyUsage.keyEncipherment | KeyUsage.keyCertSign))
              .addExtension(
                  Extension.subjectKeyIdentifier, false, identifier(key.getPublic(), like));
      var certificate =
          builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(key.getPrivate()));
      return new AuthorityKeys.Pair(pem(certificate), pem(key.getPrivate()));
    } catch (NoSuchAlgorithmException | OperatorCreationException e) {
      throw new IllegalStateException("every Java runtime has RSA", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * As cert-manager will make it when it signs the CA anew: whoever compares identifiers would take
   * that one for another CA. Programs in Go take the first 160 bits of SHA-256 of the key (RFC
   * 7093, section 2, method 1) since Go 1.25, and SHA-1 before (RFC 5280, section 4.2.1.2, method
   * 1).
   */
  private static SubjectKeyIdentifier identifier(PublicKey key, String like)
      throws NoSuchAlgorithmException {
    var sha1 = "SHA-1";
    boolean isSha1 =
        ParsedCertificate.parse(like)
            .map(ParsedCertificate::certificate)
            .filter(signing -> isNamedBy(signing, sha1))
            .isPresent();
    return new SubjectKeyIdentifier(digest(key, isSha1 ? sha1 : "SHA-256"));
  }

  private static boolean isNamedBy(X509Certificate certificate, String algorithm) {
    try {
      var extension = certificate.getExtensionValue(Extension.subjectKeyIdentifier.getId());
      return extension != null
          && Arrays.equals(
              SubjectKeyIdentifier.getInstance(JcaX509ExtensionUtils.parseExtensionValue(extension))
                  .getKeyIdentifier(),
              digest(certificate.getPublicKey(), algorithm));
    } catch (IOException | NoSuchAlgorithmException _) {
      // It has none that can be read.
      return false;
    }
  }

  private static byte[] digest(PublicKey key, String algorithm) throws NoSuchAlgorithmException {
    var bits = SubjectPublicKeyInfo.getInstance(key.getEncoded()).getPublicKeyData().getBytes();
    return Arrays.copyOf(MessageDigest.getInstance(algorithm).digest(bits), IDENTIFIER_BYTES);
  }

  /**
   * In the encoding that cert-manager uses: it signs the CA anew, and programs in Go know an issuer
   * by the bytes of its name.
   */
  private static X500Name name(String commonName) {
    return new X500Name(new RDN[] {new RDN(BCStyle.CN, new DERPrintableString(commonName))});
  }

  private static String pem(Object content) throws IOException {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(content);
    }
    return Base64.getEncoder().encodeToString(text.toString().getBytes(StandardCharsets.US_ASCII));
  }
}
