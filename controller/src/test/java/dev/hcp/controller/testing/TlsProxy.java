package dev.hcp.controller.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/**
 * Takes connections with TLS, and hands on what comes in to another server with TLS, by the same
 * protocol. So many names lead to one server, and who is who is the proxy's to say.
 */
public final class TlsProxy implements AutoCloseable {
  private static final int BACKLOG = 1024;
  private static final String[] PROTOCOLS = {"h2", "http/1.1"};

  /**
   * Where to hand on to.
   *
   * @param context says who this is, and whom it trusts
   */
  public record Server(String host, int port, SSLContext context) {}

  private final SSLServerSocket listener;
  private final Server server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private TlsProxy(SSLServerSocket listener, Server server) {
    this.listener = listener;
    this.server = server;
  }

  /**
   * Starts to listen.
   *
   * @param address of the loopback interface
   * @param context shows its certificates
   */
  public static TlsProxy start(String address, int port, SSLContext context, Server server) {
    try {
      var listener =
          (SSLServerSocket)
              context
                  .getServerSocketFactory()
                  .createServerSocket(port, BACKLOG, InetAddress.getByName(address));
      var parameters = listener.getSSLParameters();
      parameters.setApplicationProtocols(PROTOCOLS);
      listener.setSSLParameters(parameters);
      var proxy = new TlsProxy(listener, server);
      var _ = proxy.threads.submit(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on %s:%d".formatted(address, port), e);
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        var client = (SSLSocket) listener.accept();
        var _ = threads.submit(() -> serve(client));
      } catch (IOException _) {
        // It was closed, or somebody left before being served.
      }
    }
  }

  private void serve(SSLSocket client) {
    open.add(client);
    try (client) {
      client.startHandshake();
      try (var up =
          (SSLSocket)
              server.context().getSocketFactory().createSocket(server.host(), server.port())) {
        open.add(up);
        var protocol = client.getApplicationProtocol();
        if (!protocol.isEmpty()) {
          var parameters = up.getSSLParameters();
          parameters.setApplicationProtocols(new String[] {protocol});
          up.setSSLParameters(parameters);
        }
        up.startHandshake();
        var answers = threads.submit(() -> copy(up, client));
        copy(client, up);
        answers.cancel(true);
      }
    } catch (IOException _) {
      // Who was served sees the end of the connection.
    } finally {
      open.removeIf(Socket::isClosed);
    }
  }

  /** Copies until one of both ends, and then ends both. */
  private static void copy(SSLSocket from, SSLSocket to) {
    try (from;
        to) {
      var bytes = new byte[16 * 1024];
      var in = from.getInputStream();
      var out = to.getOutputStream();
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        out.write(bytes, 0, count);
      }
    } catch (IOException _) {
      // As above.
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (var socket : open) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      threads.shutdownNow();
    }
  }
}
