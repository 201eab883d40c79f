package dev.hcp.e2e;

import dev.hcp.e2e.hosted.Authority;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLSocket;

/**
 * A hosted API server as its pods reach it: they dial an IP address, so the handshake names no
 * host, and check that the certificate is for that address, wherever the connection ends.
 *
 * @param address where the connection goes
 * @param port port there
 * @param dialled the address that the pod dials
 * @param authority certificates that the pod trusts, PEM
 */
record NamelessEndpoint(String address, int port, String dialled, String authority) {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /**
   * The whole answer to a request.
   *
   * @param token bearer token; empty for none
   * @throws IOException if there is no answer, or none from whom it should be
   */
  String get(String path, String token) throws IOException {
    try (var plain = new Socket()) {
      plain.connect(new InetSocketAddress(address, port), (int) PATIENCE.toMillis());
      plain.setSoTimeout((int) PATIENCE.toMillis());
      try (var socket =
          (SSLSocket)
              new Authority(authority)
                  .trusting()
                  .getSocketFactory()
                  .createSocket(plain, dialled, port, true)) {
        var parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        var request =
            "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n"
                .formatted(
                    path,
                    dialled,
                    token.isEmpty() ? "" : "Authorization: Bearer %s\r\n".formatted(token));
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      }
    }
  }
}
