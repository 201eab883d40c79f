package dev.hcp.access;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.hcp.access.Verdict.Allowed;
import dev.hcp.access.Verdict.Forbidden;
import dev.hcp.access.Verdict.Unauthenticated;
import dev.hcp.access.Verdict.Unknown;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

@Timeout(60)
class GatekeeperTest {
  private static final Gatekeeper.Timing TIMING =
      new Gatekeeper.Timing(
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofSeconds(600),
          Duration.ofSeconds(20),
          Duration.ofSeconds(10));
  private static final Call READ = new Call("get", "/metrics", "reader");
  private static final Allowed PROMETHEUS = new Allowed("prometheus");
  private static final Forbidden NOT_BOUND = new Forbidden("somebody may not");
  private static final Unknown AWAY = new Unknown("away", "connection refused");

  private final Map<String, Verdict> answers = new ConcurrentHashMap<>();
  private final AtomicInteger reviews = new AtomicInteger();
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1000);
  private final Gatekeeper gatekeeper = new Gatekeeper(this::review, TIMING, now::get);
  private final Logger logger = (Logger) LoggerFactory.getLogger(Gatekeeper.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  private Verdict review(String token, Call call) {
    reviews.incrementAndGet();
    return answers.getOrDefault(token, new Unauthenticated("not known"));
  }

  @BeforeEach
  void listen() {
    log.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(log);
  }

  @AfterEach
  void close() {
    gatekeeper.close();
    logger.detachAppender(log);
  }

  @Test
  void whoIsLetInIsReviewedAgainAfterAWhile() {
    answers.put("good", PROMETHEUS);
    assertThat(check("good")).isEqualTo(PROMETHEUS);
    pass(59);
    answers.put("good", NOT_BOUND);
    assertThat(check("good")).isEqualTo(PROMETHEUS);
    assertThat(reviews).hasValue(1);

    pass(1);
    assertThat(check("good")).isEqualTo(NOT_BOUND);
    answers.put("good", AWAY);
    pass(10);
    assertThat(check("good")).as("was let in once, but not the last time").isEqualTo(AWAY);
  }

  @Test
  void whoIsRefusedIsReviewedAgainSoonAndLoggedOnce() {
    answers.put("poor", NOT_BOUND);
    for (int second = 0; second < 30; second++) {
      assertThat(check("poor")).isEqualTo(NOT_BOUND);
      pass(1);
    }
    assertThat(reviews).hasValue(3);
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("Refused a caller: somebody may not");
    answers.put("poor", PROMETHEUS);
    pass(10);
    assertThat(check("poor")).isEqualTo(PROMETHEUS);
  }

  @Test
  void whoMayDoOneThingIsReviewedForAnother() {
    answers.put("good", PROMETHEUS);
    assertThat(check("good")).isEqualTo(PROMETHEUS);
    answers.put("good", NOT_BOUND);
    var change = new Call("put", "/log-levels", "changer");
    assertThat(gatekeeper.check(Optional.of("Bearer good"), change)).isEqualTo(NOT_BOUND);
    assertThat(check("good")).isEqualTo(PROMETHEUS);
  }

  @Test
  void whileTheApiServerIsAwayWhoWasLetInStillIs() {
    answers.put("good", PROMETHEUS);
    assertThat(check("good")).isEqualTo(PROMETHEUS);
    answers.put("good", AWAY);
    answers.put("new", AWAY);
    pass(60);
    int before = reviews.get();
    for (int second = 60; second < 600; second++) {
      assertThat(check("good")).isEqualTo(PROMETHEUS);
      pass(1);
    }
    assertThat(reviews.get() - before).as("asked every 20 s").isEqualTo(27);
    assertThat(check("good")).as("ten minutes are over").isEqualTo(AWAY);
    assertThat(check("new")).isEqualTo(AWAY);
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly("Cannot tell who may call: connection refused");

    answers.put("good", PROMETHEUS);
    assertThat(check("good")).isEqualTo(PROMETHEUS);
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .last()
        .isEqualTo("The API server says again who callers are");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Basic dXNlcg==", "Bearer", "Bearer ", "Bearer a b", "Bearer a\u00e9", "good"})
  void whatIsNoBearerTokenIsNotEvenReviewed(String header) {
    assertThat(gatekeeper.check(Optional.of(header), READ)).isInstanceOf(Unauthenticated.class);
    assertThat(gatekeeper.check(Optional.of("Bearer " + "a".repeat(20_000)), READ))
        .isInstanceOf(Unauthenticated.class);
    assertThat(gatekeeper.check(Optional.empty(), READ))
        .isEqualTo(
            new Unauthenticated(
                "no bearer token: send \"Authorization: Bearer\" with the token of a service"
                    + " account"));
    assertThat(reviews).hasValue(0);
  }

  @Test
  void manyStrangersDisplaceNobody() {
    answers.put("good", PROMETHEUS);
    assertThat(check("good")).isEqualTo(PROMETHEUS);
    for (int stranger = 0; stranger < 1000; stranger++) {
      assertThat(check("stranger-" + stranger)).isInstanceOf(Unauthenticated.class);
    }
    assertThat(reviews).hasValue(1001);
    assertThat(check("good")).isEqualTo(PROMETHEUS);
    assertThat(check("stranger-999")).isInstanceOf(Unauthenticated.class);
    assertThat(reviews).hasValue(1001);
    assertThat(check("stranger-0")).isInstanceOf(Unauthenticated.class);
    assertThat(reviews).as("forgotten").hasValue(1002);
  }

  @Test
  void anApiServerThatHangsHoldsNobodyUpForLong() throws Exception {
    var answered = new CountDownLatch(1);
    var impatient =
        new Gatekeeper.Timing(
            Duration.ZERO,
            Duration.ZERO,
            Duration.ofMinutes(10),
            Duration.ZERO,
            Duration.ofMillis(50));
    var hangs = new AtomicInteger();
    try (var hanging =
        new Gatekeeper(
            (token, _) -> {
              if (token.equals("first")) {
                return PROMETHEUS;
              }
              hangs.incrementAndGet();
              try {
                var _ = answered.await(30, TimeUnit.SECONDS);
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              }
              return PROMETHEUS;
            },
            impatient)) {
      for (int caller = 0; caller < 20; caller++) {
        assertThat(hanging.check(Optional.of("Bearer caller-" + caller), READ))
            .isInstanceOf(Unknown.class);
      }
      assertThat(hangs).as("reviews at the same time").hasValue(8);
      answered.countDown();
    }
  }

  @Test
  void aReviewThatFailsIsNoAnswer() {
    try (var broken =
        new Gatekeeper(
            (_, _) -> {
              throw new IllegalStateException("secret address");
            },
            TIMING)) {
      assertThat(broken.check(Optional.of("bearer x"), READ))
          .isInstanceOfSatisfying(
              Unknown.class, unknown -> assertThat(unknown.why()).doesNotContain("secret"));
    }
  }

  private Verdict check(String token) {
    return gatekeeper.check(Optional.of("Bearer " + token), READ);
  }

  private void pass(int seconds) {
    var _ = now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }
}
