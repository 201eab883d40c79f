package dev.hcp.controller.apiserver;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.controller.plan.Answer;
import dev.hcp.process.Authorities;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;

/**
 * The question whether an API server is ready, as any client without credentials may ask it. Each
 * question makes a connection of its own, so that name, route and certificate are tried anew.
 */
final class ReadyzRequest {
  private static final int LONGEST_BODY = 64 * 1024;
  private static final int LONGEST_DETAIL = 300;

  private final ControlPlaneEndpoint endpoint;
  private final String authority;
  private final Duration deadline;

  ReadyzRequest(ControlPlaneEndpoint endpoint, String authority, Duration deadline) {
    this.endpoint = endpoint;
    this.authority = authority;
    this.deadline = deadline;
  }

  /**
   * Asks, and waits for the answer; whatever goes wrong is an answer too. An interrupt means that
   * the deadline has passed.
   */
  Answer send() {
    try {
      var connection = (HttpsURLConnection) uri().toURL().openConnection(Proxy.NO_PROXY);
      connection.setSSLSocketFactory(Authorities.trusting(authority).getSocketFactory());
      connection.setConnectTimeout((int) deadline.toMillis());
      connection.setReadTimeout((int) deadline.toMillis());
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setRequestProperty("Connection", "close");
      try {
        int status = connection.getResponseCode();
        return status == HttpsURLConnection.HTTP_OK
            ? new Answer(true, "ok")
            : new Answer(false, "HTTP %d%s".formatted(status, body(connection)));
      } finally {
        connection.disconnect();
      }
    } catch (GeneralSecurityException e) {
      return new Answer(false, "the CA certificates cannot be read: " + e.getMessage());
    } catch (URISyntaxException | IOException e) {
      return new Answer(false, describe(e));
    }
  }

  private URI uri() throws URISyntaxException {
    var port = endpoint.port() == null ? -1 : endpoint.port();
    return new URI("https", null, String.valueOf(endpoint.host()), port, "/readyz", null, null);
  }

  private String describe(Exception problem) {
    if (Thread.interrupted()) {
      return noAnswer();
    }
    for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException) {
        return "certificate not trusted: " + cause.getMessage();
      }
    }
    return switch (problem) {
      case UnknownHostException _ -> "host name %s is not known".formatted(endpoint.host());
      case SocketTimeoutException _ -> noAnswer();
      case ConnectException e -> String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
      case SSLException e -> "TLS handshake failed: " + e.getMessage();
      default -> "%s: %s".formatted(problem.getClass().getSimpleName(), problem.getMessage());
    };
  }

  private String noAnswer() {
    return "no answer within %d ms".formatted(deadline.toMillis());
  }

  /** The failing checks, if the server lists them, else the start of what it says. */
  private static String body(HttpsURLConnection connection) throws IOException {
    try (InputStream stream = connection.getErrorStream()) {
      if (stream == null) {
        return "";
      }
      var text = new String(stream.readNBytes(LONGEST_BODY), StandardCharsets.UTF_8);
      var failing =
          text.lines().filter(line -> line.startsWith("[-]")).collect(Collectors.joining("; "));
      var detail = failing.isEmpty() ? text.lines().findFirst().orElse("") : failing;
      return detail.isEmpty()
          ? ""
          : ": " + detail.substring(0, Math.min(detail.length(), LONGEST_DETAIL));
    }
  }
}
