package dev.hcp.controller.fleet;

import dev.hcp.controller.Main;
import dev.hcp.controller.testing.ImageFlags;
import dev.hcp.controller.testing.ManagementApiServer;
import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.spi.InetAddressResolverProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** The controller, started as its image starts it, with the rights that it is shipped with. */
final class ControllerProcess implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(20);
  private static final double TICKS_PER_SECOND = 100;

  /** The memory of the controller's container, which the runtime goes by. */
  private static final String MEMORY = "-XX:MaxRAM=1g";

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final Path log;
  private final int metricsPort;

  private ControllerProcess(Process process, Path log, int metricsPort) {
    this.process = process;
    this.log = log;
    this.metricsPort = metricsPort;
  }

  /**
   * Starts it, and waits until it works.
   *
   * @param management as whom it reaches the management cluster
   * @param directory where it may write
   */
  static ControllerProcess start(Config management, Path directory) throws IOException {
    var services = Files.createDirectories(directory.resolve("classes/META-INF/services"));
    Files.writeString(
        services.resolve(InetAddressResolverProvider.class.getName()),
        LoopbackNames.class.getName());
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ImageFlags.read());
    command.add(MEMORY);
    command.add("-D%s=%s".formatted(LoopbackNames.PROPERTY, LoopbackNames.NETWORK));
    command.add("-cp");
    command.add(
        "%s:%s".formatted(directory.resolve("classes"), System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    var log = directory.resolve("controller.log");
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    int metricsPort = ManagementApiServer.freePort();
    int healthPort = ManagementApiServer.freePort();
    builder
        .environment()
        .putAll(
            Map.of(
                "KUBECONFIG",
                kubeconfig(management, directory).toString(),
                "CONTROLLER_NAMESPACE",
                ManagementApiServer.NAMESPACE,
                "MANAGEMENT_TOKEN_ISSUER",
                "none",
                // Alone: on a busy machine it must not end because of a Lease.
                "LEADER_ELECTION",
                "false",
                "METRICS_SECURE",
                "false",
                "METRICS_PORT",
                String.valueOf(metricsPort),
                "HEALTH_PORT",
                String.valueOf(healthPort)));
    var controller = new ControllerProcess(builder.start(), log, metricsPort);
    try {
      Awaitility.await("the controller works, see " + log)
          .atMost(START)
          .pollInterval(Duration.ofMillis(100))
          .ignoreExceptions()
          .failFast("it ended, see " + log, () -> !controller.process.isAlive())
          .until(() -> controller.get(healthPort, "/readyz").statusCode() == 200);
    } catch (RuntimeException e) {
      controller.close();
      throw e;
    }
    return controller;
  }

  private static Path kubeconfig(Config management, Path directory) throws IOException {
    return Files.writeString(
        directory.resolve("kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: a, cluster: {server: "%s", certificate-authority: "%s"}}]
        users: [{name: a, user: {token: "%s", as: "%s", as-groups: ["%s"]}}]
        contexts: [{name: a, context: {cluster: a, user: a}}]
        current-context: a
        """
            .formatted(
                management.getMasterUrl(),
                management.getCaCertFile(),
                management.getOauthToken(),
                management.getImpersonateUsername(),
                String.join("\", \"", management.getImpersonateGroups())));
  }

  /** What it has logged. */
  Path log() {
    return log;
  }

  /** Bytes of memory that it has. */
  long memory() {
    return kibibytes("VmRSS:");
  }

  /** The most bytes of memory that it ever had. */
  long peakMemory() {
    return kibibytes("VmHWM:");
  }

  private long kibibytes(String what) {
    try (var lines = Files.lines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
      return lines
              .filter(line -> line.startsWith(what))
              .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
              .findFirst()
              .orElseThrow()
          * 1024;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Time of processors that it has used. */
  Duration processorTime() {
    try {
      var fields =
          Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"))
              .replaceAll("^.*\\) ", "")
              .split(" ", -1);
      double ticks = Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
      return Duration.ofMillis((long) (ticks * 1000 / TICKS_PER_SECOND));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sum of a metric over the series whose labels fit. */
  double sum(String metric, Predicate<String> labels) {
    return metrics().entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(metric + "{") || entry.getKey().equals(metric))
        .filter(entry -> labels.test(entry.getKey()))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  /** All metrics, by name and labels. */
  Map<String, Double> metrics() {
    try {
      var series = new TreeMap<String, Double>();
      get(metricsPort, "/metrics")
          .body()
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(line -> {
            int space = line.lastIndexOf(' ');
            series.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
          });
      return series;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private HttpResponse<String> get(int port, String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d%s".formatted(port, path)))
            .timeout(ANSWER)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Whether it has not ended. */
  boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    http.close();
    process.destroy();
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
