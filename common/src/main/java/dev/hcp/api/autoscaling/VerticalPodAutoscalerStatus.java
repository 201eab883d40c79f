package dev.hcp.api.autoscaling;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Status of a VerticalPodAutoscaler. What is recommended is not read: it is for people, and for
 * those who apply it.
 *
 * @param conditions what the recommender says; missing until it has looked at the object
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record VerticalPodAutoscalerStatus(
    @Nullable List<VerticalPodAutoscalerCondition> conditions) {}
