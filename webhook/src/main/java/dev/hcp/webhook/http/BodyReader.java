package dev.hcp.webhook.http;

import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Reads request bodies within limits: the size of one, the sum of all that are being worked on, and
 * the time that a sender may take. The sum is what bounds the process's memory, whatever the number
 * of connections.
 */
final class BodyReader {
  private static final int TOO_SLOW = 408;
  private static final int KIBIBYTE = 1024;
  private static final int CHUNK = 16 * KIBIBYTE;

  /** What even an empty request costs, in KiB; makes the budget a limit of the number as well. */
  private static final int LEAST_COST = 64;

  private final Limits limits;
  private final Semaphore budget;

  /** A reader with a budget of its own. */
  BodyReader(Limits limits) {
    this.limits = limits;
    this.budget = new Semaphore(cost(limits.maxBytes()), true);
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
    try {
      requireJson(context);
      long announced = context.req().getContentLengthLong();
      if (announced > limits.maxBytes()) {
        throw tooLarge();
      }
      // A body of unknown length may turn out to be the largest.
      int expected = announced < 0 ? limits.maxBytes() : (int) announced;
      useWithinBudget(context, expected, use);
    } catch (RefusedRequestException e) {
      if (e.status() != TOO_SLOW) {
        discardRest(context);
      }
      throw e;
    }
  }

  private void useWithinBudget(Context context, int expected, Use use) throws Exception {
    int cost = cost(expected);
    if (!budget.tryAcquire(cost, limits.turn().toNanos(), TimeUnit.NANOSECONDS)) {
      throw new RefusedRequestException(503, "too many requests at a time, try again");
    }
    try {
      var body = new ByteArrayOutputStream(Math.min(expected, CHUNK));
      if (!copy(context, body, limits.maxBytes())) {
        throw tooLarge();
      }
      use.accept(body.toByteArray());
    } finally {
      budget.release(cost);
    }
  }

  /**
   * Reads on without keeping anything: a sender that is still sending would find the connection
   * closed and never see the answer. One that sends much more than allowed is not waited for.
   */
  private void discardRest(Context context) throws RefusedRequestException {
    var _ = copy(context, OutputStream.nullOutputStream(), limits.maxBytes());
  }

  /**
   * Copies the body.
   *
   * @return whether that was all of it; otherwise there is more than {@code most}
   */
  private boolean copy(Context context, OutputStream to, int most) throws RefusedRequestException {
    long end = System.nanoTime() + limits.patience().toNanos();
    var chunk = new byte[CHUNK];
    long copied = 0;
    try {
      var stream = context.req().getInputStream();
      for (int read = stream.read(chunk); read >= 0; read = stream.read(chunk)) {
        copied += read;
        if (copied > most) {
          return false;
        }
        if (System.nanoTime() - end > 0) {
          throw tooSlow();
        }
        to.write(chunk, 0, read);
      }
      return true;
    } catch (IOException e) {
      // The sender went away or fell silent; if it is still there, this tells it.
      throw tooSlow();
    }
  }

  private static void requireJson(Context context) throws RefusedRequestException {
    var type = context.contentType();
    var essence = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    if (!essence.equals("application/json")) {
      throw new RefusedRequestException(
          415, "the content type must be application/json" + (type == null ? ", none given" : ""));
    }
  }

  private RefusedRequestException tooSlow() {
    return new RefusedRequestException(
        TOO_SLOW,
        "the body did not arrive within %d seconds".formatted(limits.patience().toSeconds()));
  }

  private RefusedRequestException tooLarge() {
    return new RefusedRequestException(
        413, "the body is larger than %d bytes".formatted(limits.maxBytes()));
  }

  private static int cost(int bytes) {
    return Math.max(LEAST_COST, Math.ceilDiv(bytes, KIBIBYTE));
  }
}
