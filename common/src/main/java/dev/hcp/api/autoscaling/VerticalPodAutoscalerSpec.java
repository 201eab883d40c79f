package dev.hcp.api.autoscaling;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.kubernetes.api.model.autoscaling.v1.CrossVersionObjectReference;

/**
 * Spec of a VerticalPodAutoscaler.
 *
 * @param targetRef whose pods it is about. A workload with a controller of its own that can be
 *     scaled is refused: the autoscaler wants that controller then.
 * @param updatePolicy how pods get what is recommended
 * @param resourcePolicy what is recommended for which containers
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record VerticalPodAutoscalerSpec(
    CrossVersionObjectReference targetRef,
    PodUpdatePolicy updatePolicy,
    PodResourcePolicy resourcePolicy) {}
