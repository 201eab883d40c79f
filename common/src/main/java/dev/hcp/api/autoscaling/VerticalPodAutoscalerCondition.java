package dev.hcp.api.autoscaling;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One aspect of the state of a VerticalPodAutoscaler.
 *
 * @param type name of the aspect
 * @param status True, False or Unknown
 * @param reason cause in one word
 * @param message cause in a sentence
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record VerticalPodAutoscalerCondition(
    String type, String status, @Nullable String reason, @Nullable String message) {}
