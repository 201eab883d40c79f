package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
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
 * @param resources Compute resources of the container, as in any pod.
 * @param priorityClassName Name of the PriorityClass of the pods.
 * @param replicas Number of members: 1, 3 or 5. Default: 3. Cannot be changed later.
 * @param storageClassName StorageClass of the data volumes. Default: the default class of the
 *     management cluster. Cannot be changed later.
 * @param volumeSize Fixed size of each data volume. Needs `autoGrow: false`.
 * @param autoGrow Whether data volumes are enlarged when they fill up; excludes `volumeSize`.
 *     Default: true.
 * @param backup Periodic snapshots to an S3-compatible store. Without it no backups are made.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value =
        "!has(self.volumeSize) || (has(self.autoGrow) && !self.autoGrow)"
            + " || !string(self.volumeSize).matches('^[^eE]*[1-9]')",
    messageExpression =
        "'must be false because volumeSize is set, to ' + string(self.volumeSize)"
            + " + '; or leave volumeSize out'",
    fieldPath = ".autoGrow")
@ValidationRule(
    value =
        "!has(self.autoGrow) || self.autoGrow"
            + " || (has(self.volumeSize) && string(self.volumeSize).matches('^[^eE]*[1-9]'))",
    message =
        "must be true unless volumeSize is set to a quantity greater than 0, for example 10Gi",
    fieldPath = ".autoGrow")
public record EtcdComponent(
    @Nullable ImageSpec image,
    @Nullable PullPolicy imagePullPolicy,
    @Nullable Map<String, String> args,
    @Nullable ResourceRequirements resources,
    @Nullable String priorityClassName,
    @ValidationRule(value = "self in [1, 3, 5]", message = "must be 1, 3 or 5")
        @Nullable Integer replicas,
    @Nullable String storageClassName,
    @ValidationRule(
            value = "!string(self).startsWith('-')",
            messageExpression = "'must not be negative, as ' + string(self)")
        @Nullable Quantity volumeSize,
    @Nullable Boolean autoGrow,
    @Nullable EtcdBackup backup)
    implements PodSettings {}
