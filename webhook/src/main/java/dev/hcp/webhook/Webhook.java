package dev.hcp.webhook;

import dev.hcp.access.Gatekeeper;
import dev.hcp.process.BuildInfo;
import dev.hcp.process.HealthServer;
import dev.hcp.process.MetricsServer;
import dev.hcp.process.Shutdown;
import dev.hcp.process.TlsFiles;
import dev.hcp.process.WebhookSettings;
import dev.hcp.webhook.admission.Lookup;
import dev.hcp.webhook.admission.Reviewer;
import dev.hcp.webhook.admission.Rules;
import dev.hcp.webhook.admission.Stage;
import dev.hcp.webhook.http.AdmissionServer;
import dev.hcp.webhook.http.Limits;
import dev.hcp.webhook.lookup.CallerReviews;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/** A running webhook. */
final class Webhook {
  /**
   * How long things take.
   *
   * @param certificatePoll between two looks at the certificate files
   * @param unreadyBeforeEnd how long to go on serving after readiness is withdrawn, until nobody
   *     sends requests here any more
   */
  record Timing(Duration certificatePoll, Duration unreadyBeforeEnd) {
    /** What the product uses. */
    static final Timing DEFAULT = new Timing(Duration.ofSeconds(10), Duration.ofSeconds(5));
  }

  private final MetricsServer metrics;
  private final HealthServer health;
  private final AdmissionServer admission;

  private Webhook(MetricsServer metrics, HealthServer health, AdmissionServer admission) {
    this.metrics = metrics;
    this.health = health;
    this.admission = admission;
  }

  /**
   * Starts to serve.
   *
   * @param lookup how other objects are seen
   * @param shutdown gets every part as soon as it runs, so that an end in the middle of the start
   *     is orderly as well
   * @throws IOException if a port cannot be listened on
   */
  static Webhook start(
      WebhookSettings settings,
      BuildInfo build,
      List<Rules<?>> rules,
      Function<MeterRegistry, ? extends Lookup> lookup,
      Limits limits,
      Timing timing,
      Shutdown shutdown)
      throws IOException {
    var notReady = new AtomicReference<>(Optional.of("starting"));

    var metrics = new MetricsServer(build);
    shutdown.add("metrics", metrics);
    var health = new HealthServer(settings.healthPort());
    shutdown.add("health", health);
    health.addReadiness("admission", notReady::get);

    var tls =
        TlsFiles.open(
            settings.certificateDirectory(), timing.certificatePoll(), metrics.registry());
    shutdown.add("certificate", tls);
    serve(metrics, settings, tls, shutdown);

    var seen = lookup.apply(metrics.registry());
    shutdown.add("lookup", seen);
    var serialization = new KubernetesSerialization();
    var reviewers =
        rules.stream()
            .flatMap(kind ->
                Arrays.stream(Stage.values())
                    .map(stage ->
                        new Reviewer(stage, kind, serialization, seen, metrics.registry())))
            .toList();
    reviewers.forEach(Reviewer::warmUp);
    var admission =
        AdmissionServer.start(
            settings.port(),
            tls.sslContext(),
            reviewers,
            limits,
            serialization,
            metrics.registry());
    shutdown.add("admission", admission);

    shutdown.add(
        "readiness",
        () -> {
          notReady.set(Optional.of("shutting down"));
          admission.endConnections();
          pause(timing.unreadyBeforeEnd());
        });
    notReady.set(Optional.empty());
    return new Webhook(metrics, health, admission);
  }

  private static void serve(
      MetricsServer metrics, WebhookSettings settings, TlsFiles tls, Shutdown shutdown)
      throws IOException {
    if (!settings.metrics().secure()) {
      metrics.servePlain(settings.metrics().port());
      return;
    }
    var reviews = new CallerReviews();
    shutdown.add("reviews", reviews);
    var gatekeeper = new Gatekeeper(reviews, Gatekeeper.Timing.DEFAULT);
    shutdown.add("gatekeeper", gatekeeper);
    metrics.serve(settings.metrics().port(), tls.sslContext(), gatekeeper);
  }

  int metricsPort() {
    return metrics.port();
  }

  int healthPort() {
    return health.port();
  }

  int port() {
    return admission.port();
  }

  private static void pause(Duration duration) throws InterruptedException {
    var _ = new CountDownLatch(1).await(duration.toNanos(), TimeUnit.NANOSECONDS);
  }
}
