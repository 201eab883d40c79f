package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * A condition on the claims of a token.
 *
 * @param expression CEL expression over `claims`; the token is refused unless it is true.
 * @param message What the refused client is told.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record OidcClaimValidationRule(@Required String expression, @Nullable String message) {}
