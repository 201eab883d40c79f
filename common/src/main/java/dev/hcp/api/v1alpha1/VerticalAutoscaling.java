package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container requests follows what it uses, by a VerticalPodAutoscaler of the management
 * cluster.
 *
 * @param mode Off: what is recommended is only shown, by the VerticalPodAutoscaler. Auto: pods get
 *     it when they are created and, but for those of etcd, while they run: in place where that is
 *     possible, by eviction elsewhere.
 * @param minAllowed The least cpu and memory that is requested. Never less than by default.
 * @param maxAllowed The most cpu and memory that is requested; needed if mode is Auto.
 * @param minReplicas How many pods there have to be for one that runs to be touched; not for etcd.
 *     Default: 2.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
@ValidationRule(
    value = "self.mode == 'Off' || (has(self.maxAllowed) && 'memory' in self.maxAllowed)",
    message = VerticalAutoscaling.NEEDS_MOST_MEMORY)
public record VerticalAutoscaling(
    @Required VerticalAutoscalingMode mode,
    @Nullable Map<String, Quantity> minAllowed,
    @Nullable Map<String, Quantity> maxAllowed,
    @Min(1) @Max(ReplicaSettings.MOST) @Nullable Integer minReplicas)
    implements SizeLimits {
  /** What is said where nothing bounds memory. */
  public static final String NEEDS_MOST_MEMORY =
      "must have maxAllowed with memory, for example 4Gi, because mode is Auto";

  /** What is said where the number of pods follows CPU already. */
  public static final String NOT_BOTH_ON_CPU =
      "must not limit cpu because autoscaling counts CPU in percent of what is requested: only"
          + " memory follows then";

  /** What is said of a container in a pod that is not resized. */
  public static final String NEEDS_THAT_OF_THE_POD =
      "must not be set unless the pod has verticalAutoscaling";

  /** What is said of pods that only the controller replaces. */
  public static final String NEVER_EVICTED = "must not be set: members are never evicted for it";

  private static final int DEFAULT_REPLICAS = 2;

  /** How many pods there have to be for one to be touched, by default too. */
  public int minReplicasOrDefault() {
    return minReplicas == null ? DEFAULT_REPLICAS : minReplicas;
  }
}
