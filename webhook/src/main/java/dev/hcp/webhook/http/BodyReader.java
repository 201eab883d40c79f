package dev.hcp.webhook.http;

import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Reads request bodies within limits: the size of one, the sum of all that are being worked on, and
 * the time that a sender may take. The sum is what bounds the process's memory, whatever the number
 * of connections.
 */
final class BodyReader {
  private static final int KIBIBYTE = 1024;
  private static final int CHUNK = 16 * KIBIBYTE;

  /** What even an empty request costs, in KiB; makes the budget a limit of the number as well. */
  private static final int LEAST_COST = 64;

  private final int maxBytes;
  private final Duration patience;
  private final Semaphore budget;

  /**
   * A reader with a budget of its own.
   *
   * @param maxBytes size of the largest body, and of all bodies at one time
   * @param patience for a sender, and for a place in the budget
   */
  BodyReader(int maxBytes, Duration patience) {
    this.maxBytes = maxBytes;
    this.patience = patience;
    this.budget = new Semaphore(cost(maxBytes), true);
  }

  /** What is done with a body while it counts against the budget. */
  @FunctionalInterface
  interface Use {
    /** Works on the body. */
    void accept(byte[] body) throws Exception;
  }

  /**
   * Hands the body over.
   *
   * @throws RefusedRequestException if it is of another type, too large, too slow, or too many are
   *     being worked on
   */
  void read(Context context, Use use) throws Exception {
    requireJson(context);
    int announced = context.req().getContentLength();
    if (announced > maxBytes || context.req().getContentLengthLong() > maxBytes) {
      throw tooLarge();
    }
    // A body of unknown length may turn out to be the largest.
    int cost = cost(announced < 0 ? maxBytes : announced);
    if (!budget.tryAcquire(cost, patience.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new RefusedRequestException(503, "too many requests at a time, try again");
    }
    try {
      use.accept(bytes(context, announced));
    } finally {
      budget.release(cost);
    }
  }

  private byte[] bytes(Context context, int announced) throws IOException, RefusedRequestException {
    long end = System.nanoTime() + patience.toNanos();
    var body = new ByteArrayOutputStream(Math.max(announced, CHUNK));
    var chunk = new byte[CHUNK];
    var stream = context.bodyInputStream();
    for (int read = stream.read(chunk); read >= 0; read = stream.read(chunk)) {
      body.write(chunk, 0, read);
      if (body.size() > maxBytes) {
        throw tooLarge();
      }
      if (System.nanoTime() - end > 0) {
        throw new RefusedRequestException(
            408, "the body took longer than %d seconds".formatted(patience.toSeconds()));
      }
    }
    return body.toByteArray();
  }

  private static void requireJson(Context context) throws RefusedRequestException {
    var type = context.contentType();
    var essence = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!essence.equals("application/json")) {
      throw new RefusedRequestException(
          415, "the content type must be application/json" + (type == null ? ", none given" : ""));
    }
  }

  private RefusedRequestException tooLarge() {
    return new RefusedRequestException(413, "the body is larger than %d bytes".formatted(maxBytes));
  }

  private static int cost(int bytes) {
    return Math.max(LEAST_COST, Math.ceilDiv(bytes, KIBIBYTE));
  }
}
