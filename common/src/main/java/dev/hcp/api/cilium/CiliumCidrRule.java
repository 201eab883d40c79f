package dev.hcp.api.cilium;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * Addresses outside the cluster.
 *
 * @param cidr range in CIDR notation
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CiliumCidrRule(String cidr) {}
