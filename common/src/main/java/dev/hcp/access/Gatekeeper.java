package dev.hcp.access;

import dev.hcp.access.Verdict.Allowed;
import dev.hcp.access.Verdict.Forbidden;
import dev.hcp.access.Verdict.Unauthenticated;
import dev.hcp.access.Verdict.Unknown;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets callers in by their bearer tokens. Reviews are kept by the hash of the token and what is
 * asked for, for a limited time and number. While the API server does not answer, whoever was let
 * in before goes on to be, for a limited time too: what shows an outage must not fail with it.
 */
public final class Gatekeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gatekeeper.class);
  private static final Pattern BEARER = Pattern.compile("(?i)Bearer +([A-Za-z0-9._~+/=-]+)");

  /** Longer ones than tokens of service accounts by far. */
  private static final int LONGEST_HEADER = 16 * 1024;

  /** Reviews that are remembered, of those let in and of the others each. */
  private static final int MOST_KEPT = 256;

  /** Reviews at the same time: strangers must not keep the API server busy by this process. */
  private static final int MOST_REVIEWS = 8;

  /**
   * How long things hold.
   *
   * @param allowed how long somebody who was let in is let in without another review
   * @param refused how long somebody who was not is not reviewed again
   * @param stale how long after a review somebody is let in at most, while there is no other
   * @param retry how long the API server is left alone after it has not answered about somebody who
   *     is let in meanwhile
   * @param deadline how long a caller waits for a review
   */
  public record Timing(
      Duration allowed, Duration refused, Duration stale, Duration retry, Duration deadline) {
    /** What the product uses. */
    public static final Timing DEFAULT =
        new Timing(
            Duration.ofMinutes(1),
            Duration.ofSeconds(10),
            Duration.ofMinutes(10),
            Duration.ofSeconds(10),
            Duration.ofSeconds(4));
  }

  /** A verdict, when it was given, and until when nobody else is asked; both in nanoseconds. */
  private record Kept(Verdict verdict, long given, long until) {}

  private final Reviews reviews;
  private final Timing timing;
  private final LongSupplier nanoTime;
  private final Semaphore permits = new Semaphore(MOST_REVIEWS);
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("review-", 0).factory());

  // Apart, so that those who are refused, as many as they are, displace nobody.
  private final Map<String, Kept> allowed = bounded();
  private final Map<String, Kept> refused = bounded();
  private @Nullable String problem;
  private @Nullable Kept logged;

  /**
   * @param reviews what the API server says
   */
  public Gatekeeper(Reviews reviews, Timing timing) {
    this(reviews, timing, System::nanoTime);
  }

  Gatekeeper(Reviews reviews, Timing timing, LongSupplier nanoTime) {
    this.reviews = reviews;
    this.timing = timing;
    this.nanoTime = nanoTime;
  }

  /**
   * Whether to let a caller in.
   *
   * @param authorization its header of that name, if it has one
   * @param call what it asks for
   */
  public Verdict check(Optional<String> authorization, Call call) {
    if (authorization.isEmpty()) {
      return new Unauthenticated(
          "no bearer token: send \"Authorization: Bearer\" with the token of a service account");
    }
    var match = BEARER.matcher(authorization.get().strip());
    if (authorization.get().length() > LONGEST_HEADER || !match.matches()) {
      return new Unauthenticated("the header Authorization holds no bearer token");
    }
    var token = match.group(1);
    var key = "%s %s %s".formatted(call.verb(), call.path(), hash(token));
    var known = known(key);
    if (known.isPresent() && known.get().until() - nanoTime.getAsLong() > 0) {
      return known.get().verdict();
    }
    return keep(key, known, review(token, call));
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  private Verdict review(String token, Call call) {
    long end = System.nanoTime() + timing.deadline().toNanos();
    try {
      if (!permits.tryAcquire(timing.deadline().toNanos(), TimeUnit.NANOSECONDS)) {
        return new Unknown("too many callers at a time, try again", "too many callers at a time");
      }
      var answer =
          threads.submit(() -> {
            try {
              return reviews.review(token, call);
            } finally {
              permits.release();
            }
          });
      return answer.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException _) {
      return new Unknown(
          "the API server does not say in time who this is, try again",
          "no answer within " + timing.deadline());
    } catch (ExecutionException e) {
      return new Unknown(
          "the API server cannot be asked who this is, try again", String.valueOf(e.getCause()));
    } catch (RejectedExecutionException _) {
      permits.release();
      return new Unknown("the process is ending", "the process is ending");
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return new Unknown("the process is ending", "interrupted");
    }
  }

  private synchronized Optional<Kept> known(String key) {
    var known = allowed.get(key);
    return Optional.ofNullable(known == null ? refused.get(key) : known);
  }

  private synchronized Verdict keep(String key, Optional<Kept> known, Verdict verdict) {
    long now = nanoTime.getAsLong();
    switch (verdict) {
      case Allowed _ -> {
        refused.remove(key);
        allowed.put(key, new Kept(verdict, now, now + timing.allowed().toNanos()));
      }
      case Unauthenticated(var why) -> refuse(key, known, verdict, why, now);
      case Forbidden(var why) -> refuse(key, known, verdict, why, now);
      case Unknown(_, var detail) -> {
        report(detail);
        return known
            .filter(kept -> kept.verdict() instanceof Allowed)
            .filter(kept -> now - kept.given() < timing.stale().toNanos())
            .map(kept -> {
              allowed.put(
                  key, new Kept(kept.verdict(), kept.given(), now + timing.retry().toNanos()));
              return kept.verdict();
            })
            .orElse(verdict);
      }
    }
    if (problem != null) {
      problem = null;
      LOG.info("The API server says again who callers are");
    }
    return verdict;
  }

  private void refuse(String key, Optional<Kept> known, Verdict verdict, String why, long now) {
    allowed.remove(key);
    var refusal = new Kept(verdict, now, now + timing.refused().toNanos());
    refused.put(key, refusal);
    // Whoever is refused comes again and again, maybe with another token each time.
    boolean repeated =
        logged != null
            && logged.verdict().equals(verdict)
            && now - logged.given() < timing.allowed().toNanos();
    if (!repeated && known.filter(kept -> kept.verdict().equals(verdict)).isEmpty()) {
      logged = refusal;
      LOG.warn("Refused a caller: {}", why);
    }
  }

  private void report(String detail) {
    if (!detail.equals(problem)) {
      problem = detail;
      LOG.warn("Cannot tell who may call: {}", detail);
    }
  }

  private static Map<String, Kept> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
        return size() > MOST_KEPT;
      }
    };
  }

  private static String hash(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(token.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime has no SHA-256", e);
    }
  }
}
