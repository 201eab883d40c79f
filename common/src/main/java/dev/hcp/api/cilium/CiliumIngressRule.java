package dev.hcp.api.cilium;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What may come in. Cilium refuses a rule that names its peers in more than one way.
 *
 * @param fromEndpoints pods; a selector that does not mention a namespace means the policy's own
 * @param fromEntities groups of peers that Cilium knows by name
 * @param fromCIDRSet addresses outside the cluster
 * @param toPorts ports on which they are let in
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CiliumIngressRule(
    @Nullable List<LabelSelector> fromEndpoints,
    @Nullable List<String> fromEntities,
    @Nullable List<CiliumCidrRule> fromCIDRSet,
    @Nullable List<CiliumPortRule> toPorts) {}
