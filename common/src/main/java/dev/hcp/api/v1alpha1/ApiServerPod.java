package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.ValidationRule;
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
 * Settings of the API server pods.
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
 *     kinds replaces the default of that kind: near to pods of etcd, if possible.
 * @param topologySpreadConstraints How the pods are spread; replaces the default: over hosts, and
 *     over zones if possible. Without `labelSelector` a constraint counts the pods of this
 *     component.
 * @param podLabels Further labels of the pods. Those that the controller sets itself cannot be
 *     overridden.
 * @param podAnnotations Further annotations of the pods. Those that the controller sets itself
 *     cannot be overridden.
 * @param imagePullSecrets Secrets in the namespace of the control plane with credentials for
 *     registries, besides those in `spec.images.pullSecrets`.
 * @param mounts Additional volumes of the API server container, volume name to source and path.
 * @param konnectivity Settings of the konnectivity server, which runs beside each API server.
 * @param audit Audit policy and where audit events go. Without it nothing is audited.
 * @param autoscaling Between which numbers, and by which load, API servers are added and removed.
 *     Default: there are always `spec.replicas`.
 * @param verticalAutoscaling Whether what is requested follows what is used. Default: it is as
 *     `resources` says. Together with `autoscaling` only memory follows.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value =
        "!has(self.autoscaling) || (has(self.resources)"
            + " && ((has(self.resources.requests) && 'cpu' in self.resources.requests)"
            + " || (has(self.resources.limits) && 'cpu' in self.resources.limits)))",
    message = ApiServerAutoscaling.NEEDS_CPU,
    fieldPath = ".resources")
@ValidationRule(
    value =
        "!has(self.autoscaling) || !has(self.verticalAutoscaling)"
            + " || !((has(self.verticalAutoscaling.maxAllowed)"
            + " && 'cpu' in self.verticalAutoscaling.maxAllowed)"
            + " || (has(self.verticalAutoscaling.minAllowed)"
            + " && 'cpu' in self.verticalAutoscaling.minAllowed))",
    message = VerticalAutoscaling.NOT_BOTH_ON_CPU,
    fieldPath = ".verticalAutoscaling")
@ValidationRule(
    value =
        "has(self.verticalAutoscaling) || !has(self.konnectivity)"
            + " || !has(self.konnectivity.verticalAutoscaling)",
    message = VerticalAutoscaling.NEEDS_THAT_OF_THE_POD,
    fieldPath = ".konnectivity.verticalAutoscaling")
public record ApiServerPod(
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
    @Nullable Map<String, Mount> mounts,
    @Nullable Container konnectivity,
    @Nullable Audit audit,
    @Nullable ApiServerAutoscaling autoscaling,
    @Nullable VerticalAutoscaling verticalAutoscaling)
    implements PlacementSettings {}
