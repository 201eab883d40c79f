package dev.hcp.e2e.bench;

import dev.hcp.e2e.Bed;
import dev.hcp.e2e.BedException;
import dev.hcp.e2e.Progress;
import dev.hcp.e2e.cluster.AddOns;
import dev.hcp.e2e.process.Wait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Alternates the two ways to a hosted control plane and prints the median of each and their ratio.
 * Both start from an empty namespace and end when {@code /readyz} answers through the Gateway.
 */
public final class Benchmark {
  private static final int ROUNDS = 3;
  private static final Duration DEADLINE = Duration.ofMinutes(5);
  private static final String SAMPLE_NAMESPACE = "clusters";
  private static final String NAMESPACE = "bench";
  private static final String CLUSTER = "demo";

  private final Bed bed;
  private final Path sample;
  private final Progress progress;

  /**
   * @param bed where to measure; nothing else should happen on it
   * @param samples the folder with the sample cluster
   * @param progress told about each round
   */
  public Benchmark(Bed bed, Path samples, Progress progress) {
    this.bed = bed;
    this.sample = samples.resolve("cluster.yaml");
    this.progress = progress;
  }

  /** Measures and prints. */
  public void run() {
    var manifest = manifest();
    var product = new ArrayList<Duration>();
    var byHand = new ArrayList<Duration>();
    clear();
    // Not counted: the first control plane of a bed finds nothing in any cache.
    measure("warming up", manifest);
    clear();
    for (int round = 1; round <= ROUNDS; round++) {
      product.add(measure("round %d, by the controller".formatted(round), manifest));
      requireVerifiedAnswer();
      var objects = FinalObjects.from(everything());
      clear();
      createNamespace();
      byHand.add(measure("round %d, all final objects by hand".formatted(round), objects));
      clear();
    }
    var ratio = (double) median(product).toMillis() / median(byHand).toMillis();
    System.out.printf(
        "from apply to /readyz through the Gateway, median of %d: controller %.1f s, by hand %.1f s, ratio %.2f%n",
        ROUNDS, seconds(median(product)), seconds(median(byHand)), ratio);
  }

  private Duration measure(String what, String manifest) {
    var start = Instant.now();
    bed.kubectl("apply", "--server-side", "--force-conflicts", "--filename=-")
        .input(manifest)
        .log(bed.folder().log("bench"))
        .check();
    new ReadyProbe("%s.%s.%s".formatted(CLUSTER, NAMESPACE, AddOns.DOMAIN))
        .waitUntilReady(DEADLINE);
    var took = Duration.between(start, Instant.now());
    progress.say("%s: %.1f s".formatted(what, seconds(took)));
    return took;
  }

  /** The probe trusts anyone; this does not. */
  private void requireVerifiedAnswer() {
    Wait.until(
        "the API server answers to its own kubeconfig",
        DEADLINE,
        () -> bed.findKubeconfig(NAMESPACE, CLUSTER).isPresent());
    try (var client = bed.client(NAMESPACE, CLUSTER)) {
      if (!"ok".equals(client.raw("/readyz"))) {
        throw new BedException(
            "the hosted cluster's /readyz does not say ok to its own kubeconfig");
      }
    }
  }

  private String everything() {
    var kinds =
        bed.kubectl("api-resources", "--namespaced", "--verbs=list,create", "-o", "name")
            .output()
            .lines()
            .filter(kind -> !kind.contains("metrics.k8s.io"))
            .collect(Collectors.joining(","));
    return bed.kubectl("get", kinds, "-n", NAMESPACE, "-o", "json", "--show-managed-fields")
        .output();
  }

  private void createNamespace() {
    bed.kubectl("create", "namespace", NAMESPACE).check();
  }

  /**
   * Back to nothing, in the order that a user would take: the controller cleans up, then the
   * namespace goes.
   */
  private void clear() {
    bed.kubectl(
            "delete", "clusters.cluster.x-k8s.io", "--all", "-n", NAMESPACE, "--ignore-not-found")
        .within(DEADLINE)
        .log(bed.folder().log("bench"))
        .check();
    bed.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")
        .within(DEADLINE)
        .log(bed.folder().log("bench"))
        .check();
  }

  private String manifest() {
    try {
      return Files.readString(sample)
          .replace("namespace: " + SAMPLE_NAMESPACE, "namespace: " + NAMESPACE)
          .replace("name: " + SAMPLE_NAMESPACE, "name: " + NAMESPACE);
    } catch (IOException e) {
      throw new BedException("cannot read %s: %s".formatted(sample, e.getMessage()), e);
    }
  }

  private static Duration median(List<Duration> durations) {
    return durations.stream().sorted().toList().get(durations.size() / 2);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
