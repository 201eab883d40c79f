package dev.hcp.api.capi;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import org.jspecify.annotations.Nullable;

/**
 * Spec of a Cluster.
 *
 * @param paused whether nothing of the cluster may be changed
 * @param clusterNetwork ranges and domain of the cluster
 * @param controlPlaneEndpoint address of the API server
 * @param controlPlaneRef the control plane object
 * @param infrastructureRef the infrastructure cluster
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ClusterSpec(
    @Nullable Boolean paused,
    @Nullable ClusterNetwork clusterNetwork,
    @Nullable ControlPlaneEndpoint controlPlaneEndpoint,
    @Nullable ContractReference controlPlaneRef,
    @Nullable ContractReference infrastructureRef) {}
