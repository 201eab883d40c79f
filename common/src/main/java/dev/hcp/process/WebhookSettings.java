package dev.hcp.process;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Configuration of the webhook.
 *
 * @param logging {@code LOG_FORMAT} and {@code LOG_LEVEL}
 * @param certificateDirectory {@code WEBHOOK_CERT_DIR}: directory of {@code tls.crt} and {@code
 *     tls.key}; {@code /tmp/k8s-webhook-server/serving-certs} by default
 * @param lookups {@code CLUSTER_LOOKUPS}: whether rules that depend on other objects are checked;
 *     by default where the process runs in a cluster
 * @param port {@code WEBHOOK_PORT}, 9443 by default
 * @param metrics how metrics are served
 * @param healthPort {@code HEALTH_PORT}, 8081 by default
 */
public record WebhookSettings(
    LogSettings logging,
    Path certificateDirectory,
    boolean lookups,
    int port,
    MetricsSettings metrics,
    int healthPort) {

  /**
   * Reads the configuration.
   *
   * @throws ConfigurationException if a variable cannot be accepted or an argument is given
   */
  public static WebhookSettings from(Environment environment, List<String> arguments) {
    Flags.parse(arguments, new LinkedHashSet<>());
    return new WebhookSettings(
        LogSettings.from(environment),
        environment.directory("WEBHOOK_CERT_DIR", Path.of("/tmp/k8s-webhook-server/serving-certs")),
        environment.bool(
            "CLUSTER_LOOKUPS", !environment.text("KUBERNETES_SERVICE_HOST", "").isEmpty()),
        environment.port("WEBHOOK_PORT", 9443),
        MetricsSettings.from(environment),
        environment.port("HEALTH_PORT", 8081));
  }
}
