package dev.hcp.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** Takes the traces of a process with the OpenTelemetry agent, by OTLP over HTTP. */
public final class TraceCollector implements AutoCloseable {
  private static final Path AGENT = Path.of("target/otel/opentelemetry-javaagent.jar");
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final HttpServer server;
  private final List<Span> spans = new CopyOnWriteArrayList<>();

  /** Starts to listen. */
  public TraceCollector() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    var _ = server.createContext("/v1/traces", this::receive);
    server.start();
  }

  /**
   * A span.
   *
   * @param trace identity of its trace
   * @param id its identity
   * @param parent identity of the span above it; empty if there is none
   * @param attributes the texts among its attributes
   */
  public record Span(
      String trace, String id, String parent, String name, Map<String, String> attributes) {}

  /** What has come so far. */
  public List<Span> spans() {
    return List.copyOf(spans);
  }

  /** The spans that are somewhere below one. */
  public Stream<Span> below(Span above) {
    return spans.stream()
        .filter(span -> span.trace().equals(above.trace()))
        .filter(span -> isBelow(span, above));
  }

  /** The span above one. */
  public Optional<Span> above(Span span) {
    return spans.stream()
        .filter(other -> other.trace().equals(span.trace()) && other.id().equals(span.parent()))
        .findFirst();
  }

  private boolean isBelow(Span span, Span above) {
    var next = above(span);
    return next.filter(parent -> parent.equals(above) || isBelow(parent, above)).isPresent();
  }

  /** The flag by which a Java process gets the agent. */
  public static String flag() {
    if (!Files.exists(AGENT)) {
      throw new IllegalStateException(
          "%s is missing: \"mvn verify\" puts it there".formatted(AGENT.toAbsolutePath()));
    }
    return "-javaagent:" + AGENT.toAbsolutePath();
  }

  /**
   * The variables by which the agent sends traces here, and soon.
   *
   * @param service name of the process
   */
  public Map<String, String> environment(String service) {
    return Map.of(
        "OTEL_SERVICE_NAME", service,
        "OTEL_EXPORTER_OTLP_ENDPOINT",
            "http://127.0.0.1:%d".formatted(server.getAddress().getPort()),
        "OTEL_METRICS_EXPORTER", "none",
        "OTEL_LOGS_EXPORTER", "none",
        "OTEL_BSP_SCHEDULE_DELAY", "200");
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange) {
      var body = exchange.getRequestBody();
      var bytes =
          "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))
              ? new GZIPInputStream(body).readAllBytes()
              : body.readAllBytes();
      // Request, resource, scope, spans.
      parse(
          bytes,
          (field, resource) -> {
            if (field == 1) {
              parse(
                  resource,
                  (part, scope) -> {
                    if (part == 2) {
                      parse(
                          scope,
                          (inner, span) -> {
                            if (inner == 2) {
                              spans.add(span(span));
                            }
                          });
                    }
                  });
            }
          });
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private static Span span(byte[] encoded) {
    var parts = new HashMap<Integer, byte[]>();
    var attributes = new HashMap<String, String>();
    parse(
        encoded,
        (field, value) -> {
          if (field == 9) {
            attribute(value, attributes);
          } else {
            parts.put(field, value);
          }
        });
    return new Span(hex(parts, 1), hex(parts, 2), hex(parts, 4), text(parts, 5), attributes);
  }

  private static void attribute(byte[] encoded, Map<String, String> attributes) {
    var parts = new HashMap<Integer, byte[]>();
    parse(encoded, parts::put);
    var value = new HashMap<Integer, byte[]>();
    parse(parts.getOrDefault(2, new byte[0]), value::put);
    if (value.containsKey(1)) {
      attributes.put(text(parts, 1), text(value, 1));
    }
  }

  private static String hex(Map<Integer, byte[]> parts, int field) {
    return HexFormat.of().formatHex(parts.getOrDefault(field, new byte[0]));
  }

  private static String text(Map<Integer, byte[]> parts, int field) {
    return new String(parts.getOrDefault(field, new byte[0]), StandardCharsets.UTF_8);
  }

  /** Hands on the fields of a protobuf message that have a length. */
  private static void parse(byte[] message, BiConsumer<Integer, byte[]> consumer) {
    int at = 0;
    while (at < message.length) {
      var tag = varint(message, at);
      at = tag[1];
      int field = tag[0] >>> 3;
      switch (tag[0] & 7) {
        case VARINT -> at = varint(message, at)[1];
        case FIXED64 -> at += 8;
        case FIXED32 -> at += 4;
        case BYTES -> {
          var length = varint(message, at);
          var value = new byte[length[0]];
          System.arraycopy(message, length[1], value, 0, length[0]);
          consumer.accept(field, value);
          at = length[1] + length[0];
        }
        default -> throw new UncheckedIOException(new IOException("not a message: field " + field));
      }
    }
  }

  /** A number, as far as it has 32 bits, and where what follows begins. */
  private static int[] varint(byte[] message, int from) {
    long value = 0;
    int at = from;
    int shift = 0;
    while (true) {
      byte next = message[at++];
      value |= (long) (next & 0x7f) << shift;
      shift += 7;
      if (next >= 0) {
        return new int[] {(int) value, at};
      }
    }
  }
}
