package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
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
    @Required @Size(min = 1, max = 316) String type,
    @Required String status,
    @Min(0) @Nullable Long observedGeneration,
    @Required String lastTransitionTime,
    @Required @Size(min = 1, max = 1024) @Pattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")
        String reason,
    @Required @Size(max = 32768) String message) {}
