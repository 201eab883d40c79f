package dev.hcp.controller.testing;

import java.io.IOException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Takes connections with TLS, and hands on what comes in to another server with TLS, by the same
 * protocol. So many names lead to one server, and who is who is the proxy's to say.
 */
public final class TlsProxy implements AutoCloseable {
  private static final String[] PROTOCOLS = {"h2", "http/1.1"};

  private final TlsRelay relay;

  private TlsProxy(TlsRelay relay) {
    this.relay = relay;
  }

  /**
   * Starts to listen.
   *
   * @param address of the loopback interface
   * @param context shows its certificates
   */
  public static TlsProxy start(
      String address, int port, SSLContext context, TlsRelay.Server server) {
    return new TlsProxy(TlsRelay.start(address, port, context, PROTOCOLS, server, TlsProxy::serve));
  }

  private static void serve(SSLSocket client, TlsRelay relay) throws IOException {
    client.startHandshake();
    try (var up = relay.connect(client.getApplicationProtocol())) {
      var answers = relay.copying(up, client);
      TlsRelay.copy(client, up);
      answers.cancel(true);
    }
  }

  @Override
  public void close() {
    relay.close();
  }
}
