package dev.hcp.process;

/**
 * How metrics are served.
 *
 * @param port {@code METRICS_PORT}, 8443 by default
 * @param secure {@code METRICS_SECURE}: whether over HTTPS, to those whom the management cluster's
 *     API server lets; else over plain HTTP to everybody. True by default
 */
public record MetricsSettings(int port, boolean secure) {
  static MetricsSettings from(Environment environment) {
    return new MetricsSettings(
        environment.port("METRICS_PORT", 8443), environment.bool("METRICS_SECURE", true));
  }
}
