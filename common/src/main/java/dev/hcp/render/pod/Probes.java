package dev.hcp.render.pod;

import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;

/** Probes by HTTP GET on a named port. */
public final class Probes {
  private static final int TIMEOUT_SECONDS = 15;
  private static final int STARTUP_SECONDS = 240;
  private static final int READINESS_PERIOD_SECONDS = 5;
  private static final int LIVENESS_PERIOD_SECONDS = 10;
  private static final int FAILURES = 3;

  private Probes() {}

  /**
   * Asks every second until the process has started; gives up, and has it restarted, after four
   * minutes.
   */
  public static Probe startup(String scheme, String port, String path) {
    return probe(scheme, port, path, 1, STARTUP_SECONDS);
  }

  /** Decides whether the pod gets traffic. */
  public static Probe readiness(String scheme, String port, String path) {
    return probe(scheme, port, path, READINESS_PERIOD_SECONDS, FAILURES);
  }

  /** Decides whether the container is restarted. */
  public static Probe liveness(String scheme, String port, String path) {
    return probe(scheme, port, path, LIVENESS_PERIOD_SECONDS, FAILURES);
  }

  private static Probe probe(String scheme, String port, String path, int period, int failures) {
    return new ProbeBuilder()
        .withNewHttpGet()
        .withScheme(scheme)
        .withNewPort(port)
        .withPath(path)
        .endHttpGet()
        .withTimeoutSeconds(TIMEOUT_SECONDS)
        .withPeriodSeconds(period)
        .withFailureThreshold(failures)
        .build();
  }
}
