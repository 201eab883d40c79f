package dev.hcp.process;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemGenerationException;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemObjectGenerator;

/**
 * A self-signed certificate for {@code localhost} with its key, for tests.
 *
 * @param certificate the certificate
 * @param pair its keys
 */
public record TestPki(X509Certificate certificate, KeyPair pair) {
  /** One with a fresh key. */
  public static TestPki generate(String keyAlgorithm, long serial) {
    try {
      var generator = KeyPairGenerator.getInstance(keyAlgorithm);
      var pair = generator.generateKeyPair();
      var now = Instant.now();
      var name = new X500Principal("CN=localhost");
      var builder =
          new JcaX509v3CertificateBuilder(
              name,
              BigInteger.valueOf(serial),
              Date.from(now.minus(Duration.ofHours(1))),
              Date.from(now.plus(Duration.ofDays(1))),
              name,
              pair.getPublic());
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(
              new GeneralName[] {
                new GeneralName(GeneralName.dNSName, "localhost"),
                new GeneralName(GeneralName.iPAddress, "127.0.0.1")
              }));
      var signatureAlgorithm =
          switch (keyAlgorithm) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> keyAlgorithm;
          };
      var signer = new JcaContentSignerBuilder(signatureAlgorithm).build(pair.getPrivate());
      return new TestPki(
          new JcaX509CertificateConverter().getCertificate(builder.build(signer)), pair);
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The certificate as PEM. */
  public String certificatePem() {
    return pem(certificate);
  }

  /** The key as PEM in the algorithm's traditional form, as OpenSSL writes it. */
  public String traditionalKeyPem() {
    if (!(pair.getPrivate() instanceof ECPrivateKey key)) {
      return pem(pair.getPrivate());
    }
    // Unlike OpenSSL, Java leaves the curve out of the inner structure.
    var curve =
        PrivateKeyInfo.getInstance(key.getEncoded()).getPrivateKeyAlgorithm().getParameters();
    var structure =
        new org.bouncycastle.asn1.sec.ECPrivateKey(
            key.getParams().getOrder().bitLength(), key.getS(), curve);
    try {
      return pem(new PemObject("EC PRIVATE KEY", structure.getEncoded()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The key as PKCS#8 PEM. */
  public String keyPem() {
    try {
      var info = PrivateKeyInfo.getInstance(pair.getPrivate().getEncoded());
      return pem(new PKCS8Generator(info, null).generate());
    } catch (PemGenerationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Writes both files straight into a directory. */
  public void writeTo(Path directory) throws IOException {
    Files.writeString(directory.resolve("tls.crt"), certificatePem());
    Files.writeString(directory.resolve("tls.key"), keyPem());
  }

  /**
   * Writes both files as the kubelet does: into a directory of their own, then exchanges the link.
   */
  public void writeAsKubelet(Path directory, String version) throws IOException {
    var data = Files.createDirectory(directory.resolve(version));
    writeTo(data);
    swapKubeletLink(directory, version);
  }

  /** Lets the kubelet's link point to another version. */
  public static void swapKubeletLink(Path directory, String version) throws IOException {
    var temporary = directory.resolve("..data_tmp");
    Files.createSymbolicLink(temporary, Path.of(version));
    Files.move(
        temporary,
        directory.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** A client context that trusts exactly these. */
  public static SSLContext trusting(TestPki... trusted) {
    try {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < trusted.length; i++) {
        store.setCertificateEntry("ca" + i, trusted[i].certificate());
      }
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      var context = SSLContext.getInstance("TLS");
      context.init(null, factory.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A client context that takes everybody for who they say they are. */
  public static SSLContext trustingAnybody(KeyManager... keys) {
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(
          keys,
          new TrustManager[] {
            new X509ExtendedTrustManager() {
              @Override
              public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

              @Override
              public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

              @Override
              public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine on) {}

              @Override
              public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine on) {}

              @Override
              public void checkClientTrusted(X509Certificate[] chain, String type) {}

              @Override
              public void checkServerTrusted(X509Certificate[] chain, String type) {}

              @Override
              public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
              }
            }
          },
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * What a context shows a certificate by.
   *
   * @param chain the certificate, and after it those of whoever issued it
   */
  public static KeyManager[] keyManagers(PrivateKey key, Certificate... chain) {
    try {
      var store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("key", key, new char[0], chain);
      var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, new char[0]);
      return factory.getKeyManagers();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String pem(Object object) {
    var text = new StringWriter();
    try (var writer = new JcaPEMWriter(text)) {
      if (object instanceof PemObjectGenerator generator) {
        writer.writeObject(generator);
      } else {
        writer.writeObject(object);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
