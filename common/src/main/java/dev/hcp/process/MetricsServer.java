package dev.hcp.process;

import dev.hcp.access.Call;
import dev.hcp.access.Gatekeeper;
import dev.hcp.access.Verdict;
import dev.hcp.process.HttpEndpoint.Answer;
import dev.hcp.process.HttpEndpoint.Request;
import dev.hcp.process.HttpEndpoint.Route;
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
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Serves {@code /metrics} in Prometheus' text format: JVM, process, build and own meters; and
 * {@code /log-levels} to those who may, by which log levels are changed. Begins to collect when it
 * is made, and to serve when it is told how.
 */
public final class MetricsServer implements AutoCloseable {
  /** What is served. */
  public static final String PATH = "/metrics";

  private static final Call SCRAPE =
      new Call("get", PATH, "capi-hosted-control-plane-metrics-reader");
  private static final String LOG_LEVELS_ROLE = "capi-hosted-control-plane-log-levels";
  private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry;
  private final JvmGcMetrics gc = new JvmGcMetrics();
  private final LogbackMetrics log = new LogbackMetrics();
  private final LogLevels logLevels = new LogLevels(InstantSource.system());
  private volatile @Nullable HttpEndpoint endpoint;

  /** Starts to collect. Logging must be set up before, since log records are counted. */
  public MetricsServer(BuildInfo build) {
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
  }

  /**
   * Serves metrics to everybody, over plain HTTP.
   *
   * @param port the port; 0 takes a free one
   */
  public void servePlain(int port) throws IOException {
    endpoint =
        HttpEndpoint.start(
            "metrics", port, Optional.empty(), Map.of(PATH, Route.get(_ -> scrape())));
  }

  /**
   * Serves those who may, over HTTPS.
   *
   * @param port the port; 0 takes a free one
   * @param tls the identity of this server
   * @param gatekeeper says who may
   */
  public void serve(int port, SSLContext tls, Gatekeeper gatekeeper) throws IOException {
    endpoint =
        HttpEndpoint.start(
            "metrics",
            port,
            Optional.of(tls),
            Map.of(
                PATH,
                Route.get(request -> answer(request, gatekeeper, SCRAPE, _ -> scrape())),
                LogLevels.PATH,
                Route.getAndPut(request -> logLevels(request, gatekeeper))));
  }

  private Answer logLevels(Request request, Gatekeeper gatekeeper) {
    var call =
        new Call(request.method().equals("PUT") ? "put" : "get", LogLevels.PATH, LOG_LEVELS_ROLE);
    return answer(
        request,
        gatekeeper,
        call,
        user -> call.verb().equals("put") ? logLevels.change(request, user) : logLevels.show());
  }

  private static Answer answer(
      Request request, Gatekeeper gatekeeper, Call call, Function<String, Answer> served) {
    return switch (gatekeeper.check(request.header("Authorization"), call)) {
      case Verdict.Allowed(var user) -> served.apply(user);
      case Verdict.Unauthenticated(var why) ->
          Answer.plain(401, why + "\n").with("WWW-Authenticate", "Bearer realm=\"metrics\"");
      case Verdict.Forbidden(var why) -> Answer.plain(403, why + "\n");
      case Verdict.Unknown(var why, _) -> Answer.plain(503, why + "\n");
    };
  }

  private Answer scrape() {
    return new Answer(200, TEXT_FORMAT, registry.scrape(TEXT_FORMAT));
  }

  /** Where the process registers its own meters. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /** Exports also what is collected anew for each scrape, for what there is much of. */
  public void export(MultiCollector collector) {
    registry.getPrometheusRegistry().register(collector);
  }

  /**
   * The port that is listened on.
   *
   * @throws IllegalStateException if nothing is served yet
   */
  public int port() {
    var serving = endpoint;
    if (serving == null) {
      throw new IllegalStateException("metrics are not served yet");
    }
    return serving.port();
  }

  @Override
  public void close() {
    var serving = endpoint;
    if (serving != null) {
      serving.close();
    }
    logLevels.close();
    gc.close();
    log.close();
    registry.close();
  }
}
