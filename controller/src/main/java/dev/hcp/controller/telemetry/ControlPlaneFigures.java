package dev.hcp.controller.telemetry;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What is exported of one control plane.
 *
 * @param namespace its namespace
 * @param name its name
 * @param cluster name of the Cluster; empty if none owns it
 * @param version Kubernetes version that is served; empty if none is
 * @param wantedVersion Kubernetes version that is wanted
 * @param conditions its conditions, by type
 * @param replicas pods of its components, by component
 * @param credentials its certificates, by what they are for
 * @param backupDue when the next backup is due
 */
public record ControlPlaneFigures(
    String namespace,
    String name,
    String cluster,
    String version,
    String wantedVersion,
    Map<String, State> conditions,
    Map<String, Replicas> replicas,
    Map<String, Credential> credentials,
    Optional<Instant> backupDue) {
  /** Copies the maps. */
  public ControlPlaneFigures {
    conditions = Map.copyOf(conditions);
    replicas = Map.copyOf(replicas);
    credentials = Map.copyOf(credentials);
  }

  /**
   * What a condition says.
   *
   * @param status {@code True}, {@code False} or {@code Unknown}
   * @param reason why; empty if nothing is the matter
   */
  public record State(String status, Optional<String> reason) {}

  /**
   * Pods of a component.
   *
   * @param wanted how many there shall be
   * @param ready how many are ready
   */
  public record Replicas(int wanted, int ready) {}

  /**
   * A certificate.
   *
   * @param expiry end of its lifetime
   * @param renewal when it is due to be renewed
   */
  public record Credential(Optional<Instant> expiry, Optional<Instant> renewal) {}
}
