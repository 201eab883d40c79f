package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * When pods of the control plane are replaced although nothing of the spec changes.
 *
 * @param after Once this time has passed, the pods of API servers, controller-managers and
 *     schedulers are replaced, once. A later time replaces them again; an earlier one, or none,
 *     changes nothing.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record RolloutSettings(@Nullable String after) {}
