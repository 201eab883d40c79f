package dev.hcp.e2e;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** Receives audit events outside of the management cluster, from who knows the token. */
final class AuditReceiver implements AutoCloseable {
  static final String TOKEN = "known-to-receivers";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final List<String> events = new CopyOnWriteArrayList<>();
  private final AtomicInteger turnedAway = new AtomicInteger();
  private final HttpServer server;
  private volatile boolean down;

  private AuditReceiver(HttpServer server) {
    this.server = server;
  }

  /** Listens at an address of the host, on a free port. */
  static AuditReceiver listen(String host) {
    try {
      var server = HttpServer.create(new InetSocketAddress(host, 0), 0);
      var receiver = new AuditReceiver(server);
      server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      server.createContext("/", receiver::receive);
      server.start();
      return receiver;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@code audit.webhook.targets[].server}. */
  String url() {
    var address = server.getAddress();
    return "http://%s:%d/events".formatted(address.getHostString(), address.getPort());
  }

  /** Takes nothing, or again something, from now on. */
  void setDown(boolean down) {
    this.down = down;
  }

  /** How many batches came while it took nothing. */
  int turnedAway() {
    return turnedAway.get();
  }

  /** The names of the objects that the events are about. */
  List<String> events() {
    return List.copyOf(events);
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      var batch = JSON.readTree(exchange.getRequestBody());
      var authorization = exchange.getRequestHeaders().getFirst("Authorization");
      if (!("Bearer " + TOKEN).equals(authorization)) {
        exchange.sendResponseHeaders(401, -1);
      } else if (down) {
        turnedAway.incrementAndGet();
        exchange.sendResponseHeaders(503, -1);
      } else {
        batch.path("items").forEach(event -> events.add(event.at("/objectRef/name").asText()));
        exchange.sendResponseHeaders(200, -1);
      }
    }
  }
}
