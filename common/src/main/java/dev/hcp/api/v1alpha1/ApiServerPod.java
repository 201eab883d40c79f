package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
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
 * @param resources Compute resources of the container, as in any pod.
 * @param priorityClassName Name of the PriorityClass of the pods.
 * @param mounts Additional volumes of the API server container, volume name to source and path.
 * @param konnectivity Settings of the konnectivity server, which runs beside each API server.
 * @param audit Audit policy and where audit events go. Without it nothing is audited.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ApiServerPod(
    @Nullable ImageSpec image,
    @Nullable PullPolicy imagePullPolicy,
    @Nullable Map<String, String> args,
    @Nullable ResourceRequirements resources,
    @Nullable String priorityClassName,
    @Nullable Map<String, Mount> mounts,
    @Nullable Container konnectivity,
    @Nullable Audit audit)
    implements PodSettings {}
