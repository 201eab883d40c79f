package dev.hcp.api.cilium;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * Restrictions within a protocol. They make Cilium look into the traffic.
 *
 * @param dns names that may be asked for; the answers tell Cilium where the names lead
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CiliumProtocolRules(List<CiliumDnsRule> dns) {}
