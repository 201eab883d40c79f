package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of CoreDNS in the hosted cluster.
 *
 * @param image Parts of the image reference that replace the default ones.
 * @param imagePullPolicy When the kubelet pulls the image: Always, IfNotPresent or Never. Default:
 *     IfNotPresent.
 * @param args Additional command-line flags of the process, flag name without dashes to value. A
 *     flag that the controller sets itself cannot be overridden.
 * @param resources Compute resources of the container, as in any pod.
 * @param priorityClassName Name of the PriorityClass of the pods. Default: system-cluster-critical.
 * @param replicas Number of pods; not more than there are ready nodes. Default: 2.
 * @param corefile The whole Corefile, instead of the default one. It needs `health`, `ready`, and
 *     `reload` to take effect without a restart.
 * @param disabled Whether CoreDNS is left out of the hosted cluster, and removed if it was there.
 *     Default: false.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CoreDns(
    @Nullable ImageSpec image,
    @Nullable PullPolicy imagePullPolicy,
    @Nullable Map<String, String> args,
    @Nullable ResourceRequirements resources,
    @Nullable String priorityClassName,
    @Min(1) @Nullable Integer replicas,
    @Size(min = 1, max = 65536) @Nullable String corefile,
    @Nullable Boolean disabled)
    implements ReplicaSettings {}
