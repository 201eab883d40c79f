package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * API servers are added and removed by the CPU time that they take, by a HorizontalPodAutoscaler of
 * the management cluster, which needs the metrics API there, as metrics-server serves it. Needs
 * `resources.requests.cpu` (or a limit), of which CPU is counted in percent. While API servers are
 * being replaced, their number stays. Condition `APIServerAutoscalingReady` says what hinders it.
 *
 * @param minReplicas The fewest API servers, 1 to 1000, at most `maxReplicas`. Default:
 *     `spec.replicas`, but at most `maxReplicas`.
 * @param maxReplicas The most API servers, 1 to 1000.
 * @param targetCPUUtilizationPercentage How much of the CPU that it requests an API server shall
 *     take on average, 1 to 1000 percent; if it takes more, others are added. Default: 80.
 * @param scaleDownStabilizationWindowSeconds How long the load has to be lower before an API server
 *     is removed, 0 to 3600 seconds. Default: 600.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value = "!has(self.minReplicas) || self.minReplicas <= self.maxReplicas",
    message = "must be at least minReplicas",
    fieldPath = ".maxReplicas")
public record ApiServerAutoscaling(
    @Min(1) @Max(ReplicaSettings.MOST) @Nullable Integer minReplicas,
    @Required @Min(1) @Max(ReplicaSettings.MOST) Integer maxReplicas,
    @Min(1) @Max(ApiServerAutoscaling.MOST_PERCENT)
        @Nullable Integer targetCPUUtilizationPercentage,
    @Min(0) @Max(ApiServerAutoscaling.LONGEST_WINDOW)
        @Nullable Integer scaleDownStabilizationWindowSeconds) {
  /** Most CPU time, in percent of what is requested. */
  public static final int MOST_PERCENT = 1000;

  /** Longest time for which the load has to be lower, in seconds. */
  public static final int LONGEST_WINDOW = 3600;

  /** What is said where CPU is not requested. */
  public static final String NEEDS_CPU =
      "must say how much cpu is requested, for example {requests: {cpu: 500m}}: autoscaling counts"
          + " CPU in percent of that";

  private static final int DEFAULT_PERCENT = 80;
  private static final int DEFAULT_WINDOW = 600;

  /** How much of the requested CPU an API server shall take, by default too. */
  public int percentOrDefault() {
    return targetCPUUtilizationPercentage == null
        ? DEFAULT_PERCENT
        : targetCPUUtilizationPercentage;
  }

  /** How long the load has to be lower, in seconds, by default too. */
  public int windowOrDefault() {
    return scaleDownStabilizationWindowSeconds == null
        ? DEFAULT_WINDOW
        : scaleDownStabilizationWindowSeconds;
  }
}
