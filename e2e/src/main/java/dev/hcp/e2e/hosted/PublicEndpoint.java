package dev.hcp.e2e.hosted;

import dev.hcp.e2e.BedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A hosted API server through the Gateway, by host name, trusted only because of its cluster's own
 * authority. Every request makes a connection of its own, so that it meets any of the API servers
 * with the certificate that it serves now.
 *
 * @param host name under which it is reached
 * @param port port of the Gateway
 * @param authority certificates by which it is trusted, PEM
 */
public record PublicEndpoint(String host, int port, String authority) {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /**
   * An answer.
   *
   * @param status HTTP status
   * @param body what it says
   * @param certificate what the server has shown
   */
  public record Answer(int status, String body, X509Certificate certificate) {}

  /**
   * Asks without credentials.
   *
   * @throws IOException if there is no answer, or none from whom it should be
   */
  public Answer get(String path) throws IOException {
    var url = URI.create("https://%s:%d%s".formatted(host, port, path)).toURL();
    var connection = (HttpsURLConnection) url.openConnection();
    // A context of its own: a resumed session would show the certificate of an earlier one.
    connection.setSSLSocketFactory(trustingAuthority().getSocketFactory());
    connection.setConnectTimeout((int) PATIENCE.toMillis());
    connection.setReadTimeout((int) PATIENCE.toMillis());
    connection.setRequestProperty("Connection", "close");
    try {
      int status = connection.getResponseCode();
      try (var stream = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        var body = stream == null ? "" : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        var certificate = (X509Certificate) connection.getServerCertificates()[0];
        return new Answer(status, body, certificate);
      }
    } finally {
      connection.disconnect();
    }
  }

  /** Whether the API server says that it is ready. */
  public boolean isReady() {
    try {
      var answer = get("/readyz");
      return answer.status() == 200 && answer.body().equals("ok");
    } catch (IOException _) {
      // Not there yet, or not any more: that is what was asked.
      return false;
    }
  }

  private SSLContext trustingAuthority() {
    try {
      var store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int number = 0;
      for (var certificate :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(authority.getBytes(StandardCharsets.US_ASCII)))) {
        store.setCertificateEntry("ca-" + number++, certificate);
      }
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      var context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new BedException(
          "the authority of %s is not usable: %s".formatted(host, e.getMessage()), e);
    }
  }
}
