package dev.hcp.e2e.bench;

import dev.hcp.e2e.BedException;
import dev.hcp.process.Authorities;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Trusts servers with certificates of one authority whatever they are called: they are dialled by
 * an address that is in no certificate.
 */
final class ChainOnly extends X509ExtendedTrustManager {
  private final X509TrustManager chains;

  private ChainOnly(X509TrustManager chains) {
    this.chains = chains;
  }

  /**
   * A context for connections to such servers.
   *
   * @param authority its certificate, PEM
   */
  static SSLContext context(String authority) {
    try {
      var chains =
          Stream.of(Authorities.trustManagers(authority))
              .filter(X509TrustManager.class::isInstance)
              .map(X509TrustManager.class::cast)
              .findFirst()
              .orElseThrow();
      var context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new ChainOnly(chains)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new BedException("the authority is not usable: " + e.getMessage(), e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    chains.checkServerTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    chains.checkServerTrusted(chain, type);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    chains.checkServerTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    throw new CertificateException("these are servers");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chains.getAcceptedIssuers();
  }
}
