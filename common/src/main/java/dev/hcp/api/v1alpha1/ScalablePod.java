package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a component that runs as pods with one main container.
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
 * @param affinity Nodes and pods that the pods shall be near to, or far from. Each of the three
 *     kinds replaces the default of that kind: near to pods of the API server, if possible.
 * @param topologySpreadConstraints How the pods are spread; replaces the default: over hosts, and
 *     over zones if possible. Without `labelSelector` a constraint counts the pods of this
 *     component.
 * @param podLabels Further labels of the pods. Those that the controller sets itself cannot be
 *     overridden.
 * @param podAnnotations Further annotations of the pods. Those that the controller sets itself
 *     cannot be overridden.
 * @param imagePullSecrets Secrets in the namespace of the control plane with credentials for
 *     registries, besides those in `spec.images.pullSecrets`.
 * @param replicas Number of pods, 1 to 1000; the default depends on the component.
 * @param verticalAutoscaling Whether what is requested follows what is used. Default: it is as
 *     `resources` says.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ScalablePod(
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
    @Min(1) @Max(ReplicaSettings.MOST) @Nullable Integer replicas,
    @Nullable VerticalAutoscaling verticalAutoscaling)
    implements ReplicaSettings {}
