package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * How the claims of a token become a Kubernetes user.
 *
 * @param username CEL expression over `claims` that gives the user name.
 * @param groups CEL expression over `claims` that gives the groups, a string or a list of strings.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record OidcClaimMappings(@Required String username, @Nullable String groups) {}
