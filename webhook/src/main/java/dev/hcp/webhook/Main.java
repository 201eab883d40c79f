package dev.hcp.webhook;

import dev.hcp.process.Environment;
import dev.hcp.process.Logging;
import dev.hcp.process.Startup;
import dev.hcp.process.WebhookSettings;
import dev.hcp.webhook.admission.Rules;
import dev.hcp.webhook.http.Limits;
import java.util.List;

/** The admission webhook's process. */
public final class Main {
  private Main() {}

  /** Serves until it is told to end. */
  public static void main(String[] arguments) {
    Startup.run(() -> {
      var settings = WebhookSettings.from(Environment.of(System.getenv()), List.of(arguments));
      Logging.configure(settings.logging());
      Webhook.start(settings, Rules.all(), Limits.DEFAULT, Webhook.Timing.DEFAULT)
          .shutdown()
          .onSignal();
    });
  }
}
