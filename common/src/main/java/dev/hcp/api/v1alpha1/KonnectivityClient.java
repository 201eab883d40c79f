package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the konnectivity agents in the hosted cluster.
 *
 * @param image Parts of the image reference that replace the default ones.
 * @param imagePullPolicy When the kubelet pulls the image: Always, IfNotPresent or Never. Default:
 *     IfNotPresent.
 * @param args Additional command-line flags of the process, flag name without dashes to value. A
 *     flag that the controller sets itself cannot be overridden.
 * @param resources Compute resources of the container, as in any pod.
 * @param priorityClassName Name of the PriorityClass of the pods. Default: system-cluster-critical.
 * @param replicas Number of pods; not more than there are ready nodes. Default: 2.
 * @param disabled Whether the agents are left out of the hosted cluster, and removed if they were
 *     there. Without agents, logs, exec, webhooks and aggregated APIs do not work. Default: false.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record KonnectivityClient(
    @Nullable ImageSpec image,
    @Nullable PullPolicy imagePullPolicy,
    @Nullable Map<String, String> args,
    @Nullable ResourceRequirements resources,
    @Nullable String priorityClassName,
    @Min(1) @Nullable Integer replicas,
    @Nullable Boolean disabled)
    implements ReplicaSettings {}
