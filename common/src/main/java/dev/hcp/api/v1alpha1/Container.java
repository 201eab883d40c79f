package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of one container.
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
 * @param verticalAutoscaling Between which sizes the container is whose requests follow what is
 *     used. Needs that of the pod. Default: they are as `resources` says.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Container(
    @Nullable ImageSpec image,
    @Nullable PullPolicy imagePullPolicy,
    @Nullable Map<String, String> args,
    @Nullable ResourceRequirements resources,
    @Nullable List<EnvVar> env,
    @Nullable ContainerSizeLimits verticalAutoscaling)
    implements ContainerSettings {}
