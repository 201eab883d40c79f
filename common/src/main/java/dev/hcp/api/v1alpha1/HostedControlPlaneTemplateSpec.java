package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Required;

/**
 * The desired state of a HostedControlPlaneTemplate.
 *
 * @param template The HostedControlPlane to make.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record HostedControlPlaneTemplateSpec(
    @Required HostedControlPlaneTemplateResource template) {}
