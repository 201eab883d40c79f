package dev.hcp.api.cilium;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ports, and what may be said on them.
 *
 * @param ports the ports
 * @param rules restrictions within the protocol
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CiliumPortRule(List<CiliumPort> ports, @Nullable CiliumProtocolRules rules) {}
