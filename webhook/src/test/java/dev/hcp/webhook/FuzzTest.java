package dev.hcp.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.fuzz.SpecGenerator;
import dev.hcp.process.TestPki;
import dev.hcp.webhook.admission.Rules;
import dev.hcp.webhook.http.Limits;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.AssertionFailedError;

/**
 * Whatever is sent, is answered: never by an error of the webhook's own, and never late. Objects
 * are made at random; {@code -Dfuzz.specs=N} makes more of them, {@code -Dfuzz.seed=N} others.
 */
class FuzzTest {
  private static final int SPECS = Integer.getInteger("fuzz.specs", 1500);
  private static final long FIRST_SEED = Long.getLong("fuzz.seed", 1L);
  private static final int SENDERS = 6;

  /** An API server waits no longer; the budget is 10 ms, but the machine may be busy. */
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private static final Map<String, Object> NONE = Map.of();
  private static final List<String> OF_THE_WEBHOOK = List.of("/spec/version", "/spec/replicas");

  @TempDir static Path certificates;
  private static RunningWebhook webhook;

  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong slowest = new AtomicLong();

  @BeforeAll
  static void start() throws Exception {
    var pki = TestPki.generate("EC", 1);
    pki.writeAsKubelet(certificates, "..v1");
    webhook = RunningWebhook.start(certificates, Rules.all(), Limits.DEFAULT, pki);
  }

  @AfterAll
  static void stop() {
    webhook.close();
  }

  @Test
  void everythingIsAnswered() throws Exception {
    var generators = SpecGenerator.kinds().stream().map(SpecGenerator::of).toList();
    // The first to come waits for this side's classes.
    webhook.answer(
        RunningWebhook.VALIDATE,
        RunningWebhook.review("CREATE", NONE, generators.getFirst().valid(0)));
    long start = System.nanoTime();
    var next = new AtomicLong();
    var senders = new ArrayList<Future<?>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < SENDERS; i++) {
        senders.add(
            threads.submit(() -> {
              for (long n = next.getAndIncrement(); n < SPECS; n = next.getAndIncrement()) {
                // Every fourth is a template.
                tryOut(generators.get(n % 4 == 3 ? 1 : 0), FIRST_SEED + n);
              }
              return null;
            }));
      }
      for (var sender : senders) {
        sender.get();
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%d specs, of which %d were accepted; %d requests in %.1f s, the slowest in %.3f s%n",
        SPECS,
        accepted.get(),
        requests.get(),
        seconds(System.nanoTime() - start),
        seconds(slowest.get()));
    assertThat(accepted.get()).as("accepted of %d", SPECS).isGreaterThan(SPECS / 4);
  }

  private void tryOut(SpecGenerator generator, long seed) {
    var object = generator.object(seed);
    try {
      boolean rawAccepted = judge(object, NONE);
      var defaulted = defaulted(object);
      if (!defaulted.equals(object)) {
        assertThat(defaulted(defaulted)).as("defaulted twice").isEqualTo(defaulted);
        if (rawAccepted) {
          assertThat(judge(defaulted, NONE)).as("accepted once defaulted").isTrue();
        }
      }
      if (rawAccepted) {
        accepted.incrementAndGet();
      }
      var changed = generator.changed(defaulted, seed);
      // What is stored need not be valid either.
      judge(changed, defaulted);
      if (seed % 8 == 0 && rawAccepted) {
        assertThat(judge(defaulted, defaulted)).as("accepted if nothing changes").isTrue();
      }
    } catch (Exception | AssertionError e) {
      throw new AssertionFailedError(
          "Seed %d (again: -Dfuzz.specs=4 -Dfuzz.seed=%d): %s%n%s"
              .formatted(seed, seed, e.getMessage(), shorten(String.valueOf(object))),
          e);
    }
  }

  /** Whether an object is accepted, to be created or in place of an old one. */
  private boolean judge(Map<String, Object> object, Map<String, Object> old) throws Exception {
    var answer =
        answer(
            "validate",
            object,
            RunningWebhook.review(old.isEmpty() ? "CREATE" : "UPDATE", old, object));
    if (Boolean.TRUE.equals(answer.get("allowed"))) {
      return true;
    }
    assertThat(answer).containsEntry("allowed", false);
    var status = map(answer.get("status"));
    assertThat(status).containsEntry("code", 422).containsEntry("reason", "Invalid");
    assertThat(String.valueOf(status.get("message"))).contains(" is invalid: ");
    assertThat((List<?>) map(status.get("details")).get("causes"))
        .isNotEmpty()
        .allSatisfy(cause -> {
          assertThat(String.valueOf(map(cause).get("field"))).matches("(?s)(spec|metadata)\\b.*");
          assertThat(String.valueOf(map(cause).get("message"))).isNotBlank();
        });
    return false;
  }

  private Map<String, Object> defaulted(Map<String, Object> object) throws Exception {
    var answer = answer("mutate", object, RunningWebhook.review("CREATE", NONE, object));
    assertThat(answer).containsEntry("allowed", true);
    if (!(answer.get("patch") instanceof String patch)) {
      return object;
    }
    var copy = new LinkedHashMap<>(object);
    var spec = new LinkedHashMap<>(map(object.get("spec")));
    copy.put("spec", spec);
    var json = new String(Base64.getDecoder().decode(patch), StandardCharsets.UTF_8);
    for (var operation : (List<?>) RunningWebhook.json("{\"all\":%s}".formatted(json)).get("all")) {
      assertThat(map(operation)).containsEntry("op", "add");
      assertThat(map(operation).get("path")).isIn(OF_THE_WEBHOOK);
      var pointer = String.valueOf(map(operation).get("path"));
      spec.put(pointer.substring(pointer.lastIndexOf('/') + 1), map(operation).get("value"));
    }
    return copy;
  }

  private Map<String, Object> answer(String stage, Map<String, Object> object, String review)
      throws Exception {
    var path =
        "/%s-%s-%s-%s"
            .formatted(
                stage,
                HostedControlPlane.GROUP.replace('.', '-'),
                HostedControlPlane.VERSION,
                String.valueOf(object.get("kind")).toLowerCase(Locale.ROOT));
    long start = System.nanoTime();
    var answer = webhook.answer(path, review);
    long took = System.nanoTime() - start;
    requests.incrementAndGet();
    slowest.accumulateAndGet(took, Math::max);
    assertThat(Duration.ofNanos(took)).isLessThan(DEADLINE);
    assertThat(answer).containsEntry("uid", "uid-1");
    return answer;
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }

  private static String shorten(String text) {
    return text.substring(0, Math.min(text.length(), 20_000));
  }

  @SuppressWarnings("unchecked") // JSON objects
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }
}
