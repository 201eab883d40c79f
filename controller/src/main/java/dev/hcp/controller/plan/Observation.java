package dev.hcp.controller.plan;

import dev.hcp.api.capi.Cluster;
import dev.hcp.api.v1alpha1.HostedControlPlane;
import dev.hcp.api.v1alpha1.HostedControlPlaneRestore;
import dev.hcp.api.v1alpha1.HostedControlPlaneStatus;
import dev.hcp.api.v1alpha1.InitializationStatus;
import dev.hcp.process.BackupIdentities;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.Gateway;
import io.fabric8.kubernetes.api.model.gatewayapi.v1beta1.ReferenceGrant;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that a pass may know.
 *
 * @param hostedControlPlane the object
 * @param cluster the Cluster that owns it
 * @param entrance what there is by which API servers can be reached
 * @param objects the generated objects
 * @param answer what the API server last answered through its endpoint
 * @param policing how network policies are written
 * @param managementTokens whether tokens of the management cluster can be accepted
 * @param named Secrets and ConfigMaps that the spec names, as far as it is known whether they exist
 * @param referenceGrants those in the other namespaces of these Secrets
 * @param forwarderImage image of what runs of this project beside control planes
 * @param workload the hosted cluster as it was when last synchronised
 * @param etcd its etcd as it answered last
 * @param backup what is known of its backups; empty if none are made yet
 * @param drill what is known of its restore drills; empty if none are made yet
 * @param restores the restorations that name it
 * @param identities which identities of the controller backups may be stored as
 * @param rewriting how far the objects of the hosted cluster are written again; empty if they are
 *     not
 * @param machines machines of the Cluster; empty if nobody looks at them
 * @param at when this was observed
 * @param expandableClasses names of the StorageClasses of its volumes that allow expansion
 * @param servesVerticalPodAutoscalers whether the management cluster serves them
 */
public record Observation(
    HostedControlPlane hostedControlPlane,
    Cluster cluster,
    Entrance entrance,
    LiveObjects objects,
    Optional<Answer> answer,
    Policing policing,
    ManagementTokens managementTokens,
    Map<ObjectReference, Optional<HasMetadata>> named,
    List<ReferenceGrant> referenceGrants,
    String forwarderImage,
    Optional<HostedCluster> workload,
    Optional<ObservedEtcd> etcd,
    Optional<BackupState> backup,
    Optional<DrillState> drill,
    List<HostedControlPlaneRestore> restores,
    BackupIdentities identities,
    Optional<Rewriting> rewriting,
    Optional<Machines> machines,
    Instant at,
    Set<String> expandableClasses,
    boolean servesVerticalPodAutoscalers) {
  /** Copies the collections. */
  public Observation {
    named = Map.copyOf(named);
    referenceGrants = List.copyOf(referenceGrants);
    restores = List.copyOf(restores);
    expandableClasses = Set.copyOf(expandableClasses);
  }

  /** The same without what its etcd has answered. */
  public Observation withoutEtcd() {
    return new Observation(
        hostedControlPlane,
        cluster,
        entrance,
        objects,
        answer,
        policing,
        managementTokens,
        named,
        referenceGrants,
        forwarderImage,
        workload,
        Optional.empty(),
        backup,
        drill,
        restores,
        identities,
        rewriting,
        machines,
        at,
        expandableClasses,
        servesVerticalPodAutoscalers);
  }

  /** The Gateway that the spec names. */
  public Optional<Gateway> gateway() {
    return entrance.gateway();
  }

  /** Whether the API server has ever answered through its endpoint. */
  public boolean initialized() {
    return wasInitialized(hostedControlPlane) || answer.filter(Answer::ready).isPresent();
  }

  /** Whether the status says that the API server has answered through its endpoint. */
  public static boolean wasInitialized(HostedControlPlane object) {
    return Optional.ofNullable(object.getStatus())
        .map(HostedControlPlaneStatus::initialization)
        .map(InitializationStatus::controlPlaneInitialized)
        .orElse(false);
  }
}
