package dev.hcp.controller.testing;

import dev.hcp.controller.kube.Fabric8Kube;
import dev.hcp.controller.kube.ServedRoutes;
import dev.hcp.controller.telemetry.ControllerMetrics;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;

/** What the controller asks an API server by, for tests that do not look at its metrics. */
public final class Kubes {
  private Kubes() {}

  /**
   * By the clock of the machine, with no routes served; the caller closes it.
   *
   * @param client whose rights it has
   */
  public static Fabric8Kube of(KubernetesClient client) {
    return of(client, new ServedRoutes());
  }

  /**
   * By the clock of the machine; the caller closes it.
   *
   * @param client whose rights it has
   * @param routes which kinds of routes are served
   */
  public static Fabric8Kube of(KubernetesClient client, ServedRoutes routes) {
    return new Fabric8Kube(
        client,
        routes,
        "test",
        new ControllerMetrics(new SimpleMeterRegistry()),
        InstantSource.system());
  }
}
