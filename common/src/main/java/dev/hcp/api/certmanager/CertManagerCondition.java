package dev.hcp.api.certmanager;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One aspect of the state of an object of cert-manager.
 *
 * @param type name of the aspect
 * @param status True, False or Unknown
 * @param reason cause in one word
 * @param message cause in a sentence
 * @param observedGeneration generation that it speaks of
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record CertManagerCondition(
    String type,
    String status,
    @Nullable String reason,
    @Nullable String message,
    @Nullable Long observedGeneration) {}
