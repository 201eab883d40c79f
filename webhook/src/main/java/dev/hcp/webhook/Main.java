package dev.hcp.webhook;

import dev.hcp.process.BuildInfo;
import dev.hcp.process.Environment;
import dev.hcp.process.Logging;
import dev.hcp.process.Shutdown;
import dev.hcp.process.Startup;
import dev.hcp.process.WebhookSettings;
import dev.hcp.webhook.admission.Lookup;
import dev.hcp.webhook.admission.Rules;
import dev.hcp.webhook.http.Limits;
import dev.hcp.webhook.lookup.ClusterLookup;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The admission webhook's process. */
public final class Main {
  private static final Logger LOG = LoggerFactory.getLogger(Main.class);

  /** Below the 30 s that Kubernetes gives a Pod. */
  private static final Duration GRACE = Duration.ofSeconds(25);

  private Main() {}

  /** Serves until it is told to end. */
  public static void main(String[] arguments) {
    Startup.run(() -> {
      var settings = WebhookSettings.from(Environment.of(System.getenv()), List.of(arguments));
      Logging.configure(settings.logging());
      start(settings);
    });
  }

  private static void start(WebhookSettings settings) throws IOException {
    var build = BuildInfo.load();
    LOG.atInfo()
        .addKeyValue("version", build.version())
        .addKeyValue("revision", build.revision())
        .log("Starting");
    var shutdown = new Shutdown(GRACE);
    shutdown.onSignal();
    Webhook.start(
        settings,
        build,
        Rules.all(),
        settings.lookups() ? ClusterLookup::open : _ -> Lookup.NONE,
        Limits.DEFAULT,
        Webhook.Timing.DEFAULT,
        shutdown);
  }
}
