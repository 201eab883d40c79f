package dev.hcp.conditions;

import java.util.Arrays;
import java.util.Optional;

/** Reasons of conditions. They are stable: monitoring may rely on them. */
public enum Reason {
  /** All is as wanted. */
  RECONCILE_SUCCEEDED("ReconcileSucceeded"),
  /** A request failed; it is tried again. */
  RECONCILE_FAILED("ReconcileFailed"),
  /** The spec cannot work; see the message. */
  INVALID_SPEC("InvalidSpec"),
  /** No Cluster refers to this object yet. */
  OWNER_CLUSTER_MISSING("OwnerClusterMissing"),
  /** The owning Cluster refers to another control plane. */
  NOT_THE_CONTROL_PLANE_OF_CLUSTER("NotTheControlPlaneOfCluster"),
  /** What the forerunner has made is being made known, before anything of it is changed. */
  TAKING_OVER("TakingOver"),
  /** cert-manager has not accepted an issuer yet. */
  ISSUER_NOT_READY("IssuerNotReady"),
  /** cert-manager has not issued a certificate yet. */
  CERTIFICATE_NOT_READY("CertificateNotReady"),
  /** A certificate should have been renewed; it is valid all the same. */
  RENEWAL_OVERDUE("RenewalOverdue"),
  /** A certificate has expired. */
  CERTIFICATE_EXPIRED("CertificateExpired"),
  /** The service-account keys are being made. */
  SERVICE_ACCOUNT_KEYS_MISSING("ServiceAccountKeysMissing"),
  /** The Secret of a CA is not written yet. */
  CA_SECRET_NOT_YET_AVAILABLE("CaSecretNotYetAvailable"),
  /** The Service has no IP address yet. */
  WAITING_FOR_ADDRESS("WaitingForAddress"),
  /** The Gateway does not exist. */
  GATEWAY_NOT_FOUND("GatewayNotFound"),
  /** The Gateway has no fitting listener. */
  LISTENER_NOT_FOUND("ListenerNotFound"),
  /** The management cluster does not serve TLSRoutes. */
  TLS_ROUTE_NOT_SERVED("TlsRouteNotServed"),
  /** The Gateway no longer serves the published endpoint. */
  ENDPOINT_CHANGED("EndpointChanged"),
  /** The Gateway has not accepted a route. */
  ROUTE_NOT_ACCEPTED("RouteNotAccepted"),
  /** A route does not find the Service. */
  BACKEND_NOT_RESOLVED("BackendNotResolved"),
  /** The Gateway does not work, or has no address. */
  GATEWAY_NOT_PROGRAMMED("GatewayNotProgrammed"),
  /** The Gateway has no usable IP address. */
  WAITING_FOR_GATEWAY_ADDRESS("WaitingForGatewayAddress"),
  /** A host name has no address. */
  NAME_NOT_RESOLVED("NameNotResolved"),
  /** The management cluster does not serve ListenerSets. */
  LISTENER_SET_NOT_SERVED("ListenerSetNotServed"),
  /** The management cluster does not serve TCPRoutes. */
  TCP_ROUTE_NOT_SERVED("TcpRouteNotServed"),
  /** The Gateway takes no ListenerSets of this namespace. */
  LISTENER_SETS_NOT_ALLOWED("ListenerSetsNotAllowed"),
  /** The port of the Gateway that is wanted belongs to somebody else. */
  GATEWAY_PORT_TAKEN("GatewayPortTaken"),
  /** All ports of the Gateway that may be given away are. */
  NO_FREE_GATEWAY_PORT("NoFreeGatewayPort"),
  /** The Gateway has not opened the port. */
  LISTENER_SET_NOT_READY("ListenerSetNotReady"),
  /** A running cluster goes from one way to the API server to another. */
  SWITCHING("Switching"),
  /** Not all etcd members are ready. */
  MEMBERS_NOT_READY("MembersNotReady"),
  /** etcd gets more members, or fewer. */
  SCALING("Scaling"),
  /** etcd goes on with the data of one member, since a majority has lost its own. */
  RECOVERING("Recovering"),
  /** Too few etcd members are ready to serve. */
  QUORUM_LOST("QuorumLost"),
  /** Pods of etcd are ready, but the controller reaches no member. */
  ETCD_UNREACHABLE("EtcdUnreachable"),
  /** A member is not part of the cluster, or the cluster has one that it shall not have. */
  MEMBERS_DIFFER("MembersDiffer"),
  /** The database of etcd has reached its quota, so nothing can be written. */
  NO_SPACE("NoSpace"),
  /** The data volumes of etcd shall be larger, and cannot be; etcd works all the same. */
  VOLUMES_CANNOT_GROW("VolumesCannotGrow"),
  /** The data of a member differ from those of the others. */
  DATA_CORRUPT("DataCorrupt"),
  /** etcd does not have the data that it had: it is left alone until a person has decided. */
  ETCD_DATA_CHANGED("EtcdDataChanged"),
  /** A certificate is not there yet. */
  WAITING_FOR_CERTIFICATE("WaitingForCertificate"),
  /** The endpoint is not known yet. */
  WAITING_FOR_ENDPOINT("WaitingForEndpoint"),
  /** Tokens of the management cluster are not accepted; see the message. */
  MANAGEMENT_TOKENS_REFUSED("ManagementTokensRefused"),
  /** The key by which API servers encrypt what they store is being made, or copied. */
  ENCRYPTION_KEY_MISSING("EncryptionKeyMissing"),
  /** Nothing is encrypted by a key of the controller, by choice. */
  ENCRYPTION_NOT_MANAGED("EncryptionNotManaged"),
  /** An API server cannot use the key management service by which data are encrypted. */
  KMS_UNAVAILABLE("KMSUnavailable"),
  /** The token for a receiver of audit events is missing. */
  AUDIT_TOKEN_MISSING("AuditTokenMissing"),
  /** The Secret with the store of backups, or with their key, is missing or says nonsense. */
  BACKUP_SECRET_INVALID("BackupSecretInvalid"),
  /** There is no backup yet, and none is due. */
  FIRST_BACKUP_PENDING("FirstBackupPending"),
  /** The spec wants an identity of the controller, and may not use it. */
  IDENTITY_NOT_PERMITTED("IdentityNotPermitted"),
  /** The store of backups does not accept the credentials, or does not let them do this. */
  STORE_ACCESS_DENIED("StoreAccessDenied"),
  /** The store of backups has no such bucket, or it is in another region. */
  BUCKET_NOT_FOUND("BucketNotFound"),
  /** The store of backups has no room. */
  STORE_FULL("StoreFull"),
  /** The certificate of the store of backups is not trusted. */
  STORE_NOT_TRUSTED("StoreNotTrusted"),
  /** Backups shall be locked, and the bucket has no object lock. */
  OBJECT_LOCK_NOT_ENABLED("ObjectLockNotEnabled"),
  /** The store of backups does not answer, or not as it should. */
  STORE_UNREACHABLE("StoreUnreachable"),
  /** etcd gave no snapshot. */
  SNAPSHOT_NOT_TAKEN("SnapshotNotTaken"),
  /** A checksum did not fit; what was written is dropped. */
  BACKUP_DAMAGED("BackupDamaged"),
  /** A backup failed for another reason; see the message. */
  BACKUP_FAILED("BackupFailed"),
  /** No backup was restored for a test yet. */
  RESTORE_DRILL_PENDING("RestoreDrillPending"),
  /** A backup was encrypted with another key than the one that there is now. */
  ENCRYPTION_KEY_DIFFERS("EncryptionKeyDiffers"),
  /** What a backup holds cannot be restored, or is not what it should be. */
  BACKUP_NOT_RESTORABLE("BackupNotRestorable"),
  /** A backup could not be restored for a test, which says nothing of the backup. */
  RESTORE_DRILL_FAILED("RestoreDrillFailed"),
  /** A restoration has not begun. */
  RESTORE_PENDING("RestorePending"),
  /** A backup is fetched, restored on a new volume and looked at. */
  PREPARING_RESTORE("PreparingRestore"),
  /** An attempt to fetch and to restore a backup failed; there will be another. */
  RESTORE_RETRIED("RestoreRetried"),
  /** etcd goes from the data that it had to those of a backup, and API servers are stopped. */
  RESTORING("Restoring"),
  /** The control plane starts with the data of a backup. */
  STARTING_WITH_BACKUP("StartingWithBackup"),
  /** The control plane works with the data of a backup. */
  RESTORED("Restored"),
  /** A restoration was cancelled. */
  RESTORE_CANCELLED("RestoreCancelled"),
  /** A restoration of that name was carried out before. */
  RESTORED_BEFORE("RestoredBefore"),
  /** There is no such backup. */
  BACKUP_NOT_FOUND("BackupNotFound"),
  /** A backup is of a newer etcd than the one that shall have its data. */
  ETCD_TOO_OLD("EtcdTooOld"),
  /** A backup is larger than the database of etcd may be. */
  BACKUP_TOO_LARGE("BackupTooLarge"),
  /** A Secret of another namespace may not be used. */
  REFERENCE_NOT_PERMITTED("ReferenceNotPermitted"),
  /** What API servers shall mount is missing. */
  MOUNT_MISSING("MountMissing"),
  /** What a variable of a pod comes from is missing. */
  VARIABLE_MISSING("VariableMissing"),
  /** Not all pods are ready. */
  PODS_NOT_READY("PodsNotReady"),
  /** Pods are being replaced. */
  ROLLOUT_IN_PROGRESS("RolloutInProgress"),
  /** New pods do not come up; those of before go on. */
  ROLLOUT_FAILING("RolloutFailing"),
  /** Another minor version waits until nothing speaks against it any more. */
  UPGRADE_BLOCKED("UpgradeBlocked"),
  /** What another minor version would break cannot be told, or not yet. */
  UPGRADE_NOT_CHECKED("UpgradeNotChecked"),
  /** Kubelets are too old for another minor version of the API server. */
  KUBELETS_TOO_OLD("KubeletsTooOld"),
  /** Somebody uses APIs that another minor version does not serve any more. */
  DEPRECATED_APIS_IN_USE("DeprecatedAPIsInUse"),
  /** Admission webhooks that have to be asked cannot answer. */
  WEBHOOKS_UNAVAILABLE("WebhooksUnavailable"),
  /** The spec asks for a lower version than the one that all API servers serve, or etcd runs. */
  VERSION_TOO_LOW("VersionTooLow"),
  /** What is wanted waits for all API servers: to serve a version, or to know a key. */
  WAITING_FOR_API_SERVERS("WaitingForApiServers"),
  /** A new version of etcd waits for a backup. */
  WAITING_FOR_BACKUP("WaitingForBackup"),
  /** A new version waits until etcd is settled. */
  WAITING_FOR_ETCD("WaitingForEtcd"),
  /** The hosted cluster does not answer, or was not looked at yet. */
  WAITING_FOR_HOSTED_CLUSTER("WaitingForHostedCluster"),
  /** What the hosted cluster shall hold is being written. */
  SYNC_IN_PROGRESS("SyncInProgress"),
  /** No node of the hosted cluster is ready to run pods; does not count against {@code Ready}. */
  WAITING_FOR_NODES("WaitingForNodes"),
  /** Network policies are switched off. */
  NETWORK_POLICIES_DISABLED("NetworkPoliciesDisabled"),
  /** Cilium cannot enforce a network policy; see the message. */
  NETWORK_POLICY_INVALID("NetworkPolicyInvalid"),
  /** Cilium's network policies shall be used, and the management cluster does not serve them. */
  CILIUM_NOT_SERVED("CiliumNotServed"),
  /** The object does not exist yet. */
  NOT_CREATED("NotCreated"),
  /** The API server has not yet answered through its endpoint. */
  NOT_INITIALIZED("NotInitialized"),
  /** The API server serves. */
  AVAILABLE("Available"),
  /** Some conditions are not true. */
  COMPONENTS_NOT_READY("ComponentsNotReady"),
  /** A new key is being made known. */
  PREPARING_KEY("PreparingKey"),
  /** A new key is being used. */
  SWITCHING_KEY("SwitchingKey"),
  /** An old key goes. */
  RETIRING_KEY("RetiringKey"),
  /** No key is being replaced. */
  NOT_ROTATING("NotRotating"),
  /** API servers are being replaced. */
  ROLLING_OUT("RollingOut"),
  /** No API server is being replaced. */
  NOT_ROLLING_OUT("NotRollingOut"),
  /** The autoscaler has not said anything yet. */
  WAITING_FOR_AUTOSCALER("WaitingForAutoscaler"),
  /** Nothing is added, removed or resized while pods are being replaced, or stopped. */
  AUTOSCALING_PAUSED("AutoscalingPaused"),
  /** The autoscaler does not know the load, or cannot act; see the message. */
  AUTOSCALING_INACTIVE("AutoscalingInactive"),
  /** The load asks for more API servers than there may be. */
  AUTOSCALING_LIMITED("AutoscalingLimited"),
  /** The management cluster does not serve VerticalPodAutoscalers. */
  VERTICAL_POD_AUTOSCALER_NOT_SERVED("VerticalPodAutoscalerNotServed"),
  /** API servers are being added. */
  SCALING_UP("ScalingUp"),
  /** No API server is being added. */
  NOT_SCALING_UP("NotScalingUp"),
  /** API servers are being removed. */
  SCALING_DOWN("ScalingDown"),
  /** No API server is being removed. */
  NOT_SCALING_DOWN("NotScalingDown"),
  /** The control plane is being stopped. */
  HIBERNATING("Hibernating"),
  /** The control plane has no pods, by choice. */
  HIBERNATED("Hibernated"),
  /** The control plane starts again after it had no pods. */
  WAKING_UP("WakingUp"),
  /** Paused. */
  PAUSED("Paused"),
  /** Not paused. */
  NOT_PAUSED("NotPaused"),
  /** Objects are still being removed. */
  WAITING_FOR_OBJECTS("WaitingForObjects"),
  /** etcd is backed up for the last time before it is removed. */
  FINAL_SNAPSHOT_PENDING("FinalSnapshotPending"),
  /** The last backup of etcd cannot be made, and etcd stays until it can; see the message. */
  FINAL_SNAPSHOT_FAILED("FinalSnapshotFailed"),
  /** All objects are gone. */
  DELETION_COMPLETED("DeletionCompleted");

  private final String value;

  Reason(String value) {
    this.value = value;
  }

  /** The reason that stands so in manifests. */
  public static Optional<Reason> of(String value) {
    return Arrays.stream(values()).filter(known -> known.value.equals(value)).findFirst();
  }

  /** The reason as it stands in manifests. */
  public String value() {
    return value;
  }
}
