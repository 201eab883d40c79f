package dev.hcp.controller.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A receiver of audit events that wants a token, by HTTPS on the loopback interface. */
public final class EventReceiver implements AutoCloseable {
  private static final String HOST = "localhost";

  private final ServerPki pki = new ServerPki(HOST);
  private final String token;
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile int status = 200;
  private int port;
  private HttpsServer server;

  /** Starts to listen. */
  public EventReceiver(String token) {
    this.token = token;
    start();
  }

  /** Listens again, where it did before. */
  public void start() {
    try {
      server =
          HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 128);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    port = server.getAddress().getPort();
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.setHttpsConfigurator(new HttpsConfigurator(pki.serverContext()));
    server.createContext("/", this::receive);
    server.start();
  }

  /** Listens no more. */
  public void stop() {
    server.stop(0);
  }

  /** Says what is answered from now on. */
  public void answer(int next) {
    status = next;
  }

  /** Where events are posted. */
  public String url() {
    return "https://%s:%d/events?a=b&c=d".formatted(HOST, port);
  }

  /** PEM of the CA of the certificate. */
  public String authority() {
    return pki.authority();
  }

  /** What was taken, each event as its audit ID and stage, or the body if it is no list. */
  public List<String> events() {
    return List.copyOf(events);
  }

  /** Number of requests without the token. */
  public int refused() {
    return refused.get();
  }

  @Override
  public void close() {
    stop();
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      boolean known =
          ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
      if (!known) {
        refused.incrementAndGet();
      }
      int answer = known ? status : 401;
      if (answer == 200) {
        take(body);
      }
      exchange.sendResponseHeaders(answer, -1);
    }
  }

  private void take(String body) {
    if (body.startsWith("{\"kind\":\"EventList\"")) {
      for (var item : (List<?>) Serialization.unmarshal(body, Map.class).get("items")) {
        var event = (Map<?, ?>) item;
        events.add(
            "%s %s %s"
                .formatted(event.get("auditID"), event.get("stage"), event.get("requestURI")));
      }
    } else {
      events.add(body);
    }
  }
}
