package dev.hcp.controller.fleet;

import dev.hcp.controller.testing.TlsRelay;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/**
 * Stands between the controller and the API server of its management cluster, and lets happen to
 * one write of each namespace what a {@link Plan} says. Speaks HTTP/1.1 only, with which a
 * connection has one request at a time.
 */
final class FaultProxy implements AutoCloseable {
  private static final int MOST_HEADERS = 64 * 1024;
  private static final String END = "\r\n\r\n";
  private static final Duration LATE = Duration.ofSeconds(2);
  private static final Set<String> WRITES = Set.of("POST", "PUT", "PATCH", "DELETE");

  /** Those of control planes. Others have Leases, which are written all the time. */
  private static final Pattern NAMESPACE = Pattern.compile(".*/namespaces/(f\\d+)/.*");

  private static final String REFUSAL =
      """
      {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "InternalError",
       "message": "etcdserver: request timed out", "code": 500}\
      """;

  /** What happens to a write. */
  enum Fault {
    /** The API server fails, and has done nothing. */
    REFUSED,
    /** The connection ends before the API server has the request. */
    LOST,
    /** The API server has done it, but the connection ends before it can say so. */
    ANSWER_LOST,
    /** It comes late, when others were faster. */
    LATE,
    /** The API server gets it twice, as by a proxy that tries again. */
    TWICE
  }

  /**
   * A write.
   *
   * @param namespace where
   * @param number counted from 1 in each namespace
   * @param what method and path
   */
  record Write(String namespace, int number, String what) {}

  /** A fault that has happened. */
  record Strike(Write write, Fault fault) {}

  /** What is to happen to whom. */
  @FunctionalInterface
  interface Plan {
    /** What happens to a write; empty if nothing. */
    Optional<Fault> of(Write write);
  }

  private final TlsRelay relay;
  private final Map<String, AtomicInteger> writes = new ConcurrentHashMap<>();
  private final List<Strike> strikes = new CopyOnWriteArrayList<>();
  private volatile Plan plan = _ -> Optional.empty();

  /**
   * Starts to listen, and lets nothing happen.
   *
   * @param address of the loopback interface
   * @param context shows its certificates
   * @param server the API server
   */
  FaultProxy(String address, SSLContext context, TlsRelay.Server server) {
    this.relay = TlsRelay.start(address, 0, context, new String[0], server, this::serve);
  }

  /** The port that is listened on. */
  int port() {
    return relay.port();
  }

  /** Counts writes anew, and lets other things happen from now on. */
  void follow(Plan other) {
    writes.clear();
    strikes.clear();
    plan = other;
  }

  /** How many writes of a namespace there were. */
  int writes(String namespace) {
    return count(namespace).get();
  }

  /** How many writes of all namespaces there were. */
  int writes() {
    return writes.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  /** What has happened. */
  List<Strike> strikes() {
    return List.copyOf(strikes);
  }

  private AtomicInteger count(String namespace) {
    return writes.computeIfAbsent(namespace, _ -> new AtomicInteger());
  }

  private void serve(SSLSocket client, TlsRelay connections)
      throws IOException, InterruptedException {
    try (var up = connections.connect("")) {
      var in = new BufferedInputStream(client.getInputStream());
      var answers = connections.copying(up, client);
      for (var head = head(in); head.isPresent(); head = head(in)) {
        if (!handOn(head.get(), in, client, up)) {
          break;
        }
      }
      answers.cancel(true);
    }
  }

  /** Whether the connection goes on. */
  private boolean handOn(String head, InputStream in, SSLSocket client, SSLSocket up)
      throws IOException, InterruptedException {
    var request = new ByteArrayOutputStream();
    request.write(head.getBytes(StandardCharsets.ISO_8859_1));
    if (header(head, "upgrade").isPresent()) {
      up.getOutputStream().write(request.toByteArray());
      in.transferTo(up.getOutputStream());
      return false;
    }
    if (header(head, "transfer-encoding").isPresent()) {
      throw new IOException("requests in chunks are not understood");
    }
    int length = header(head, "content-length").map(Integer::valueOf).orElse(0);
    request.write(in.readNBytes(length));
    boolean goesOn =
        switch (strike(head).orElse(null)) {
          case null -> true;
          case REFUSED -> {
            refuse(client);
            yield false;
          }
          case LOST -> false;
          case ANSWER_LOST -> {
            alone(request.toByteArray());
            yield false;
          }
          case LATE -> {
            Thread.sleep(LATE);
            yield true;
          }
          case TWICE -> {
            alone(request.toByteArray());
            yield true;
          }
        };
    if (goesOn) {
      up.getOutputStream().write(request.toByteArray());
    }
    return goesOn;
  }

  private static void refuse(SSLSocket client) throws IOException {
    client
        .getOutputStream()
        .write(
            """
            HTTP/1.1 500 Internal Server Error\r
            Content-Type: application/json\r
            Content-Length: %d\r
            Connection: close\r
            \r
            %s\
            """
                .formatted(REFUSAL.length(), REFUSAL)
                .getBytes(StandardCharsets.US_ASCII));
  }

  private Optional<Fault> strike(String head) {
    var words = head.substring(0, head.indexOf('\r')).split(" ", -1);
    var namespace = NAMESPACE.matcher(words[1]);
    if (!WRITES.contains(words[0]) || !namespace.matches()) {
      return Optional.empty();
    }
    var name = namespace.group(1);
    var write =
        new Write(
            name,
            count(name).incrementAndGet(),
            "%s %s".formatted(words[0], words[1].replaceAll("\\?.*", "")));
    var fault = plan.of(write);
    fault.ifPresent(struck -> strikes.add(new Strike(write, struck)));
    return fault;
  }

  /** Has a request done on a connection of its own, and waits until it is. */
  private void alone(byte[] request) throws IOException {
    try (var other = relay.connect("")) {
      other.getOutputStream().write(request);
      if (head(new BufferedInputStream(other.getInputStream())).isEmpty()) {
        throw new EOFException("no answer");
      }
    }
  }

  /** What stands before a body; empty if the connection has ended. */
  private static Optional<String> head(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.length() < MOST_HEADERS) {
      int next = in.read();
      if (next < 0) {
        return Optional.empty();
      }
      head.append((char) next);
      if (next == '\n' && head.lastIndexOf(END) >= 0) {
        return Optional.of(head.toString());
      }
    }
    throw new IOException("more than %d bytes of headers".formatted(MOST_HEADERS));
  }

  private static Optional<String> header(String head, String name) {
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst();
  }

  @Override
  public void close() {
    relay.close();
  }
}
