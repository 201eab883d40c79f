package dev.hcp.controller.forwarder;

import dev.hcp.process.HealthServer;
import dev.hcp.process.Logging;
import dev.hcp.process.Shutdown;
import dev.hcp.process.Startup;
import java.util.List;

/** The forwarder's process. */
public final class Main {
  private Main() {}

  /** Works until it is told to end. */
  public static void main(String[] arguments) {
    Startup.run(() -> {
      var settings = ForwarderSettings.from(List.of(arguments));
      Logging.configure(settings.logging());
      // Batches that are under way may take that long, and no new ones are taken.
      var shutdown = new Shutdown(settings.timeout().plusSeconds(5));
      shutdown.onSignal();
      shutdown.add("health", new HealthServer(settings.healthPort()));
      shutdown.add(
          "forwarder",
          Forwarder.start(settings, Targets.read(settings.targets(), settings.timeout())));
    });
  }
}
