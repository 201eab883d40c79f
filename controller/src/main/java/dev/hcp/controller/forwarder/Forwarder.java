package dev.hcp.controller.forwarder;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes batches of audit events on the loopback interface. A batch is answered with success once
 * every receiver has it. It is never kept: with any other answer it is the API server's to send
 * again, or to fail the request that it is about.
 */
final class Forwarder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Forwarder.class);
  private static final int BACKLOG = 256;

  /** What the API server sends at most, with what stands around the events. */
  private static final int MOST_BYTES = 12 << 20;

  /** How much is read of what is not taken. */
  private static final int MOST_SKIPPED = 64 << 20;

  private static final int WAIT_SECONDS = 5;
  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;
  private static final int NOT_ALLOWED = 405;
  private static final int LENGTH_REQUIRED = 411;
  private static final int TOO_LARGE = 413;
  private static final int UNAVAILABLE = 503;

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Target> targets;
  private final Receipts receipts = new Receipts();
  private final Semaphore buffer;
  private final int graceSeconds;

  private Forwarder(HttpServer server, ForwarderSettings settings, List<Target> targets) {
    this.server = server;
    this.targets = targets;
    this.buffer = new Semaphore(settings.bufferBytes(), true);
    this.graceSeconds = (int) settings.timeout().toSeconds();
  }

  static Forwarder start(ForwarderSettings settings, List<Target> targets) throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.port());
    var forwarder = new Forwarder(HttpServer.create(address, BACKLOG), settings, targets);
    var _ = forwarder.server.createContext("/", forwarder::handle);
    forwarder.server.setExecutor(forwarder.executor);
    forwarder.server.start();
    LOG.info("Forwarding audit events to {}", targets);
    return forwarder;
  }

  /** The port that is listened on. */
  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(graceSeconds);
    executor.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("POST")) {
        refuse(exchange, NOT_ALLOWED, "events are posted");
        return;
      }
      long length = length(exchange);
      if (length < 0) {
        refuse(exchange, LENGTH_REQUIRED, "the length must be told");
      } else if (length > MOST_BYTES) {
        refuse(exchange, TOO_LARGE, "a batch has at most %d bytes".formatted(MOST_BYTES));
      } else {
        take(exchange, (int) length);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void take(HttpExchange exchange, int length) throws IOException, InterruptedException {
    if (!buffer.tryAcquire(length, WAIT_SECONDS, TimeUnit.SECONDS)) {
      refuse(exchange, UNAVAILABLE, "too many batches are under way");
      return;
    }
    try {
      var batch = new byte[length];
      if (exchange.getRequestBody().readNBytes(batch, 0, length) < length) {
        answer(exchange, BAD_REQUEST, "the batch is shorter than was told");
        return;
      }
      var failures = deliver(batch);
      answer(exchange, failures.isEmpty() ? OK : UNAVAILABLE, String.join("; ", failures));
    } finally {
      buffer.release(length);
    }
  }

  /** Sends a batch to all receivers that do not have it, at the same time. */
  private List<String> deliver(byte[] batch) throws InterruptedException {
    var taken = receipts.of(batch);
    // A second time only once the first is over, or both would send.
    synchronized (taken) {
      var deliveries = new ArrayList<Future<List<String>>>();
      for (var target : targets) {
        if (!taken.contains(target)) {
          deliveries.add(executor.submit(() -> deliver(batch, target, taken)));
        }
      }
      var failures = new ArrayList<String>();
      for (var delivery : deliveries) {
        try {
          failures.addAll(delivery.get());
        } catch (ExecutionException e) {
          failures.add(String.valueOf(e.getCause()));
        }
      }
      return failures;
    }
  }

  private static List<String> deliver(byte[] batch, Target target, Set<Target> taken) {
    var failure = target.send(batch);
    if (failure.isEmpty()) {
      taken.add(target);
    }
    return failure.stream().toList();
  }

  private static long length(HttpExchange exchange) {
    var length = exchange.getRequestHeaders().getFirst("Content-Length");
    try {
      return length == null ? -1 : Long.parseLong(length);
    } catch (NumberFormatException _) {
      return -1;
    }
  }

  /** Reads what is left, without keeping it: a sender that is still sending sees no answer. */
  private static void refuse(HttpExchange exchange, int status, String text) throws IOException {
    try {
      exchange.getRequestBody().skipNBytes(MOST_SKIPPED);
    } catch (EOFException _) {
      // That was all.
    }
    answer(exchange, status, text);
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    var body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }
}
