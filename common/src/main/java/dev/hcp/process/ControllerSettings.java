package dev.hcp.process;

import dev.hcp.model.PortRange;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Configuration of the controller.
 *
 * @param logging {@code LOG_FORMAT} and {@code LOG_LEVEL}
 * @param leaderElection {@code LEADER_ELECTION}: whether only one of several replicas works; true
 *     by default
 * @param maxConcurrentReconciles {@code MAX_CONCURRENT_RECONCILES}: control planes handled at the
 *     same time; 10 by default
 * @param controllerNamespace {@code CONTROLLER_NAMESPACE}: where the controller itself runs; must
 *     be given
 * @param reconcileFilter {@code HCP_RECONCILE_FILTER}: {@code name} or {@code namespace/name} of
 *     the only control plane, or Cluster, to handle; all by default
 * @param watchNamespace {@code --namespace}: the only namespace to watch; all by default
 * @param watchFilter {@code --watch-filter}: value that the label {@code
 *     cluster.x-k8s.io/watch-filter} of an object must have; no restriction by default
 * @param networkPolicies how network policies are written
 * @param gatewayPorts {@code GATEWAY_PORT_RANGE}: ports of Gateways that are given to control
 *     planes which want one; 20000-29999 by default
 * @param tokenIssuer {@code MANAGEMENT_TOKEN_ISSUER}: whose tokens hosted clusters accept as those
 *     of the management cluster; by default those of whoever the management cluster says
 * @param auditForwarderImage {@code AUDIT_FORWARDER_IMAGE}: image of what runs of this project
 *     beside control planes: the forwarder of audit events, and parts of restore drills; by default
 *     the controller's own
 * @param backupIdentities identities of the controller as which backups may be stored
 * @param metrics how metrics are served
 * @param metricsCertificates {@code METRICS_CERT_DIR}: directory of {@code tls.crt} and {@code
 *     tls.key} that metrics are served with; while there are none in it, and by default, the
 *     process signs itself a certificate
 * @param healthPort {@code HEALTH_PORT}, 8081 by default
 */
public record ControllerSettings(
    LogSettings logging,
    boolean leaderElection,
    int maxConcurrentReconciles,
    String controllerNamespace,
    ReconcileFilter reconcileFilter,
    Optional<String> watchNamespace,
    Optional<String> watchFilter,
    NetworkPolicyOptions networkPolicies,
    PortRange gatewayPorts,
    TokenIssuerChoice tokenIssuer,
    String auditForwarderImage,
    BackupIdentities backupIdentities,
    MetricsSettings metrics,
    Optional<Path> metricsCertificates,
    int healthPort) {

  private static final String NAMESPACE_FLAG = "--namespace";
  private static final String WATCH_FILTER_FLAG = "--watch-filter";
  private static final String ISSUER_VARIABLE = "MANAGEMENT_TOKEN_ISSUER";
  private static final String FILTER_VARIABLE = "HCP_RECONCILE_FILTER";

  /** More workers than this only make the management cluster's API server slower. */
  private static final int MOST_RECONCILES = 1000;

  /**
   * Reads the configuration.
   *
   * @throws ConfigurationException if a variable or flag cannot be accepted
   */
  public static ControllerSettings from(Environment environment, List<String> arguments) {
    var accepted = new LinkedHashSet<>(List.of(NAMESPACE_FLAG, WATCH_FILTER_FLAG));
    var flags = Flags.parse(arguments, accepted);
    return new ControllerSettings(
        LogSettings.from(environment),
        environment.bool("LEADER_ELECTION", true),
        environment.integer("MAX_CONCURRENT_RECONCILES", 10, 1, MOST_RECONCILES),
        environment.requiredNamespace(
            "CONTROLLER_NAMESPACE",
            "set it to the namespace the controller runs in (in a Pod by fieldRef"
                + " metadata.namespace)"),
        ReconcileFilter.parse(FILTER_VARIABLE, environment.text(FILTER_VARIABLE, "")),
        flags
            .value(NAMESPACE_FLAG)
            .map(namespace -> Environment.namespace(NAMESPACE_FLAG, namespace)),
        flags.value(WATCH_FILTER_FLAG),
        NetworkPolicyOptions.from(environment),
        environment.ports("GATEWAY_PORT_RANGE", new PortRange(20_000, 29_999)),
        TokenIssuerChoice.parse(ISSUER_VARIABLE, environment.text(ISSUER_VARIABLE, "auto")),
        environment.image("AUDIT_FORWARDER_IMAGE", BuildInfo.load().image()),
        BackupIdentities.from(environment),
        MetricsSettings.from(environment),
        environment.directory("METRICS_CERT_DIR"),
        environment.port("HEALTH_PORT", 8081));
  }
}
