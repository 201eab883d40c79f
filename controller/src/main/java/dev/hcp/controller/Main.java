package dev.hcp.controller;

import dev.hcp.access.Gatekeeper;
import dev.hcp.access.KubernetesReviews;
import dev.hcp.controller.apiserver.EndpointProbe;
import dev.hcp.controller.authentication.IssuerDiscovery;
import dev.hcp.controller.backup.BackupScheduler;
import dev.hcp.controller.backup.DrillScheduler;
import dev.hcp.controller.backup.EtcdSnapshots;
import dev.hcp.controller.etcd.EtcdClients;
import dev.hcp.controller.etcd.EtcdKeeper;
import dev.hcp.controller.etcd.KeyCounts;
import dev.hcp.controller.exposure.HostNameResolver;
import dev.hcp.controller.kube.Fabric8HostedKubes;
import dev.hcp.controller.kube.Fabric8Kube;
import dev.hcp.controller.kube.ManagementApi;
import dev.hcp.controller.kube.ManagementClient;
import dev.hcp.controller.kube.ServedRoutes;
import dev.hcp.controller.machines.MachineWatcher;
import dev.hcp.controller.migration.Rewriter;
import dev.hcp.controller.reconcile.HostedControlPlaneReconciler;
import dev.hcp.controller.runtime.HostedControlPlaneController;
import dev.hcp.controller.runtime.Leadership;
import dev.hcp.controller.runtime.NamedWatches;
import dev.hcp.controller.store.S3Stores;
import dev.hcp.controller.telemetry.ControlPlaneCollector;
import dev.hcp.controller.telemetry.ControllerMetrics;
import dev.hcp.controller.telemetry.EtcdMeters;
import dev.hcp.controller.workload.Synchronizer;
import dev.hcp.process.BuildInfo;
import dev.hcp.process.ControllerSettings;
import dev.hcp.process.Environment;
import dev.hcp.process.HealthServer;
import dev.hcp.process.Logging;
import dev.hcp.process.MetricsServer;
import dev.hcp.process.Shutdown;
import dev.hcp.process.Startup;
import dev.hcp.process.TlsFiles;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.opentelemetry.api.GlobalOpenTelemetry;
import java.io.IOException;
import java.net.InetAddress;
import java.security.Security;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controller's process.
 *
 * <p>{@code /readyz}: a replica that waits for leadership is ready, since there is nothing that it
 * should do. The leader is ready once it makes passes; until then the answer names what is missing.
 * {@code /healthz} fails when only a restart helps.
 */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  /** What ends with the process takes this long at most, all together. */
  private static final Duration SHUTDOWN =
      HostedControlPlaneController.GRACE.plus(Duration.ofSeconds(10));

  private static final Duration CERTIFICATE_POLL = Duration.ofSeconds(10);

  /** Exit status of a replica that must stop at once, without an orderly end. */
  private static final int LOST_LEADERSHIP = 3;

  private static final int FAILED = 1;
  private static final String LEADER = "Whether this replica leads";

  private Main() {}

  /** Works until it is told to end. */
  public static void main(String[] arguments) {
    Startup.run(() -> {
      var settings = ControllerSettings.from(Environment.of(System.getenv()), List.of(arguments));
      Logging.configure(settings.logging());
      // The names of hosted clusters appear in DNS while they are asked for.
      Security.setProperty("networkaddress.cache.negative.ttl", "1");
      start(settings);
    });
  }

  private static void start(ControllerSettings settings) throws IOException {
    var build = BuildInfo.load();
    LOG.atInfo()
        .addKeyValue("version", build.version())
        .addKeyValue("revision", build.revision())
        .log("Starting");
    var shutdown = new Shutdown(SHUTDOWN);
    shutdown.onSignal();

    var health = new HealthServer(settings.healthPort());
    shutdown.add("health", health);
    var wired = new AtomicBoolean();
    health.addReadiness(
        "start", () -> wired.get() ? Optional.empty() : Optional.of("the process is starting"));
    var metricsServer = new MetricsServer(build);
    shutdown.add("metrics", metricsServer);
    var metrics = new ControllerMetrics(metricsServer.registry());
    var tracer = GlobalOpenTelemetry.getTracer("dev.hcp.controller", build.version());
    var random = RandomGenerator.getDefault();
    var clock = InstantSource.system();
    var identity = identity();

    var client = ManagementClient.open(ManagementClient.REQUEST_DEADLINE, metrics);
    shutdown.add("client", client);
    var issuers =
        new IssuerDiscovery(
            new ManagementApi(client),
            settings.tokenIssuer(),
            IssuerDiscovery.Timing.DEFAULT,
            random);
    shutdown.add("issuers", issuers);
    var stores =
        S3Stores.of(
            settings.backupIdentities().tokenFile(), settings.backupIdentities().tokenService());
    var routes = new ServedRoutes();
    var kube = new Fabric8Kube(client, routes, identity, metrics, clock);
    shutdown.add("events", kube);

    var controller =
        new HostedControlPlaneController(
            client,
            new HostedControlPlaneController.Scope(
                settings.watchNamespace(),
                settings.watchFilter(),
                settings.reconcileFilter(),
                settings.maxConcurrentReconciles()),
            routes,
            metrics,
            tracer,
            random,
            (cache, trigger) -> {
              var probe = new EndpointProbe(trigger, metrics, EndpointProbe.Timing.DEFAULT, random);
              shutdown.add("probe", probe);
              var hosted = new Fabric8HostedKubes(metrics);
              shutdown.add("hosted clusters", hosted);
              var synchronizer =
                  new Synchronizer(hosted, trigger, metrics, Synchronizer.Timing.DEFAULT, random);
              shutdown.add("synchronizer", synchronizer);
              var etcdClients = new EtcdClients(EtcdClients.Deadlines.DEFAULT);
              shutdown.add("etcd clients", etcdClients);
              var backups =
                  new BackupScheduler(
                      new EtcdSnapshots(etcdClients, new KeyCounts(KeyCounts.DEFAULT_DEADLINE)),
                      stores,
                      trigger,
                      metrics,
                      BackupScheduler.Timing.DEFAULT,
                      random,
                      clock);
              shutdown.add("backups", backups);
              var drills =
                  new DrillScheduler(
                      stores, trigger, metrics, DrillScheduler.Timing.DEFAULT, random, clock);
              shutdown.add("restore drills", drills);
              var hostNames =
                  new HostNameResolver(
                      trigger, InetAddress::getAllByName, HostNameResolver.Timing.DEFAULT, random);
              shutdown.add("host names", hostNames);
              var named = new NamedWatches(client, trigger);
              shutdown.add("named objects", named);
              var etcd =
                  new EtcdKeeper(
                      etcdClients,
                      trigger,
                      new EtcdMeters(metricsServer.registry()),
                      EtcdKeeper.Timing.DEFAULT,
                      random,
                      clock);
              shutdown.add("etcd", etcd);
              var rewriter =
                  new Rewriter(hosted, trigger, metrics, Rewriter.Timing.DEFAULT, random, clock);
              shutdown.add("rewrites", rewriter);
              var machines =
                  new MachineWatcher(kube, trigger, MachineWatcher.Timing.DEFAULT, random);
              shutdown.add("machines", machines);
              return new HostedControlPlaneReconciler(
                  cache,
                  kube,
                  probe,
                  synchronizer,
                  backups,
                  drills,
                  hostNames,
                  named,
                  etcd,
                  rewriter,
                  machines,
                  issuers::last,
                  settings,
                  metrics,
                  clock);
            });
    issuers.start(controller::wakeAll);
    metricsServer.export(new ControlPlaneCollector(controller::figures));
    health.addLiveness("watches", controller::broken);
    serve(metricsServer, settings, client, shutdown);

    if (settings.leaderElection()) {
      var electionClient = ManagementClient.open(Leadership.REQUEST_DEADLINE, metrics);
      shutdown.add("election client", electionClient);
      var leadership =
          Leadership.join(
              electionClient,
              settings.controllerNamespace(),
              identity,
              () -> run(controller, issuers),
              Main::halt);
      shutdown.add("leadership", leadership);
      health.addReadiness(
          "passes", () -> leadership.isLeading() ? controller.notReady() : Optional.empty());
      metrics.gauge("hcp.leader", LEADER, () -> leadership.isLeading() ? 1 : 0);
    } else {
      health.addReadiness("passes", controller::notReady);
      metrics.gauge("hcp.leader", LEADER, () -> 1);
      var _ = Thread.ofPlatform().name("controller").start(() -> run(controller, issuers));
    }
    // The first to end, so that no pass runs while leadership is given away.
    shutdown.add("passes", controller);
    wired.set(true);
  }

  private static void serve(
      MetricsServer metrics,
      ControllerSettings settings,
      KubernetesClient client,
      Shutdown shutdown)
      throws IOException {
    int port = settings.metrics().port();
    if (!settings.metrics().secure()) {
      metrics.servePlain(port);
      return;
    }
    var tls =
        TlsFiles.openOrSelfSigned(
            settings.metricsCertificates(),
            host(),
            CERTIFICATE_POLL,
            // Meters of certificates are the webhook's, whose alerts and dashboards ask for them.
            new CompositeMeterRegistry());
    shutdown.add("metrics certificate", tls);
    var gatekeeper = new Gatekeeper(new KubernetesReviews(() -> client), Gatekeeper.Timing.DEFAULT);
    shutdown.add("gatekeeper", gatekeeper);
    metrics.serve(port, tls.sslContext(), gatekeeper);
  }

  private static void run(HostedControlPlaneController controller, IssuerDiscovery issuers) {
    try {
      // Else the first passes would take back what the last ones have written.
      issuers.awaitFirstLook();
      controller.run();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("The controller cannot start, ending the process", e);
      System.exit(FAILED);
    }
  }

  /**
   * Ends without waiting for passes: another replica may lead already, and two must not write at
   * the same time.
   */
  private static void halt() {
    Runtime.getRuntime().halt(LOST_LEADERSHIP);
  }

  /** Name of this replica: that of its Pod, and something that no other process has. */
  private static String identity() {
    return "%s_%s".formatted(host(), UUID.randomUUID());
  }

  private static String host() {
    return Environment.of(System.getenv()).text("HOSTNAME", "local");
  }
}
