package dev.hcp.controller.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Map;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;

/** Makes the keys with which service-account tokens are signed. */
public final class ServiceAccountKeys {
  private static final int BITS = 2048;

  private ServiceAccountKeys() {}

  /**
   * A new RSA key: data of its Secret, {@code tls.crt} the public key and {@code tls.key} the
   * private one.
   */
  public static Map<String, String> generate() {
    try {
      var generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(BITS);
      var pair = generator.generateKeyPair();
      return Map.of("tls.crt", pem(pair.getPublic()), "tls.key", pem(pair.getPrivate()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has RSA", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The same of a key of which there is a certificate, as the forerunner keeps it.
   *
   * @param data data of its Secret
   * @return empty if it holds none
   * @throws IllegalArgumentException if what it holds cannot be read
   */
  public static Map<String, String> ofCertificate(Map<String, String> data) {
    var certificate = data.getOrDefault("tls.crt", "");
    var key = data.getOrDefault("tls.key", "");
    if (certificate.isEmpty() || key.isEmpty()) {
      return Map.of();
    }
    try {
      var read =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(Base64.getDecoder().decode(certificate)));
      return Map.of("tls.crt", pem(read.getPublicKey()), "tls.key", key);
    } catch (CertificateException e) {
      throw new IllegalArgumentException(
          "the certificate of the service-account key cannot be read: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String pem(Object key) throws IOException {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      writer.writeObject(key);
    }
    return Base64.getEncoder().encodeToString(text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
