package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Between which sizes a container is that runs beside the main one, whose `verticalAutoscaling`
 * says whether it gets what is recommended.
 *
 * @param minAllowed The least cpu and memory that is requested. Never less than by default.
 * @param maxAllowed The most cpu and memory that is requested; needed if the mode of the pod is
 *     Auto.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ContainerSizeLimits(
    @Nullable Map<String, Quantity> minAllowed, @Nullable Map<String, Quantity> maxAllowed)
    implements SizeLimits {}
