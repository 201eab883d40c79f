package dev.hcp.process;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Authorities that certificates of servers are verified against. */
public final class Authorities {
  private Authorities() {}

  /**
   * A new TLS context that trusts these authorities and no others, and resumes no session of
   * another context.
   *
   * @param pem certificates, PEM
   * @throws GeneralSecurityException if they cannot be used
   */
  public static SSLContext trusting(String pem) throws GeneralSecurityException {
    var context = SSLContext.getInstance("TLS");
    context.init(null, trustManagers(pem), null);
    return context;
  }

  /**
   * What trusts these authorities and no others.
   *
   * @param pem certificates, PEM
   * @throws GeneralSecurityException if they cannot be used
   */
  public static TrustManager[] trustManagers(String pem) throws GeneralSecurityException {
    try {
      var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      int number = 0;
      for (var certificate :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))) {
        trusted.setCertificateEntry("ca-" + number++, certificate);
      }
      if (number == 0) {
        throw new CertificateException("there is no certificate in it");
      }
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      return trust.getTrustManagers();
    } catch (IOException e) {
      throw new GeneralSecurityException("an empty key store cannot be made", e);
    }
  }
}
