package dev.hcp.api.cilium;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Spec of a CiliumNetworkPolicy. A direction is closed by default only if its list has an element.
 *
 * @param endpointSelector pods that it is about, in its own namespace
 * @param ingress what may come in; an element without peers allows nothing
 * @param egress what may go out; likewise
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CiliumNetworkPolicySpec(
    LabelSelector endpointSelector,
    @Nullable List<CiliumIngressRule> ingress,
    @Nullable List<CiliumEgressRule> egress) {}
