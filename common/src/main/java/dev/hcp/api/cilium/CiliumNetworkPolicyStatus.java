package dev.hcp.api.cilium;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Status of a CiliumNetworkPolicy.
 *
 * @param conditions what Cilium says of it; missing until Cilium's operator has looked at it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CiliumNetworkPolicyStatus(@Nullable List<CiliumCondition> conditions) {}
