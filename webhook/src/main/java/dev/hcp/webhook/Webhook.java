package dev.hcp.webhook;

import dev.hcp.process.BuildInfo;
import dev.hcp.process.HealthServer;
import dev.hcp.process.MetricsServer;
import dev.hcp.process.Shutdown;
import dev.hcp.process.TlsFiles;
import dev.hcp.process.WebhookSettings;
import dev.hcp.webhook.admission.Reviewer;
import dev.hcp.webhook.admission.Rules;
import dev.hcp.webhook.admission.Stage;
import dev.hcp.webhook.http.AdmissionServer;
import dev.hcp.webhook.http.Limits;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** A running webhook. */
final class Webhook {
  /**
   * How long things take.
   *
   * @param certificatePoll between two looks at the certificate files
   * @param unreadyBeforeEnd how long to go on serving after readiness is withdrawn, until nobody
   *     sends requests here any more
   * @param shutdown for everything that has to be closed
   */
  record Timing(Duration certificatePoll, Duration unreadyBeforeEnd, Duration shutdown) {
    /** Fits a grace period of 30 s. */
    static final Timing DEFAULT =
        new Timing(Duration.ofSeconds(10), Duration.ofSeconds(5), Duration.ofSeconds(25));
  }

  private final MetricsServer metrics;
  private final HealthServer health;
  private final AdmissionServer admission;
  private final Shutdown shutdown;

  private Webhook(
      MetricsServer metrics, HealthServer health, AdmissionServer admission, Shutdown shutdown) {
    this.metrics = metrics;
    this.health = health;
    this.admission = admission;
    this.shutdown = shutdown;
  }

  /**
   * Starts to serve.
   *
   * @throws IOException if a port cannot be listened on
   */
  static Webhook start(WebhookSettings settings, List<Rules<?>> rules, Limits limits, Timing timing)
      throws IOException {
    var shutdown = new Shutdown(timing.shutdown());
    var notReady = new AtomicReference<>(Optional.of("starting"));

    var metrics = new MetricsServer(settings.metricsPort(), BuildInfo.load());
    shutdown.add("metrics", metrics);
    var health = new HealthServer(settings.healthPort());
    shutdown.add("health", health);
    health.addReadiness("admission", notReady::get);

    var tls =
        TlsFiles.open(
            settings.certificateDirectory(), timing.certificatePoll(), metrics.registry());
    shutdown.add("certificate", tls);

    var serialization = new KubernetesSerialization();
    var reviewers =
        rules.stream()
            .flatMap(kind ->
                Arrays.stream(Stage.values())
                    .map(stage -> new Reviewer(stage, kind, serialization, metrics.registry())))
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
          pause(timing.unreadyBeforeEnd());
        });
    notReady.set(Optional.empty());
    return new Webhook(metrics, health, admission, shutdown);
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

  Shutdown shutdown() {
    return shutdown;
  }

  private static void pause(Duration duration) throws InterruptedException {
    var _ = new CountDownLatch(1).await(duration.toNanos(), TimeUnit.NANOSECONDS);
  }
}
