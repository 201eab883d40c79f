package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of kube-proxy in the hosted cluster.
 *
 * @param image Parts of the image reference that replace the default ones.
 * @param imagePullPolicy When the kubelet pulls the image: Always, IfNotPresent or Never. Default:
 *     IfNotPresent.
 * @param args Additional command-line flags of the process, flag name without dashes to value. A
 *     flag that the controller sets itself cannot be overridden.
 * @param resources Compute resources of the container, as in any pod. A resource of which neither
 *     request nor limit is set keeps its default.
 * @param env Further environment variables of the container; Secrets and ConfigMaps are those of
 *     `kube-system` in the hosted cluster. Those that the controller sets itself cannot be
 *     overridden.
 * @param priorityClassName Name of the PriorityClass of the pods. Default: system-node-critical.
 * @param nodeSelector Labels that a node must have to run the pods, label to value; besides
 *     `kubernetes.io/os: linux`.
 * @param affinity Nodes that shall run the pods. Default: all. kube-proxy tolerates every taint.
 * @param podLabels Further labels of the pods. Those that the controller sets itself cannot be
 *     overridden.
 * @param podAnnotations Further annotations of the pods. Those that the controller sets itself
 *     cannot be overridden.
 * @param imagePullSecrets Secrets in `kube-system` of the hosted cluster with credentials for
 *     registries. Nobody copies them there.
 * @param disabled Whether kube-proxy is left out of the hosted cluster, for clusters whose network
 *     plug-in replaces it, and removed if it was there. Default: false.
 * @param mode How kube-proxy programs the kernel: nftables or iptables. Default: nftables from
 *     Kubernetes 1.33 on, iptables before.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record KubeProxy(
    @Nullable ImageSpec image,
    @Nullable PullPolicy imagePullPolicy,
    @Nullable Map<String, String> args,
    @Nullable ResourceRequirements resources,
    @Nullable List<EnvVar> env,
    @Nullable String priorityClassName,
    @Nullable Map<String, String> nodeSelector,
    @Nullable NodeOnlyAffinity affinity,
    @Nullable Map<String, String> podLabels,
    @Nullable Map<String, String> podAnnotations,
    @Nullable List<LocalObjectReference> imagePullSecrets,
    @Nullable Boolean disabled,
    @Nullable ProxyMode mode)
    implements PodSettings {}
