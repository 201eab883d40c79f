package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Metadata that a template hands on.
 *
 * @param labels Labels to set.
 * @param annotations Annotations to set.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record TemplateMetadata(
    @Nullable Map<String, String> labels, @Nullable Map<String, String> annotations) {}
