package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;

/**
 * The Gateway through which hosted API servers are reached. It needs a listener with protocol TLS,
 * mode Passthrough and a wildcard host name.
 *
 * @param namespace Namespace of the Gateway.
 * @param name Name of the Gateway.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record GatewayReference(@Required String namespace, @Required String name) {}
