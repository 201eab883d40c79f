package dev.hcp.controller.testing;

import dev.hcp.controller.plan.StoreAccess;
import dev.hcp.controller.testing.S3StandIn.Operation;
import dev.hcp.controller.testing.S3StandIn.Request;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Stands between a client and a real S3 server, on the loopback interface, and lets requests go
 * wrong. What passes is not changed, so signatures hold.
 */
public final class FaultyS3 implements AutoCloseable {
  private static final String END_OF_HEAD = "\r\n\r\n";
  private static final int LONGEST_HEAD = 64 * 1024;
  private static final int SOME = 100_000;
  private static final Duration LONGEST_HANG = Duration.ofMinutes(2);

  /** Headers that are about one connection only, or that are answered here. */
  private static final Set<String> OF_CONNECTION = Set.of("connection", "expect", "keep-alive");

  /** What goes wrong with a request. */
  public sealed interface Fault {
    /** The connection is cut in the midst of the request; the server hears nothing of it. */
    record Cut() implements Fault {}

    /** The server does what is asked for, and the connection is cut before it is answered. */
    record LoseAnswer() implements Fault {}

    /** Nothing happens any more, and the connection stays. */
    record Hang() implements Fault {}

    /** The request is passed on in pieces with pauses in between. */
    record Slow(Duration pause) implements Fault {}

    /** It is refused. */
    record Refuse(int status, String code) implements Fault {}
  }

  private record Rule(Predicate<Request> when, Fault fault) {}

  private record Head(String line, List<String> headers) {
    Optional<String> header(String name) {
      return headers.stream()
          .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(name + ":"))
          .map(header -> header.substring(name.length() + 1).strip())
          .findFirst();
    }
  }

  private final S3Server server;
  private final int port = ManagementApiServer.freePort();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger struck = new AtomicInteger();
  private volatile Optional<Rule> rule = Optional.empty();
  private volatile CountDownLatch released = new CountDownLatch(0);
  private volatile ServerSocket socket;

  /** Stands before a server; the caller closes both. */
  public FaultyS3(S3Server server) {
    this.server = server;
    start();
  }

  /** How it is reached. */
  public StoreAccess access() {
    var access = server.access();
    return new StoreAccess(
        Optional.of("http://127.0.0.1:" + port),
        access.region(),
        access.bucket(),
        access.prefix(),
        access.credentials(),
        access.authority());
  }

  /** From now on requests of this kind go wrong, every time. */
  public void fail(Operation operation, int part, Fault fault) {
    struck.set(0);
    released = new CountDownLatch(1);
    rule =
        Optional.of(
            new Rule(request -> request.operation() == operation && request.part() == part, fault));
  }

  /** From now on nobody listens, and all connections are cut. */
  public void stop() {
    try {
      socket.close();
      for (var connection : open) {
        connection.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on nothing goes wrong. */
  public void recover() {
    rule = Optional.empty();
    released.countDown();
    if (socket.isClosed()) {
      start();
    }
  }

  /** How many requests have gone wrong since that was wanted. */
  public int struck() {
    return struck.get();
  }

  /** What was asked for. */
  public List<Request> requests() {
    return List.copyOf(requests);
  }

  @Override
  public void close() {
    recover();
    stop();
    threads.shutdownNow();
  }

  private void start() {
    try {
      var listening = new ServerSocket();
      listening.setReuseAddress(true);
      listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket = listening;
      var _ = threads.submit(() -> accept(listening));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void accept(ServerSocket listening) {
    while (!listening.isClosed()) {
      try {
        var connection = listening.accept();
        var _ = threads.submit(() -> serve(connection));
      } catch (IOException _) {
        // It was closed.
      }
    }
  }

  private void serve(Socket connection) {
    open.add(connection);
    try (connection) {
      var in = new BufferedInputStream(connection.getInputStream());
      var out = connection.getOutputStream();
      for (var head = head(in); head.isPresent(); head = head(in)) {
        if (!answer(head.get(), in, out)) {
          return;
        }
      }
    } catch (IOException _) {
      // The client has gone, or was cut off.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(connection);
    }
  }

  /**
   * Deals with one request.
   *
   * @return whether the connection can be used again
   */
  private boolean answer(Head head, InputStream in, OutputStream out)
      throws IOException, InterruptedException {
    var words = head.line().split(" ", 3);
    var request = S3StandIn.request(words[0], URI.create(words[1]));
    requests.add(request);
    var fault = rule.filter(r -> r.when().test(request)).map(Rule::fault);
    if (fault.isPresent()) {
      struck.incrementAndGet();
    }
    if (head.header("expect").isPresent()) {
      out.write(("HTTP/1.1 100 Continue" + END_OF_HEAD).getBytes(StandardCharsets.US_ASCII));
    }
    int length = head.header("content-length").map(Integer::parseInt).orElse(0);
    return switch (fault.orElse(null)) {
      case Fault.Cut _ -> {
        var _ = in.readNBytes(Math.min(length / 2, SOME));
        yield false;
      }
      case Fault.Hang _ -> {
        var _ = in.readNBytes(Math.min(length / 2, SOME));
        var _ = released.await(LONGEST_HANG.toMillis(), TimeUnit.MILLISECONDS);
        yield false;
      }
      case Fault.Refuse(var status, var code) -> {
        var _ = in.readNBytes(length);
        out.write(refusal(status, code));
        yield true;
      }
      case Fault.LoseAnswer _ -> {
        pass(head, in.readNBytes(length), Duration.ZERO, OutputStream.nullOutputStream());
        yield false;
      }
      case Fault.Slow(var pause) -> {
        pass(head, in.readNBytes(length), pause, out);
        yield false;
      }
      case null -> {
        pass(head, in.readNBytes(length), Duration.ZERO, out);
        yield false;
      }
    };
  }

  /** Asks the server, by a connection for this request alone. */
  private void pass(Head head, byte[] body, Duration pause, OutputStream answer)
      throws IOException, InterruptedException {
    try (var upstream = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      var out = upstream.getOutputStream();
      var text = new StringBuilder(head.line()).append("\r\n");
      head.headers().stream()
          .filter(header ->
              !OF_CONNECTION.contains(
                  header.substring(0, header.indexOf(':')).toLowerCase(Locale.ROOT)))
          .forEach(header -> text.append(header).append("\r\n"));
      text.append("Connection: close").append(END_OF_HEAD);
      out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
      for (int from = 0; from < body.length; from += SOME) {
        if (pause.isPositive()) {
          var _ = released.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        }
        out.write(body, from, Math.min(SOME, body.length - from));
      }
      out.flush();
      upstream.getInputStream().transferTo(answer);
    }
  }

  private static byte[] refusal(int status, String code) {
    var text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>%s</Code><Message>as told</Message></Error>"
            .formatted(code);
    return "HTTP/1.1 %d Refused\r\nContent-Type: application/xml\r\nContent-Length: %d%s%s"
        .formatted(status, text.length(), END_OF_HEAD, text)
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** The next request line with its headers; empty at the end of the connection. */
  private static Optional<Head> head(InputStream in) throws IOException {
    var bytes = new ByteArrayOutputStream();
    while (bytes.size() < LONGEST_HEAD) {
      int next = in.read();
      if (next < 0) {
        return Optional.empty();
      }
      bytes.write(next);
      if (next == '\n' && bytes.toString(StandardCharsets.ISO_8859_1).endsWith(END_OF_HEAD)) {
        var lines =
            new ArrayList<>(bytes.toString(StandardCharsets.ISO_8859_1).strip().lines().toList());
        return Optional.of(new Head(lines.removeFirst(), lines));
      }
    }
    throw new IOException("a head that does not end");
  }
}
