package dev.hcp.controller.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What many control planes cost the controller, by {@code make bench-fleet}: while they are
 * created, and at rest. Of few it only shows that at rest nothing is asked of the management
 * cluster.
 */
class FleetIT {
  private static final List<Integer> SIZES =
      Stream.of(System.getProperty("fleet.sizes", "4").split(",", -1))
          .map(Integer::valueOf)
          .toList();
  private static final Duration AT_REST =
      Duration.ofSeconds(Integer.getInteger("fleet.seconds", 15));

  private static final Duration FOR_EACH = Duration.ofSeconds(5);
  private static final Duration AT_LEAST = Duration.ofMinutes(2);
  private static final Duration REST = Duration.ofSeconds(10);
  private static final Duration LONGEST_TO_REST = Duration.ofMinutes(5);
  private static final Duration SAMPLE = Duration.ofSeconds(5);
  private static final long MEBIBYTE = 1024 * 1024;
  private static final String REQUESTS = "hcp_kubernetes_requests_total";

  @TempDir private Path directory;

  private final List<String> table = new ArrayList<>();

  @Test
  void manyControlPlanesComeUpAndRest() throws Exception {
    table.add(
        "%5s %9s %9s %9s %9s %9s %9s %9s %9s %9s"
            .formatted(
                "N",
                "ready s",
                "s each",
                "change s",
                "writes",
                "MiB",
                "cores",
                "reads/m",
                "hosted/m",
                "etcd/m"));
    try (var fleet = Fleet.start(directory);
        var rights = fleet.management().controllerClient();
        var controller = ControllerProcess.start(rights.getConfiguration(), directory)) {
      int before = 0;
      for (int size : SIZES) {
        try {
          measure(fleet, controller, before, size);
        } finally {
          assertThat(controller.isAlive()).as(() -> lastWords(controller)).isTrue();
        }
        before = size;
      }
    } finally {
      table.forEach(System.out::println);
    }
  }

  private void measure(Fleet fleet, ControllerProcess controller, int before, int size)
      throws InterruptedException, ExecutionException {
    var writes = requests(controller);
    long start = System.nanoTime();
    var changes =
        before == 0
            ? CompletableFuture.completedFuture(0.0)
            : CompletableFuture.supplyAsync(() -> slowestChange(fleet));
    fleet.grow(size);
    await("all %d are ready".formatted(size))
        .atMost(AT_LEAST.plus(FOR_EACH.multipliedBy(size - before)))
        .pollInterval(Duration.ofMillis(250))
        .untilAsserted(
            () -> assertThat(fleet.ready()).as(() -> fleet.troubles().toString()).isEqualTo(size));
    double ready = seconds(start);
    double change = changes.get();
    long written = total(since(requests(controller), writes), FleetIT::isWrite);
    awaitRest(controller);

    var requests = requests(controller);
    double looks = looks(controller);
    var time = controller.processorTime();
    long begin = System.nanoTime();
    long memory = 0;
    while (Duration.ofNanos(System.nanoTime() - begin).compareTo(AT_REST) < 0) {
      memory = Math.max(memory, controller.memory());
      Thread.sleep(Math.min(SAMPLE.toMillis(), AT_REST.toMillis()));
    }
    double minutes = seconds(begin) / 60;
    double cores = controller.processorTime().minus(time).toMillis() / 60_000.0 / minutes;
    var made = since(requests(controller), requests);
    table.add(
        String.format(
            Locale.ROOT,
            "%5d %9.1f %9.2f %9.2f %9d %9d %9.3f %9.1f %9.1f %9.1f",
            size,
            ready,
            ready / (size - before),
            change,
            written / (size - before),
            memory / MEBIBYTE,
            cores,
            total(made, FleetIT::isRead) / minutes,
            total(made, FleetIT::isHosted) / minutes,
            (looks(controller) - looks) / minutes));
    System.out.println(table.getLast());
    assertThat(made.keySet().stream().filter(key -> isWrite(key) || isRead(key)))
        .as("asked of the management cluster at rest")
        .isEmpty();
  }

  /** How long it took at most until a change of one control plane was served, of three changes. */
  private static double slowestChange(Fleet fleet) {
    double slowest = 0;
    for (int replicas : List.of(3, 2, 3, 2)) {
      long start = System.nanoTime();
      var _ =
          fleet
              .client()
              .genericKubernetesResources(
                  "controlplane.cluster.x-k8s.io/v1alpha1", "HostedControlPlane")
              .inNamespace(Fleet.namespace(0))
              .withName("c")
              .patch(
                  PatchContext.of(PatchType.JSON_MERGE),
                  "{\"spec\": {\"replicas\": %d}}".formatted(replicas));
      await("the change is served")
          .atMost(AT_LEAST)
          .pollInterval(Duration.ofMillis(20))
          .until(() ->
              fleet
                      .client()
                      .apps()
                      .deployments()
                      .inNamespace(Fleet.namespace(0))
                      .withName("c-api-server")
                      .get()
                      .getSpec()
                      .getReplicas()
                  == replicas);
      slowest = Math.max(slowest, seconds(start));
    }
    return slowest;
  }

  /** Waits until nothing was asked of the management cluster for a while. */
  private static void awaitRest(ControllerProcess controller) {
    var last = new TreeMap<String, Double>();
    await("the controller rests")
        .atMost(LONGEST_TO_REST)
        .pollInterval(REST)
        .untilAsserted(() -> {
          var now = requests(controller);
          now.keySet().removeIf(key -> !isWrite(key) && !isRead(key));
          var made = since(now, last);
          last.clear();
          last.putAll(now);
          assertThat(made).isEmpty();
        });
  }

  private static Map<String, Double> requests(ControllerProcess controller) {
    return controller.metrics().entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(REQUESTS))
        .filter(entry -> !entry.getKey().contains("resource=\"leases"))
        .collect(
            Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, _) -> a, TreeMap::new));
  }

  private static Map<String, Double> since(Map<String, Double> now, Map<String, Double> before) {
    var made = new TreeMap<String, Double>();
    now.forEach((key, count) -> {
      double more = count - before.getOrDefault(key, 0.0);
      if (more > 0) {
        made.put(key, more);
      }
    });
    return made;
  }

  private static long total(Map<String, Double> requests, Predicate<String> which) {
    return (long)
        requests.entrySet().stream()
            .filter(entry -> which.test(entry.getKey()))
            .mapToDouble(Map.Entry::getValue)
            .sum();
  }

  private static boolean isHosted(String key) {
    return key.contains("api=\"hosted\"");
  }

  private static boolean isRead(String key) {
    return !isHosted(key) && (key.contains("verb=\"get\"") || key.contains("verb=\"list\""));
  }

  private static boolean isWrite(String key) {
    return !isHosted(key) && !isRead(key) && !key.contains("verb=\"watch\"");
  }

  private static double looks(ControllerProcess controller) {
    return controller.sum("hcp_etcd_looks_seconds_count", _ -> true);
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static String lastWords(ControllerProcess controller) {
    try {
      var lines = Files.readAllLines(controller.log());
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
