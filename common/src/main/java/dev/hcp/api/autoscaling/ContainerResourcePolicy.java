package dev.hcp.api.autoscaling;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is recommended for a container.
 *
 * @param containerName its name; {@code *} stands for all without a policy of their own
 * @param mode Auto, or Off for nothing
 * @param controlledResources of which resources
 * @param controlledValues whether limits follow, in the proportion that they have to requests
 * @param minAllowed never less than that
 * @param maxAllowed never more than that
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ContainerResourcePolicy(
    String containerName,
    String mode,
    @Nullable List<String> controlledResources,
    @Nullable String controlledValues,
    @Nullable Map<String, Quantity> minAllowed,
    @Nullable Map<String, Quantity> maxAllowed) {}
