package dev.hcp.api.autoscaling;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What is recommended for which containers.
 *
 * @param containerPolicies one for each container; the name {@code *} stands for all others
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record PodResourcePolicy(List<ContainerResourcePolicy> containerPolicies) {}
