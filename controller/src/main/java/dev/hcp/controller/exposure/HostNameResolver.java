package dev.hcp.controller.exposure;

import dev.hcp.controller.plan.Resolution;
import dev.hcp.controller.plan.Trigger;
import dev.hcp.controller.retry.Backoff;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks up host names in DNS again and again. Addresses that were found stay when a later look-up
 * fails: they are more likely to be right than none.
 */
public final class HostNameResolver implements HostNames, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HostNameResolver.class);

  /** A look-up cannot be interrupted, so a slow name server must not take all threads there are. */
  private static final int MOST_LOOKUPS = 8;

  /** Asks for the addresses of a host name. */
  @FunctionalInterface
  public interface Lookup {
    /** The addresses; takes as long as it takes. */
    InetAddress[] of(String hostName) throws UnknownHostException;
  }

  /**
   * How long to wait for what.
   *
   * @param deadline for an answer
   * @param retry time from a failure to the next look-up
   * @param interval time between two look-ups; DNS of load balancers commonly lets answers live for
   *     about as long
   */
  public record Timing(Duration deadline, Duration retry, Duration interval) {
    /** What suits the names of load balancers. */
    public static final Timing DEFAULT =
        new Timing(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(30));
  }

  private record Key(String namespace, String name, String hostName) {}

  private final Trigger trigger;
  private final Lookup lookup;
  private final Timing timing;
  private final RandomGenerator random;
  private final Map<Key, Target> targets = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("host-name-timer").factory());
  private final ExecutorService asking =
      Executors.newFixedThreadPool(
          MOST_LOOKUPS, Thread.ofPlatform().daemon().name("host-name-", 0).factory());

  /**
   * Follows nothing yet.
   *
   * @param trigger is told when what is known of a name changes
   * @param lookup usually {@link InetAddress#getAllByName}
   */
  public HostNameResolver(Trigger trigger, Lookup lookup, Timing timing, RandomGenerator random) {
    this.trigger = trigger;
    this.lookup = lookup;
    this.timing = timing;
    this.random = random;
  }

  @Override
  public Map<String, Resolution> last(String namespace, String name) {
    var all = new HashMap<String, Resolution>();
    targets.forEach((key, target) -> {
      if (isOf(key, namespace, name)) {
        all.put(key.hostName(), target.known());
      }
    });
    return all;
  }

  @Override
  public void follow(String namespace, String name, List<String> hostNames) {
    targets.forEach((key, target) -> {
      if (isOf(key, namespace, name) && !hostNames.contains(key.hostName())) {
        targets.remove(key, target);
        target.stop();
      }
    });
    for (var hostName : hostNames) {
      targets.computeIfAbsent(new Key(namespace, name, hostName), Target::new).start();
    }
  }

  @Override
  public void forget(String namespace, String name) {
    follow(namespace, name, List.of());
  }

  @Override
  public void close() {
    targets.values().forEach(Target::stop);
    timer.shutdownNow();
    asking.shutdownNow();
  }

  private static boolean isOf(Key key, String namespace, String name) {
    return key.namespace().equals(namespace) && key.name().equals(name);
  }

  /** One name for one control plane. */
  private final class Target {
    private final Key key;
    private Resolution known = new Resolution(List.of(), Optional.empty());
    private @Nullable Future<?> next;
    private int number;
    private boolean started;
    private boolean stopped;

    Target(Key key) {
      this.key = key;
    }

    synchronized Resolution known() {
      return known;
    }

    synchronized void start() {
      if (!started) {
        started = true;
        schedule(Duration.ZERO);
      }
    }

    synchronized void stop() {
      stopped = true;
      if (next != null) {
        next.cancel(false);
      }
    }

    private void schedule(Duration delay) {
      next = timer.schedule(this::ask, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    private synchronized void ask() {
      if (stopped) {
        return;
      }
      int question = ++number;
      next =
          timer.schedule(
              () ->
                  answered(
                      question,
                      List.of(),
                      "no answer within %d ms".formatted(timing.deadline().toMillis())),
              timing.deadline().toMillis(),
              TimeUnit.MILLISECONDS);
      asking.execute(() -> lookUp(question));
    }

    private void lookUp(int question) {
      try {
        var addresses =
            Arrays.stream(lookup.of(key.hostName()))
                .map(InetAddress::getHostAddress)
                .distinct()
                .sorted()
                .toList();
        answered(question, addresses, null);
      } catch (UnknownHostException e) {
        answered(question, List.of(), String.valueOf(e.getMessage()));
      }
    }

    /** Takes the first answer to the current question: that of DNS or that of the clock. */
    private void answered(int question, List<String> addresses, @Nullable String failure) {
      Resolution now;
      synchronized (this) {
        if (stopped || question != number) {
          return;
        }
        number++;
        if (next != null) {
          next.cancel(false);
        }
        now =
            failure == null
                ? new Resolution(addresses, Optional.empty())
                : new Resolution(
                    known.addresses(),
                    Optional.of(
                        "looking up %s failed, it is tried again: %s"
                            .formatted(key.hostName(), failure)));
        boolean same = now.equals(known);
        known = now;
        schedule(Backoff.spread(failure == null ? timing.interval() : timing.retry(), random));
        if (same) {
          return;
        }
      }
      LOG.atInfo()
          .addKeyValue("namespace", key.namespace())
          .addKeyValue("name", key.name())
          .addKeyValue("host", key.hostName())
          .log("Addresses: {}{}", now.addresses(), now.problem().map(p -> "; " + p).orElse(""));
      trigger.reconcile(key.namespace(), key.name());
    }
  }
}
