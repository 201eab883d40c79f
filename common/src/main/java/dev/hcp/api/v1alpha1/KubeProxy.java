package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
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
 * @param resources Compute resources of the container, as in any pod.
 * @param priorityClassName Name of the PriorityClass of the pods. Default: system-node-critical.
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
    @Nullable String priorityClassName,
    @Nullable Boolean disabled,
    @Nullable ProxyMode mode)
    implements PodSettings {}
