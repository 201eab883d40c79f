package dev.hcp.process;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.logging.LogbackMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.MultiCollector;
import java.io.IOException;
import java.util.Map;

/** Serves {@code /metrics} in Prometheus' text format: JVM, process, build and own meters. */
public final class MetricsServer implements AutoCloseable {
  private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry;
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final LogbackMetrics log = new LogbackMetrics();
  private final HttpEndpoint endpoint;

  /**
   * Starts to listen. Logging must be set up before, since log records are counted.
   *
   * @param port the port; 0 takes a free one
   */
  public MetricsServer(int port, BuildInfo build) throws IOException {
    this.registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    gc.bindTo(registry);
    log.bindTo(registry);
    Gauge.builder("hcp.build.info", () -> 1)
        .description("Always 1; the labels tell what is running")
        .tag("version", build.version())
        .tag("revision", build.revision())
        .tag("java", Runtime.version().toString())
        .register(registry);
    this.endpoint =
        HttpEndpoint.start(
            "metrics",
            port,
            Map.of(
                "/metrics",
                _ -> new HttpEndpoint.Answer(200, TEXT_FORMAT, registry.scrape(TEXT_FORMAT))));
  }

  /** Where the process registers its own meters. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /** Exports also what is collected anew for each scrape, for what there is much of. */
  public void export(MultiCollector collector) {
    registry.getPrometheusRegistry().register(collector);
  }

  /** The port that is listened on. */
  public int port() {
    return endpoint.port();
  }

  @Override
  public void close() {
    endpoint.close();
    gc.close();
    log.close();
    registry.close();
  }
}
