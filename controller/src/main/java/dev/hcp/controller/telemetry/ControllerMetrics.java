package dev.hcp.controller.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The controller's own meters, all named {@code hcp_…}. Labels are bounded by the number of kinds
 * and control planes; nothing else that a user chooses becomes a label.
 */
public final class ControllerMetrics {
  /** How a pass ended. */
  public enum PassResult {
    /** Without an error. */
    SUCCESS,
    /** With an exception; it is tried again. */
    ERROR
  }

  /** Whose API server is asked. */
  public enum Api {
    /** That of the management cluster. */
    MANAGEMENT,
    /** That of a hosted cluster. */
    HOSTED
  }

  /** What became of the wish to apply an object. */
  public enum ApplyResult {
    /** Nothing to do and nothing sent. */
    UNCHANGED,
    /** Sent, and the object changed. */
    CHANGED,
    /** Sent, and the object did not change: the comparison missed that it was up to date. */
    NEEDLESS,
    /** Refused, or not answered. */
    FAILED
  }

  /** How a look at a hosted cluster ended. */
  public enum LookResult {
    /** All that is wanted is there, and works. */
    SUCCESS,
    /** Something is not as wanted yet. */
    INCOMPLETE,
    /** Something could not be written. */
    ERROR,
    /** The hosted cluster did not answer. */
    UNREACHABLE
  }

  /** What became of a request for a serving certificate. */
  public enum ServingRequestResult {
    /** Approved. */
    APPROVED,
    /** Not approved: left to people. */
    LEFT
  }

  /** What became of an event. */
  public enum EventResult {
    /** Written. */
    SENT,
    /** Left out because the same was written a short time ago. */
    REPEATED,
    /** Left out because too many were waiting. */
    DROPPED,
    /** Refused, or not answered. */
    FAILED
  }

  /** Meters of something that may go away. */
  @FunctionalInterface
  public interface Registration {
    /** Withdraws them. */
    void remove();
  }

  private final MeterRegistry registry;

  /** Registers the meters as they are first used. */
  public ControllerMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Counts a pass over one control plane and its duration. */
  public void pass(PassResult result, Duration duration) {
    Timer.builder("hcp.reconcile")
        .description("Passes over control planes")
        .tag("result", label(result))
        .register(registry)
        .record(duration);
  }

  /**
   * Counts a step of a pass and its duration.
   *
   * @param step type of the condition that tells of it
   */
  public void step(String step, PassResult result, Duration duration) {
    Timer.builder("hcp.reconcile.step")
        .description("Steps of passes, by the condition that tells of them")
        .tags(Tags.of("step", step, "result", label(result)))
        .register(registry)
        .record(duration);
  }

  /**
   * Counts a request that an API server answered.
   *
   * @param resource plural and group, one of those that are asked for
   * @param code HTTP status
   */
  public void request(Api api, String verb, String resource, String code) {
    Counter.builder("hcp.kubernetes.requests")
        .description(
            "Requests that API servers of the management cluster and of hosted clusters answered")
        .tags(Tags.of("api", label(api), "verb", verb, "resource", resource, "code", code))
        .register(registry)
        .increment();
  }

  /** Counts an apply of an object of a kind. */
  public void applied(String kind, ApplyResult result) {
    Counter.builder("hcp.applies")
        .description("Objects compared with what is wanted, and applied if they differ")
        .tags(Tags.of("kind", kind, "result", label(result)))
        .register(registry)
        .increment();
  }

  /** Counts an apply of an object of a kind inside a hosted cluster. */
  public void appliedInHostedCluster(String kind, ApplyResult result) {
    Counter.builder("hcp.workload.applies")
        .description(
            "Objects of hosted clusters compared with what is wanted, and applied if they differ")
        .tags(Tags.of("kind", kind, "result", label(result)))
        .register(registry)
        .increment();
  }

  /** Counts a look at a hosted cluster and its duration. */
  public void look(LookResult result, Duration duration) {
    Timer.builder("hcp.workload.looks")
        .description("Looks at hosted clusters, in which what is wrong is put right")
        .tag("result", label(result))
        .register(registry)
        .record(duration);
  }

  /** Counts a request of a node for a serving certificate, once for each verdict. */
  public void servingRequest(ServingRequestResult result) {
    Counter.builder("hcp.kubelet.serving.requests")
        .description("Requests of nodes for serving certificates")
        .tag("result", label(result))
        .register(registry)
        .increment();
  }

  /**
   * Counts an object of a hosted cluster that was to be written again.
   *
   * @param result what became of it; one of a closed set
   */
  public void rewritten(Enum<?> result) {
    Counter.builder("hcp.rewritten.objects")
        .description(
            "Objects of hosted clusters that were written again, to be encrypted by another key")
        .tag("result", label(result))
        .register(registry)
        .increment();
  }

  /** Counts an event. */
  public void event(EventResult result) {
    Counter.builder("hcp.events")
        .description("Events about control planes")
        .tag("result", label(result))
        .register(registry)
        .increment();
  }

  /** Counts a question to an API server whether it is ready. */
  public void probe(boolean ready) {
    Counter.builder("hcp.endpoint.probes")
        .description("Questions to hosted API servers whether they are ready")
        .tag("result", ready ? "ready" : "not_ready")
        .register(registry)
        .increment();
  }

  /**
   * Counts an attempt to make a backup and its duration.
   *
   * @param result {@code success}, or what kind of failure; one of a closed set
   */
  public void backup(String result, Duration duration) {
    Timer.builder("hcp.backup")
        .description("Attempts to make a backup of etcd, or to look which there are")
        .tag("result", result)
        .register(registry)
        .record(duration);
  }

  /**
   * Publishes numbers about the backups of a control plane.
   *
   * @param age seconds since the last one that succeeded was begun
   * @param size bytes of the last one
   */
  public Registration backups(
      String namespace, String name, Supplier<Number> age, Supplier<Number> size) {
    var tags = Tags.of("namespace", namespace, "name", name);
    var ageGauge =
        Gauge.builder("hcp.backup.age", age)
            .description("Time since the last successful backup of etcd was begun")
            .baseUnit("seconds")
            .tags(tags)
            .register(registry);
    var sizeGauge =
        Gauge.builder("hcp.backup.size", size)
            .description("Size of the last backup of etcd")
            .baseUnit("bytes")
            .tags(tags)
            .register(registry);
    return registration(ageGauge, sizeGauge);
  }

  /**
   * Counts an attempt to restore a backup for a test and its duration.
   *
   * @param result {@code success}, or what kind of failure; one of a closed set
   */
  public void restoreDrill(String result, Duration duration) {
    Timer.builder("hcp.backup.restore.drill")
        .description("Attempts to restore a backup of etcd for a test")
        .tag("result", result)
        .register(registry)
        .record(duration);
  }

  /**
   * Publishes numbers about the restore drills of a control plane.
   *
   * @param lastSuccess when the last one was begun that succeeded, in seconds since 1970
   * @param duration seconds that it took to restore the backup
   */
  public Registration restoreDrills(
      String namespace, String name, Supplier<Number> lastSuccess, Supplier<Number> duration) {
    var tags = Tags.of("namespace", namespace, "name", name);
    var lastSuccessGauge =
        Gauge.builder("hcp.backup.restore.drill.last.success.timestamp", lastSuccess)
            .description("When the last restore drill was begun that succeeded, Unix time")
            .baseUnit("seconds")
            .tags(tags)
            .register(registry);
    var durationGauge =
        Gauge.builder("hcp.backup.restore.drill.duration", duration)
            .description("Time that it took to restore the newest backup, if it could be")
            .baseUnit("seconds")
            .tags(tags)
            .register(registry);
    return registration(lastSuccessGauge, durationGauge);
  }

  private Registration registration(Gauge... gauges) {
    return () -> {
      for (var gauge : gauges) {
        registry.remove(gauge.getId());
      }
    };
  }

  /** Publishes a number that is read when somebody asks. */
  public void gauge(String name, String description, Supplier<Number> value) {
    Gauge.builder(name, value).description(description).register(registry);
  }

  /** Publishes a number of one kind of object. */
  public void gauge(String name, String description, String kind, Supplier<Number> value) {
    Gauge.builder(name, value).description(description).tag("kind", kind).register(registry);
  }

  private static String label(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
