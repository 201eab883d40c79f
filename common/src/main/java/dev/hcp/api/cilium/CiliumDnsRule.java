package dev.hcp.api.cilium;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * DNS names that may be asked for.
 *
 * @param matchPattern pattern in which {@code *} stands for anything
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CiliumDnsRule(String matchPattern) {}
