package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the etcd members.
 *
 * @param image Parts of the image reference that replace the default ones.
 * @param imagePullPolicy When the kubelet pulls the image: Always, IfNotPresent or Never. Default:
 *     IfNotPresent.
 * @param args Additional command-line flags of the process, flag name without dashes to value. A
 *     flag that the controller sets itself cannot be overridden.
 * @param resources Compute resources of the container, as in any pod. A resource of which neither
 *     request nor limit is set keeps its default.
 * @param env Further environment variables of the container. Those that the controller sets itself
 *     cannot be overridden.
 * @param priorityClassName Name of the PriorityClass of the pods.
 * @param nodeSelector Labels that a node must have to run the pods, label to value.
 * @param tolerations Taints of nodes that the pods tolerate.
 * @param affinity Nodes and pods that the pods shall be near to, or far from. Default: none.
 * @param topologySpreadConstraints How the pods are spread; replaces the default: over hosts, and
 *     over zones if possible. Without `labelSelector` a constraint counts the pods of this
 *     component.
 * @param podLabels Further labels of the pods. Those that the controller sets itself cannot be
 *     overridden.
 * @param podAnnotations Further annotations of the pods. Those that the controller sets itself
 *     cannot be overridden.
 * @param imagePullSecrets Secrets in the namespace of the control plane with credentials for
 *     registries, besides those in `spec.images.pullSecrets`.
 * @param replicas Number of members: 1, 3 or 5. Default: 3. When it is changed, members are added
 *     or removed one at a time.
 * @param storageClassName StorageClass of the data volumes. Default: the default class of the
 *     management cluster. Cannot be changed later.
 * @param volumeSize Fixed size of each data volume, at least 512Mi. Needs `autoGrow: false`. Can be
 *     raised where the StorageClass allows expansion.
 * @param autoGrow Whether data volumes are enlarged when they fill up; excludes `volumeSize`.
 *     Default: true.
 * @param maxVolumeSize Size up to which data volumes are enlarged by themselves. Volumes that are
 *     larger stay so. Excludes `autoGrow: false`. Default: 16Gi.
 * @param volumeRetention What becomes of the data volumes when the control plane is deleted: Delete
 *     or Retain. A control plane of the same Cluster name and namespace that is made later uses
 *     those that were retained. Default: Delete.
 * @param backup Periodic snapshots to an S3-compatible store. Without it no backups are made.
 * @param quorumLoss What is done when a majority of the members has lost its data.
 * @param verticalAutoscaling Whether what is requested follows what is used. Default: it is as
 *     `resources` says.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value =
        "!has(self.volumeSize) || (has(self.autoGrow) && !self.autoGrow)"
            + " || !string(self.volumeSize).matches('^[^eE]*[1-9]')",
    messageExpression =
        "'true: must be false because volumeSize is set, to ' + string(self.volumeSize)"
            + " + '; or leave volumeSize out'",
    fieldPath = ".autoGrow")
@ValidationRule(
    value =
        "!has(self.autoGrow) || self.autoGrow"
            + " || (has(self.volumeSize) && string(self.volumeSize).matches('^[^eE]*[1-9]'))",
    message =
        "false: must be true unless volumeSize is set to a quantity greater than 0, for example 10Gi",
    fieldPath = ".autoGrow")
@ValidationRule(
    value = "!has(self.maxVolumeSize) || !has(self.autoGrow) || self.autoGrow",
    messageExpression =
        "'\"' + string(self.maxVolumeSize) + '\": must not be set because autoGrow is false'",
    fieldPath = ".maxVolumeSize")
@ValidationRule(
    value =
        "has(self.backup) || !has(self.quorumLoss) || !has(self.quorumLoss.policy)"
            + " || self.quorumLoss.policy != 'FromBackup'",
    message = "\"FromBackup\": needs etcd.backup, which says where backups are",
    fieldPath = ".quorumLoss.policy")
@ValidationRule(
    value =
        "!has(self.quorumLoss) || !has(self.quorumLoss.policy)"
            + " || self.quorumLoss.policy != 'FromBackup' || !has(self.backup)"
            + " || !has(self.backup.credentials) || self.backup.credentials.source == 'Secret'",
    messageExpression =
        "'\"FromBackup\": must be Never or FromSurvivor because backup.credentials.source is '"
            + " + self.backup.credentials.source"
            + " + ': the pod of a restoration has no identity of its own'",
    fieldPath = ".quorumLoss.policy")
@ValidationRule(
    value = "!has(self.verticalAutoscaling) || !has(self.verticalAutoscaling.minReplicas)",
    message = VerticalAutoscaling.NEVER_EVICTED,
    fieldPath = ".verticalAutoscaling.minReplicas")
public record EtcdComponent(
    @Nullable ImageSpec image,
    @Nullable PullPolicy imagePullPolicy,
    @Nullable Map<String, String> args,
    @Nullable ResourceRequirements resources,
    @Nullable List<EnvVar> env,
    @Nullable String priorityClassName,
    @Nullable Map<String, String> nodeSelector,
    @Nullable List<Toleration> tolerations,
    @Nullable Affinity affinity,
    @Nullable List<TopologySpreadConstraint> topologySpreadConstraints,
    @Nullable Map<String, String> podLabels,
    @Nullable Map<String, String> podAnnotations,
    @Nullable List<LocalObjectReference> imagePullSecrets,
    @ValidationRule(value = "self in [1, 3, 5]", message = "must be 1, 3 or 5")
        @Nullable Integer replicas,
    @Nullable String storageClassName,
    @ValidationRule(
            value = "!string(self).startsWith('-')",
            message = "must be a quantity greater than 0 and less than 8Ei, for example 10Gi")
        @Nullable Quantity volumeSize,
    @Nullable Boolean autoGrow,
    @ValidationRule(
            value = "string(self).matches('^[^-eE]*[1-9]')",
            message = "must be a quantity greater than 0 and less than 8Ei, for example 16Gi")
        @Nullable Quantity maxVolumeSize,
    @Nullable VolumeRetention volumeRetention,
    @Nullable EtcdBackup backup,
    @Nullable EtcdQuorumLoss quorumLoss,
    @Nullable VerticalAutoscaling verticalAutoscaling)
    implements PlacementSettings {}
