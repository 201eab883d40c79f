package dev.hcp.controller.memory;

import dev.hcp.render.pki.AuthorityKeys;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * Certificates that are really signed. What is asked for twice is the same both times, so that
 * worlds that went the same way are equal.
 */
public final class SignedCertificates {
  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final int RSA_BITS = 2048;
  private static final int EC_BITS = 256;
  private static final Duration LIFETIME = Duration.ofDays(3650);
  private static final Map<String, AuthorityKeys.Pair> MADE = new ConcurrentHashMap<>();
  private static final Map<String, KeyPair> KEYS = new ConcurrentHashMap<>();
  private static final Map<String, String> NAMES = new ConcurrentHashMap<>();
  private static final Map<String, String> SIGNERS = new ConcurrentHashMap<>();

  private SignedCertificates() {}

  /**
   * A CA.
   *
   * @param commonName whom it names
   * @param number which of that name
   */
  public static AuthorityKeys.Pair authority(String commonName, String number) {
    return MADE.computeIfAbsent(
        commonName + " " + number,
        _ -> {
          // Whoever verifies, which passes do all the time, is fast by RSA.
          var key = key("RSA", RSA_BITS);
          return remember(key, new X500Name("CN=" + commonName), key, commonName, true);
        });
  }

  /**
   * What a CA has signed; empty if it is none of these.
   *
   * @param name whom it names
   * @param number which of that name
   * @param authority certificate of the CA, base64 of PEM
   * @param authorityName whom that names
   */
  public static Optional<AuthorityKeys.Pair> leaf(
      String name, int number, String authority, String authorityName) {
    return Optional.ofNullable(KEYS.get(authority))
        .map(signer ->
            MADE.computeIfAbsent(
                "%s %d by %s".formatted(name, number, authority),
                _ -> {
                  var leaf =
                      remember(
                          signer,
                          new X500Name("CN=" + authorityName),
                          key("EC", EC_BITS),
                          name,
                          false);
                  SIGNERS.put(leaf.certificate(), authority);
                  return leaf;
                }));
  }

  /** Certificate of the CA that has signed; empty if it is none of these. */
  public static Optional<String> signer(String certificate) {
    return Optional.ofNullable(SIGNERS.get(certificate));
  }

  /** Whether a CA is one of a name. */
  public static boolean isNamed(String authority, String commonName) {
    return commonName.equals(NAMES.get(authority));
  }

  private static AuthorityKeys.Pair remember(
      KeyPair signer, X500Name issuer, KeyPair key, String commonName, boolean isAuthority) {
    try {
      var builder =
          new JcaX509v3CertificateBuilder(
                  issuer,
                  BigInteger.valueOf(MADE.size() + 1L),
                  Date.from(BEGIN),
                  Date.from(BEGIN.plus(LIFETIME)),
                  new X500Name("CN=" + commonName),
                  key.getPublic())
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(isAuthority));
      var certificate =
          builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(signer.getPrivate()));
      var pair =
          new AuthorityKeys.Pair(
              pem("CERTIFICATE", certificate.getEncoded()),
              pem("PRIVATE KEY", key.getPrivate().getEncoded()));
      KEYS.put(pair.certificate(), key);
      NAMES.put(pair.certificate(), commonName);
      return pair;
    } catch (IOException | OperatorCreationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyPair key(String algorithm, int bits) {
    try {
      var generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(String type, byte[] content) {
    return Base64.getEncoder()
        .encodeToString(
            "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(type, Base64.getEncoder().encodeToString(content), type)
                .getBytes(StandardCharsets.US_ASCII));
  }
}
