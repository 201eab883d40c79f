package dev.hcp.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A small plain HTTP server for probes and metrics: exact paths, GET and HEAD only. */
final class HttpEndpoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);
  private static final String PLAIN = "text/plain; charset=utf-8";
  private static final int BACKLOG = 32;

  /** Answers a GET request. */
  @FunctionalInterface
  interface Route {
    /** The answer, given a test of whether a query parameter is present. */
    Answer answer(Predicate<String> hasParameter);
  }

  /** What a route answers. */
  record Answer(int status, String contentType, String body) {
    static Answer plain(int status, String body) {
      return new Answer(status, PLAIN, body);
    }
  }

  private final HttpServer server;
  private final ExecutorService executor;
  private final Map<String, Route> routes;

  private HttpEndpoint(HttpServer server, ExecutorService executor, Map<String, Route> routes) {
    this.server = server;
    this.executor = executor;
    this.routes = routes;
  }

  /**
   * Starts to listen on all addresses.
   *
   * @param name what is served, for thread names
   * @param port the port; 0 takes a free one
   */
  static HttpEndpoint start(String name, int port, Map<String, Route> routes) throws IOException {
    limitClients();
    var server = HttpServer.create(new InetSocketAddress(port), BACKLOG);
    var executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(name + "-", 0).factory());
    var endpoint = new HttpEndpoint(server, executor, Map.copyOf(routes));
    server.setExecutor(executor);
    server.createContext("/", endpoint::handle);
    server.start();
    return endpoint;
  }

  /** The port that is listened on. */
  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }

  /**
   * Bounds what slow or many clients can hold: the server of the JDK reads these when its first
   * instance is made and has no other way to be told.
   */
  private static void limitClients() {
    Map.of(
            "sun.net.httpserver.maxReqTime", "10",
            "sun.net.httpserver.maxRspTime", "30",
            "jdk.httpserver.maxConnections", "128")
        .forEach((name, value) -> {
          if (System.getProperty(name) == null) {
            System.setProperty(name, value);
          }
        });
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Answer answer;
      try {
        answer = answer(exchange);
      } catch (RuntimeException e) {
        LOG.error("{} failed", exchange.getRequestURI().getPath(), e);
        answer = Answer.plain(500, "internal error, see the log\n");
      }
      var body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.contentType());
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.sendResponseHeaders(answer.status(), -1);
      } else {
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }

  private Answer answer(HttpExchange exchange) {
    var route = routes.get(exchange.getRequestURI().getPath());
    if (route == null) {
      return Answer.plain(404, "not found\n");
    }
    return switch (exchange.getRequestMethod()) {
      case "GET", "HEAD" -> {
        var query = exchange.getRequestURI().getRawQuery();
        var parameters = "&" + (query == null ? "" : query) + "&";
        yield route.answer(
            name -> parameters.contains("&" + name + "&") || parameters.contains("&" + name + "="));
      }
      default -> {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        yield Answer.plain(405, "only GET and HEAD are allowed\n");
      }
    };
  }
}
