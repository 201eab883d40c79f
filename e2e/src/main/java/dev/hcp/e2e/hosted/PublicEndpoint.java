package dev.hcp.e2e.hosted;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.HttpsURLConnection;

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
  private static final int CONNECTIONS = 20;

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
    connection.setSSLSocketFactory(new Authority(authority).trusting().getSocketFactory());
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

  /**
   * Serial numbers of the certificates that are served, by so many connections that every API
   * server will have been asked, whichever the load balancing chooses.
   *
   * @throws IOException if one does not answer
   */
  public Set<BigInteger> servedSerials() throws IOException {
    var serials = new TreeSet<BigInteger>();
    for (int connection = 0; connection < CONNECTIONS; connection++) {
      serials.add(get("/livez").certificate().getSerialNumber());
    }
    return serials;
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
}
