package dev.hcp.api.cilium;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What may go out. Cilium refuses a rule that names its peers in more than one way.
 *
 * @param toEndpoints pods; a selector that does not mention a namespace means the policy's own
 * @param toEntities groups of peers that Cilium knows by name
 * @param toCIDRSet addresses outside the cluster
 * @param toFQDNs addresses to which DNS names led, as far as the DNS answers were seen
 * @param toPorts ports on which they may be reached
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CiliumEgressRule(
    @Nullable List<LabelSelector> toEndpoints,
    @Nullable List<String> toEntities,
    @Nullable List<CiliumCidrRule> toCIDRSet,
    @Nullable List<CiliumFqdn> toFQDNs,
    @Nullable List<CiliumPortRule> toPorts) {}
