package dev.hcp.controller.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/** Takes connections with TLS, and makes others with TLS to a server for them. */
public final class TlsRelay implements AutoCloseable {
  private static final int BACKLOG = 1024;

  /**
   * Where to hand on to.
   *
   * @param context says who this is, and whom it trusts
   */
  public record Server(String host, int port, SSLContext context) {}

  /** What becomes of a connection. */
  @FunctionalInterface
  public interface Service {
    /** Serves a client, whose connection ends afterwards. */
    void serve(SSLSocket client, TlsRelay relay) throws IOException, InterruptedException;
  }

  private final SSLServerSocket listener;
  private final Server server;
  private final Service service;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private TlsRelay(SSLServerSocket listener, Server server, Service service) {
    this.listener = listener;
    this.server = server;
    this.service = service;
  }

  /**
   * Starts to listen.
   *
   * @param address of the loopback interface
   * @param port the port; 0 takes a free one
   * @param context shows its certificates
   * @param protocols what is spoken, such as {@code http/1.1}; nothing is said of it if empty
   */
  public static TlsRelay start(
      String address,
      int port,
      SSLContext context,
      String[] protocols,
      Server server,
      Service service) {
    try {
      var listener =
          (SSLServerSocket)
              context
                  .getServerSocketFactory()
                  .createServerSocket(port, BACKLOG, InetAddress.getByName(address));
      var parameters = listener.getSSLParameters();
      parameters.setApplicationProtocols(protocols);
      listener.setSSLParameters(parameters);
      var relay = new TlsRelay(listener, server, service);
      var _ = relay.threads.submit(relay::accept);
      return relay;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot listen on %s:%d".formatted(address, port), e);
    }
  }

  /** The port that is listened on. */
  public int port() {
    return listener.getLocalPort();
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
      service.serve(client, this);
    } catch (IOException _) {
      // Who was served sees the end of the connection.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      open.removeIf(Socket::isClosed);
    }
  }

  /**
   * A connection to the server; the caller closes it.
   *
   * @param protocol what is spoken; nothing is said of it if empty
   */
  public SSLSocket connect(String protocol) throws IOException {
    var up =
        (SSLSocket) server.context().getSocketFactory().createSocket(server.host(), server.port());
    open.add(up);
    if (!protocol.isEmpty()) {
      var parameters = up.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {protocol});
      up.setSSLParameters(parameters);
    }
    up.startHandshake();
    return up;
  }

  /** Copies on a thread of its own until one of both ends, and then ends both. */
  public Future<?> copying(SSLSocket from, SSLSocket to) {
    return threads.submit(() -> copy(from, to));
  }

  /** Copies until one of both ends, and then ends both. */
  public static void copy(SSLSocket from, SSLSocket to) {
    try (from;
        to) {
      var _ = from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException _) {
      // Who was served sees the end of the connection.
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
