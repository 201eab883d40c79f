package dev.hcp.api.cilium;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One aspect of the state of a CiliumNetworkPolicy.
 *
 * @param type name of the aspect; {@code Valid} is whether Cilium can enforce it
 * @param status True, False or Unknown
 * @param message cause in a sentence
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CiliumCondition(String type, String status, @Nullable String message) {}
