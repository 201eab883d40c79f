package dev.hcp.process;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A small server for probes and metrics, HTTP or HTTPS: exact paths, bodies are not read. */
final class HttpEndpoint implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpEndpoint.class);
  private static final String PLAIN = "text/plain; charset=utf-8";
  private static final int BACKLOG = 32;

  /**
   * What is served at a path.
   *
   * @param methods HTTP methods that are answered
   * @param answers what they are answered
   */
  record Route(Set<String> methods, Function<Request, Answer> answers) {
    /** Something to look at. */
    static Route get(Function<Request, Answer> answers) {
      return new Route(Set.of("GET", "HEAD"), answers);
    }

    /** Something to look at, and to change by what the query says. */
    static Route getAndPut(Function<Request, Answer> answers) {
      return new Route(Set.of("GET", "HEAD", "PUT"), answers);
    }
  }

  /** What a route may want to know of a request. */
  static final class Request {
    private final String method;
    private final Map<String, String> parameters = new HashMap<>();
    private final Headers headers;

    private Request(HttpExchange exchange) {
      this.method = exchange.getRequestMethod();
      this.headers = exchange.getRequestHeaders();
      var query = Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), "");
      for (var parameter : query.split("&", -1)) {
        int end = parameter.indexOf('=');
        parameters.putIfAbsent(
            decoded(end < 0 ? parameter : parameter.substring(0, end)),
            decoded(end < 0 ? "" : parameter.substring(end + 1)));
      }
    }

    private static String decoded(String text) {
      try {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
      } catch (IllegalArgumentException _) {
        return text;
      }
    }

    /** The HTTP method. */
    String method() {
      return method;
    }

    /** Whether a query parameter is present. */
    boolean has(String parameter) {
      return parameters.containsKey(parameter);
    }

    /** A query parameter's first value; empty text if it has none. */
    Optional<String> parameter(String name) {
      return Optional.ofNullable(parameters.get(name));
    }

    /** A header's first value. */
    Optional<String> header(String name) {
      return Optional.ofNullable(headers.getFirst(name));
    }
  }

  /**
   * What a route answers.
   *
   * @param headers further headers
   */
  record Answer(int status, String contentType, String body, Map<String, String> headers) {
    /** One without further headers. */
    Answer(int status, String contentType, String body) {
      this(status, contentType, body, Map.of());
    }

    static Answer plain(int status, String body) {
      return new Answer(status, PLAIN, body);
    }

    Answer with(String header, String value) {
      return new Answer(status, contentType, body, Map.of(header, value));
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
   * @param tls by which HTTPS is served; plain HTTP without
   */
  static HttpEndpoint start(
      String name, int port, Optional<SSLContext> tls, Map<String, Route> routes)
      throws IOException {
    limitClients();
    var server = create(new InetSocketAddress(port), tls);
    var executor =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(name + "-", 0).factory());
    var endpoint = new HttpEndpoint(server, executor, Map.copyOf(routes));
    server.setExecutor(executor);
    server.createContext("/", endpoint::handle);
    server.start();
    return endpoint;
  }

  private static HttpServer create(InetSocketAddress address, Optional<SSLContext> tls)
      throws IOException {
    if (tls.isEmpty()) {
      return HttpServer.create(address, BACKLOG);
    }
    var server = HttpsServer.create(address, BACKLOG);
    server.setHttpsConfigurator(new HttpsConfigurator(tls.get()));
    return server;
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
      answer.headers().forEach(exchange.getResponseHeaders()::set);
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
    if (!route.methods().contains(exchange.getRequestMethod())) {
      var allowed = route.methods().stream().sorted().collect(Collectors.joining(", "));
      return Answer.plain(405, "allowed are only: %s\n".formatted(allowed)).with("Allow", allowed);
    }
    return route.answers().apply(new Request(exchange));
  }
}
