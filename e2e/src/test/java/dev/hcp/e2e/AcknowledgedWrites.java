package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.e2e.hosted.Kubeconfig;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Writes to a hosted cluster ten times a second from now on, and remembers what was acknowledged.
 * One that is told to try again, as whoever is connected to an API server is at the moment at which
 * it ends, counts as refused only if the next one is not acknowledged either.
 */
final class AcknowledgedWrites implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** For thousands of objects at once. */
  private static final Duration CLEANING = Duration.ofMinutes(3);

  private static final String NAMESPACE = "default";
  private static final String LABEL = "acknowledged-writes";

  /** Answers of API servers that have done nothing, and say when to try again. */
  private static final Set<Integer> RETRY_AFTER = Set.of(429, 503);

  private final Supplier<String> kubeconfig;
  private final String run = Long.toString(System.nanoTime(), Character.MAX_RADIX);
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger number = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> refused = new ConcurrentLinkedQueue<>();

  /** Revisions of what was acknowledged, by number. */
  private final ConcurrentSkipListMap<Integer, Long> acknowledged = new ConcurrentSkipListMap<>();

  private final AtomicInteger told = new AtomicInteger();

  /** Only written and read where writes are made. */
  private boolean isToldToTryAgain;

  private String opened;
  private KubernetesClient client;

  AcknowledgedWrites(String kubeconfig) {
    this(() -> kubeconfig);
  }

  /** Reads the kubeconfig before each write, as programs should that go on for years. */
  AcknowledgedWrites(Supplier<String> kubeconfig) {
    this.kubeconfig = kubeconfig;
    this.opened = kubeconfig.get();
    this.client = open(opened, PATIENCE);
    var _ = timer.scheduleWithFixedDelay(this::write, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static KubernetesClient open(String kubeconfig, Duration patience) {
    var config = Kubeconfig.parse(kubeconfig);
    config.setRequestTimeout((int) patience.toMillis());
    // A write that is tried again could have been acknowledged the first time.
    config.setRequestRetryBackoffLimit(0);
    return new KubernetesClientBuilder().withConfig(config).build();
  }

  private synchronized KubernetesClient client() {
    var now = kubeconfig.get();
    if (!now.equals(opened)) {
      client.close();
      opened = now;
      client = open(now, PATIENCE);
    }
    return client;
  }

  private void write() {
    int next = number.incrementAndGet();
    try {
      var written =
          client()
              .configMaps()
              .inNamespace(NAMESPACE)
              .resource(
                  new ConfigMapBuilder()
                      .withNewMetadata()
                      .withName("write-%s-%d".formatted(run, next))
                      .addToLabels(LABEL, run)
                      .endMetadata()
                      .build())
              .create();
      acknowledged.put(next, revision(written));
      isToldToTryAgain = false;
    } catch (KubernetesClientException e) {
      if (RETRY_AFTER.contains(e.getCode()) && !isToldToTryAgain) {
        isToldToTryAgain = true;
        told.incrementAndGet();
      } else {
        refused.add("%s: %s".formatted(Instant.now(), e));
      }
    }
  }

  private static long revision(ConfigMap written) {
    return Long.parseLong(written.getMetadata().getResourceVersion());
  }

  /** How many writes were acknowledged. */
  int acknowledged() {
    return acknowledged.size();
  }

  /** Those that were not: when, and why. */
  List<String> refused() {
    return List.copyOf(refused);
  }

  /** Stops writing. */
  void stop() {
    timer.close();
  }

  /**
   * Stops writing, and fails unless all that was acknowledged is there, in the order of writing.
   */
  void assertNothingIsLost() {
    timer.close();
    assertThat(acknowledged).isNotEmpty();
    var there =
        client()
            .configMaps()
            .inNamespace(NAMESPACE)
            .withLabel(LABEL, run)
            .list()
            .getItems()
            .stream()
            .collect(
                Collectors.toMap(map -> map.getMetadata().getName(), AcknowledgedWrites::revision));
    acknowledged.forEach((write, revision) ->
        assertThat(there).containsEntry("write-%s-%d".formatted(run, write), revision));
    assertThat(List.copyOf(acknowledged.values())).as("revisions never go back").isSorted();
  }

  /** How many writes were acknowledged, and how many were not. */
  @Override
  public String toString() {
    return "%d writes acknowledged, %d told to try again, %d refused"
        .formatted(acknowledged.size(), told.get(), refused.size());
  }

  @Override
  public void close() {
    timer.close();
    client.close();
    try (var last = open(kubeconfig.get(), CLEANING)) {
      var _ = last.configMaps().inNamespace(NAMESPACE).withLabel(LABEL, run).delete();
    }
  }
}
