package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The observed state of a hosted control plane. Nothing here is needed to go on after a loss: all
 * of it is observed anew.
 *
 * @param conditions State of each aspect; `Ready` sums them up, `Available` says whether the API
 *     server can be used.
 * @param legacyIP First IP address of the API server Service.
 * @param etcdVolumeSize Size of the smallest etcd data volume.
 * @param etcdVolumeUsage Size of the largest database of etcd, rounded up to a power of two.
 * @param etcdLastBackupTime When the last successful etcd snapshot was taken.
 * @param etcdNextBackupTime When the next etcd snapshot is due.
 * @param etcdLastBackupRequest The last request for a snapshot, by annotation, that was met.
 * @param etcdRestoreDrill When, and how fast, a backup was restored for a test.
 * @param etcdLastDefragTime When etcd was last defragmented.
 * @param etcdLastAttemptedDefragTime When defragmentation of etcd was last tried.
 * @param etcd The members of etcd, as they answered the controller last.
 * @param rotations How far each rotation of a key is that was requested.
 * @param certificates When each certificate of the control plane expires, and is due to be renewed;
 *     by name.
 * @param selector Label selector of the API server pods, for the scale subresource.
 * @param replicas Number of API server pods.
 * @param readyReplicas Number of API server pods that are ready.
 * @param availableReplicas Number of API server pods that are available.
 * @param upToDateReplicas Number of API server pods that match the spec.
 * @param initialization Milestones of the creation of the cluster.
 * @param ready Whether condition `Ready` is true.
 * @param version Lowest Kubernetes version that an API server serves; the last one while none does.
 * @param versions Kubernetes versions that API servers serve, oldest first.
 * @param externalManagedControlPlane Always true: there are no Machines for the control plane.
 * @param observedGeneration Generation of the spec that was last worked off without an error.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record HostedControlPlaneStatus(
    @Nullable List<Condition> conditions,
    @Nullable String legacyIP,
    @Nullable Quantity etcdVolumeSize,
    @Nullable Quantity etcdVolumeUsage,
    @Nullable String etcdLastBackupTime,
    @Nullable String etcdNextBackupTime,
    @Nullable String etcdLastBackupRequest,
    @Nullable EtcdRestoreDrillStatus etcdRestoreDrill,
    @Nullable String etcdLastDefragTime,
    @Nullable String etcdLastAttemptedDefragTime,
    @Nullable EtcdStatus etcd,
    @Nullable List<RotationStatus> rotations,
    @Nullable List<CredentialStatus> certificates,
    @LabelSelector @Nullable String selector,
    @StatusReplicas @Nullable Integer replicas,
    @Nullable Integer readyReplicas,
    @Nullable Integer availableReplicas,
    @Nullable Integer upToDateReplicas,
    @Nullable InitializationStatus initialization,
    @Nullable Boolean ready,
    @Nullable String version,
    @Nullable List<VersionStatus> versions,
    @Nullable Boolean externalManagedControlPlane,
    @Nullable Long observedGeneration) {
  /**
   * The same of a control plane whose API servers are stopped, or being stopped.
   *
   * @param left how many there still are
   * @param ready how many of them are ready
   */
  public HostedControlPlaneStatus stopped(int left, int ready) {
    return new HostedControlPlaneStatus(
        conditions,
        legacyIP,
        etcdVolumeSize,
        etcdVolumeUsage,
        etcdLastBackupTime,
        null,
        etcdLastBackupRequest,
        etcdRestoreDrill,
        etcdLastDefragTime,
        etcdLastAttemptedDefragTime,
        null,
        rotations,
        certificates,
        selector,
        left,
        ready,
        ready,
        left,
        initialization,
        this.ready,
        version,
        versions,
        externalManagedControlPlane,
        observedGeneration);
  }
}
