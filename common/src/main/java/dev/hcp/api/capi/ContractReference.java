package dev.hcp.api.capi;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * A reference to an object of the same namespace whose API version follows from the contract.
 *
 * @param apiGroup API group
 * @param kind kind
 * @param name name
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ContractReference(String apiGroup, String kind, String name) {}
