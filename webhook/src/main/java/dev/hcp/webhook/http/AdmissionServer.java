package dev.hcp.webhook.http;

import dev.hcp.webhook.admission.MalformedReviewException;
import dev.hcp.webhook.admission.Reviewer;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTPS server that the API server calls. */
public final class AdmissionServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdmissionServer.class);
  private static final String JSON = "application/json";

  /** The API server keeps idle connections for 90 s; ending them first would race its next call. */
  private static final Duration IDLE_CONNECTION = Duration.ofMinutes(2);

  private static final int MAX_CONNECTIONS = 1000;

  /** Only suites with forward secrecy and authenticated encryption; TLS 1.3 has no others. */
  private static final String[] CIPHER_SUITES = {
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"
  };

  private final Limits limits;
  private final KubernetesSerialization serialization;
  private final MeterRegistry registry;
  private final BodyReader bodies;
  private final Javalin javalin;
  private volatile boolean ending;

  private AdmissionServer(
      int port,
      SSLContext tls,
      List<Reviewer> reviewers,
      Limits limits,
      KubernetesSerialization serialization,
      MeterRegistry registry) {
    this.limits = limits;
    this.serialization = serialization;
    this.registry = registry;
    this.bodies = new BodyReader(limits);
    this.javalin =
        Javalin.create(config -> {
          configureServer(config, port, tls);
          reviewers.forEach(reviewer ->
              config.routes.post(reviewer.path(), context -> review(context, reviewer)));
          answerErrors(config);
          config.routes.after(context -> {
            if (ending) {
              context.header("Connection", "close");
            }
          });
        });
  }

  /**
   * Starts to listen.
   *
   * @param port the port; 0 takes a free one
   */
  public static AdmissionServer start(
      int port,
      SSLContext tls,
      List<Reviewer> reviewers,
      Limits limits,
      KubernetesSerialization serialization,
      MeterRegistry registry) {
    var server = new AdmissionServer(port, tls, reviewers, limits, serialization, registry);
    server.javalin.start();
    LOG.atInfo().addKeyValue("port", server.port()).log("Serving admission");
    return server;
  }

  /** The port that is listened on. */
  public int port() {
    return javalin.port();
  }

  /**
   * Goes on serving, but has each client open a new connection for its next request: an API server
   * uses a connection for as long as it can, whatever endpoints the Service has by now, and does
   * not repeat a review that the end of its connection cut off.
   */
  public void endConnections() {
    ending = true;
  }

  /** Takes no new requests and waits for those under way. */
  @Override
  public void close() {
    javalin.stop();
  }

  private void review(Context context, Reviewer reviewer) throws Exception {
    bodies.read(context, body -> context.contentType(JSON).result(reviewer.review(body)));
  }

  private void answerErrors(JavalinConfig config) {
    config.routes.exception(
        MalformedReviewException.class,
        (refused, context) -> fail(context, Failure.of(400, refused)));
    config.routes.exception(
        RefusedRequestException.class,
        (refused, context) -> {
          if (refused.status() == 503) {
            context.header("Retry-After", "1");
          } else {
            // What is left of the body is not worth reading.
            context.header("Connection", "close");
          }
          fail(context, Failure.of(refused.status(), refused));
        });
    config.routes.exception(
        HttpResponseException.class,
        (refused, context) -> {
          if (refused.getStatus() == 405) {
            context.header("Allow", "POST");
          }
          fail(context, Failure.of(refused.getStatus(), refused));
        });
    config.routes.exception(Exception.class, this::failInternally);
  }

  private void failInternally(Exception error, Context context) {
    var id = UUID.randomUUID().toString();
    LOG.atError().addKeyValue("errorId", id).setCause(error).log("{} failed", context.path());
    fail(context, new Failure(500, "internal error %s, see the webhook's log".formatted(id)));
  }

  private void fail(Context context, Failure failure) {
    Counter.builder("hcp.webhook.http.errors")
        .description("Requests that were answered by an HTTP error")
        .tag("code", Integer.toString(failure.code()))
        .register(registry)
        .increment();
    context.status(failure.code()).contentType(JSON).result(failure.toJson(serialization));
  }

  private void configureServer(JavalinConfig config, int port, SSLContext tls) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.concurrency.useVirtualThreads = true;
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.http.prefer405over404 = true;
    config.jetty.modifyServer(server -> {
      server.setStopTimeout(limits.drain().toMillis());
      server.insertHandler(new GracefulHandler());
      server.setErrorHandler(terse());
      server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, server));
    });
    config.jetty.addConnector((server, http) -> connector(server, http, port, tls));
  }

  private Connector connector(Server server, HttpConfiguration http, int port, SSLContext tls) {
    http.setSendServerVersion(false);
    http.setSendDateHeader(false);
    http.setIdleTimeout(limits.patience().toMillis());
    // The API server is told a service name; there is only one identity to show anyway.
    http.addCustomizer(new SecureRequestCustomizer(false));

    var context = new SslContextFactory.Server();
    context.setSslContext(tls);
    context.setIncludeProtocols("TLSv1.3", "TLSv1.2");
    context.setExcludeProtocols();
    context.setExcludeCipherSuites();
    context.setIncludeCipherSuites(CIPHER_SUITES);
    context.setUseCipherSuitesOrder(false);

    var connector =
        new ServerConnector(
            server, new SslConnectionFactory(context, "http/1.1"), new HttpConnectionFactory(http));
    connector.setPort(port);
    connector.setIdleTimeout(IDLE_CONNECTION.toMillis());
    return connector;
  }

  /** For what never becomes a request of ours, such as bytes that are no HTTP. */
  private static ErrorHandler terse() {
    var handler = new ErrorHandler();
    handler.setShowStacks(false);
    handler.setShowCauses(false);
    handler.setShowOrigin(false);
    handler.setDefaultResponseMimeType("text/plain");
    return handler;
  }
}
