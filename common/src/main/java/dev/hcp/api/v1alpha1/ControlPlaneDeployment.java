package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the components that run as Deployments on the management cluster.
 *
 * @param apiServer kube-apiserver and the konnectivity server beside it.
 * @param controllerManager kube-controller-manager. Default: 1 replica.
 * @param scheduler kube-scheduler. Default: 1 replica.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ControlPlaneDeployment(
    @Nullable ApiServerPod apiServer,
    @Nullable ScalablePod controllerManager,
    @Nullable ScalablePod scheduler) {}
