package dev.hcp.process;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/**
 * A private key and the certificates that go with it.
 *
 * @param key the private key
 * @param chain the key's own certificate first, then those of its issuers; never empty
 */
public record TlsIdentity(PrivateKey key, List<X509Certificate> chain) {
  /** Copies the chain. */
  public TlsIdentity {
    chain = List.copyOf(chain);
  }

  /**
   * Reads a pair of PEM files; the key may be in PKCS#8, PKCS#1 or SEC 1 form.
   *
   * @throws GeneralSecurityException if either cannot be read or they do not belong together
   */
  public static TlsIdentity parse(String certificatePem, String keyPem)
      throws GeneralSecurityException {
    var chain = chain(certificatePem);
    var key = key(keyPem);
    if (!belongTogether(key, chain.getFirst().getPublicKey())) {
      throw new GeneralSecurityException("the private key does not belong to the certificate");
    }
    return new TlsIdentity(key, chain);
  }

  /** The certificate that the key belongs to. */
  public X509Certificate certificate() {
    return chain.getFirst();
  }

  private static List<X509Certificate> chain(String pem) throws CertificateException {
    var chain = new ArrayList<X509Certificate>();
    for (var certificate :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(
                new ByteArrayInputStream(pem.getBytes(StandardCharsets.ISO_8859_1)))) {
      chain.add((X509Certificate) certificate);
    }
    if (chain.isEmpty()) {
      throw new CertificateException("the certificate file holds no certificate");
    }
    return chain;
  }

  private static PrivateKey key(String pem) throws GeneralSecurityException {
    var info = keyInfo(pem);
    var algorithm = info.getPrivateKeyAlgorithm().getAlgorithm().getId();
    try {
      return KeyFactory.getInstance(algorithm)
          .generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
    } catch (IOException e) {
      throw new GeneralSecurityException("the private key cannot be encoded", e);
    }
  }

  private static PrivateKeyInfo keyInfo(String pem) throws GeneralSecurityException {
    try (var parser = new PEMParser(new StringReader(pem))) {
      // An EC key may be preceded by a block that names its curve.
      for (var block = parser.readObject(); block != null; block = parser.readObject()) {
        switch (block) {
          case PrivateKeyInfo info -> {
            return info;
          }
          case PEMKeyPair pair -> {
            return pair.getPrivateKeyInfo();
          }
          case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
              throw new GeneralSecurityException("the private key is encrypted");
          default -> {}
        }
      }
    } catch (IOException e) {
      throw new GeneralSecurityException("the key file is not PEM", e);
    }
    throw new GeneralSecurityException("the key file holds no private key");
  }

  private static boolean belongTogether(PrivateKey privateKey, PublicKey publicKey)
      throws GeneralSecurityException {
    if (!privateKey.getAlgorithm().equals(publicKey.getAlgorithm())) {
      return false;
    }
    var algorithm =
        switch (privateKey.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> privateKey.getAlgorithm();
        };
    var probe = "probe".getBytes(StandardCharsets.US_ASCII);
    var signature = Signature.getInstance(algorithm);
    signature.initSign(privateKey);
    signature.update(probe);
    var signed = signature.sign();
    signature.initVerify(publicKey);
    signature.update(probe);
    return signature.verify(signed);
  }
}
