package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * One aspect of the state of an object, in the form of `meta/v1` Condition.
 *
 * @param type Name of the aspect, in CamelCase.
 * @param status `True`, `False` or `Unknown`.
 * @param observedGeneration Generation of the spec that the condition speaks of.
 * @param lastTransitionTime When `status` last changed.
 * @param reason Machine-readable cause of the last change, in CamelCase.
 * @param message What is observed, what is wanted, and what happens next.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Condition(
    @Required String type,
    @Required String status,
    @Nullable Long observedGeneration,
    @Required String lastTransitionTime,
    @Required String reason,
    @Required String message) {}
