package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/**
 * What a HostedControlPlane made from a template looks like.
 *
 * @param metadata Labels and annotations of the HostedControlPlane.
 * @param spec Spec of the HostedControlPlane.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record HostedControlPlaneTemplateResource(
    @Nullable TemplateMetadata metadata, @Required HostedControlPlaneTemplateResourceSpec spec) {}
