package dev.hcp.e2e.bench;

import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.e2e.Bed;
import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Certificates;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.cluster.Provider;
import dev.hcp.e2e.hosted.Kubeconfig;
import dev.hcp.e2e.process.Wait;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Loads the webhook for two minutes, twice: by the management API server, which creates 25
 * HostedControlPlanes a second as dry runs, each of them defaulted and validated; and past it, with
 * 200 reviews a second, more than an API server beside it on a small machine could ask for. Each
 * time its serving certificate is renewed meanwhile, and a replica is deleted.
 */
public final class WebhookBenchmark {
  private static final int CREATIONS_PER_SECOND = 25;
  private static final int REVIEWS_PER_SECOND = 200;
  private static final Duration WARM_UP = Duration.ofSeconds(30);
  private static final Duration LENGTH = Duration.ofMinutes(2);
  private static final Duration RENEWAL = Duration.ofSeconds(20);
  private static final Duration DELETION = Duration.ofSeconds(90);
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final String CERTIFICATE = "capi-hosted-control-plane-webhook-service";
  private static final String SECRET = CERTIFICATE + "-certificate";
  private static final String NAMESPACE = "default";

  private final Bed bed;
  private final Path sample;
  private final Progress progress;

  /**
   * @param bed where to measure; nothing else should happen on it
   * @param samples the folder with the sample cluster
   * @param progress told what happens
   */
  public WebhookBenchmark(Bed bed, Path samples, Progress progress) {
    this.bed = bed;
    this.sample = samples.resolve("cluster.yaml");
    this.progress = progress;
  }

  /**
   * Measures and prints.
   *
   * @throws BedException if a single creation or review failed
   */
  public void run() {
    try (var client = client()) {
      var metrics = new WebhookMetrics(client);
      var controlPlane = controlPlane(client);
      var before = metrics.durations();
      measure(
          "creations",
          new SteadyLoad(CREATIONS_PER_SECOND),
          metrics,
          () -> client.resource(controlPlane).dryRun().create());
      var reviews = metrics.durations().minus(before);
      System.out.printf(
          "%d reviews as the API server saw them, warming up included: p50 within %s, p99 within"
              + " %s%n",
          reviews.count(), reviews.quantile(0.5), reviews.quantile(0.99));
      var created = client.resource(controlPlane).dryRun().create();
      try (var straight = StraightReviews.open(client, SECRET, created)) {
        measure(
            "reviews past the API server", new SteadyLoad(REVIEWS_PER_SECOND), metrics, straight);
      }
    }
  }

  private void measure(String what, SteadyLoad load, WebhookMetrics metrics, Callable<?> question) {
    try (var events = Executors.newScheduledThreadPool(1)) {
      progress.say("warming up for %d s".formatted(WARM_UP.toSeconds()));
      load.run(WARM_UP, question);
      var pods = metrics.pods();
      var survivor = pods.getLast();
      var reloads = metrics.reloads(survivor);
      var memory = metrics.memory();
      progress.say("measuring %s for %d s".formatted(what, LENGTH.toSeconds()));
      var renewal = events.schedule(this::renew, RENEWAL.toSeconds(), TimeUnit.SECONDS);
      var deletion =
          events.schedule(() -> delete(pods.getFirst()), DELETION.toSeconds(), TimeUnit.SECONDS);
      var result = load.run(LENGTH, question);
      requireDone(renewal);
      requireDone(deletion);
      if (metrics.reloads(survivor) == reloads) {
        throw new BedException(survivor + " has not loaded the renewed certificate");
      }
      System.out.printf(
          "%d %s, %d failed; p50 %d ms, p99 %d ms, longest %d ms%n",
          result.latencies().size() + result.failures().size(),
          what,
          result.failures().size(),
          result.quantile(0.5).toMillis(),
          result.quantile(0.99).toMillis(),
          result.quantile(1).toMillis());
      System.out.printf(
          "memory of %s: %d MiB before, %d MiB after%n",
          survivor, memory.get(survivor), metrics.memory().get(survivor));
      if (!result.failures().isEmpty()) {
        throw new BedException(
            "%d %s failed, for example %s"
                .formatted(
                    result.failures().size(),
                    what,
                    String.join("\n", result.failures().stream().limit(5).toList())));
      }
    }
  }

  /** One that does not ask again by itself: a failure is to be seen. */
  private KubernetesClient client() {
    var config = Kubeconfig.parse(read(bed.node().adminKubeconfig()));
    return new KubernetesClientBuilder()
        .withConfig(new ConfigBuilder(config).withRequestRetryBackoffLimit(0).build())
        .build();
  }

  private GenericKubernetesResource controlPlane(KubernetesClient client) {
    var controlPlane =
        client.load(stream()).items().stream()
            .filter(item -> item.getKind().equals(HostedControlPlane.KIND))
            .map(GenericKubernetesResource.class::cast)
            .findFirst()
            .orElseThrow(() -> new BedException(sample + " has no HostedControlPlane"));
    controlPlane.setMetadata(
        new ObjectMetaBuilder().withGenerateName("bench-").withNamespace(NAMESPACE).build());
    return controlPlane;
  }

  private void renew() {
    var before = certificate();
    new Certificates(bed).renew(Provider.NAMESPACE, CERTIFICATE);
    Wait.until("the certificate is renewed", DEADLINE, () -> !certificate().equals(before));
    progress.say("the serving certificate is renewed");
  }

  private String certificate() {
    return bed.kubectl("get", "secret", SECRET, "--namespace", Provider.NAMESPACE)
        .with("--output=jsonpath={.data.tls\\.crt}")
        .output();
  }

  private void delete(String pod) {
    bed.kubectl("delete", "pod", pod, "--namespace", Provider.NAMESPACE).within(DEADLINE).check();
    progress.say("%s is gone".formatted(pod));
  }

  private static void requireDone(Future<?> event) {
    try {
      event.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new BedException("what was to be endured did not happen: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BedException("interrupted while measuring", e);
    }
  }

  private InputStream stream() {
    return new ByteArrayInputStream(read(sample).getBytes(StandardCharsets.UTF_8));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(file, e.getMessage()), e);
    }
  }
}
