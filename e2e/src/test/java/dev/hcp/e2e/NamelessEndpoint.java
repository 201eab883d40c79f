package dev.hcp.e2e;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

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
  private static final Duration PATIENCE = Duration.ofSeconds(10);

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
          (SSLSocket) trusting().getSocketFactory().createSocket(plain, dialled, port, true)) {
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

  private SSLContext trusting() throws IOException {
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
    } catch (GeneralSecurityException e) {
      throw new IOException("the authority is not usable", e);
    }
  }
}
