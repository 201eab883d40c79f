package dev.hcp.validation;

import dev.hcp.api.v1alpha1.ApiServerAutoscaling;
import dev.hcp.api.v1alpha1.ApiServerPod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How the number of API servers may follow the load. */
final class AutoscalingRules {
  private static final String CPU = "cpu";

  private AutoscalingRules() {}

  static void check(Field apiServer, ApiServerPod pod, ApiServerAutoscaling autoscaling) {
    var field = apiServer.at("autoscaling");
    PodRules.replicas(field.at("minReplicas"), autoscaling.minReplicas());
    PodRules.replicas(field.at("maxReplicas"), autoscaling.maxReplicas());
    field
        .at("maxReplicas")
        .require(
            autoscaling.minReplicas() == null
                || autoscaling.minReplicas() <= autoscaling.maxReplicas(),
            autoscaling.maxReplicas(),
            "must be at least minReplicas, %d".formatted(autoscaling.minReplicas()));
    range(
        field.at("targetCPUUtilizationPercentage"),
        autoscaling.percentOrDefault(),
        1,
        ApiServerAutoscaling.MOST_PERCENT);
    range(
        field.at("scaleDownStabilizationWindowSeconds"),
        autoscaling.windowOrDefault(),
        0,
        ApiServerAutoscaling.LONGEST_WINDOW);
    checkCpu(apiServer.at("resources"), pod.resources());
  }

  private static void range(Field field, int value, int least, int most) {
    field.require(
        value >= least && value <= most, value, "must be %d to %d".formatted(least, most));
  }

  /** Kubernetes takes the limit for a request that is missing. */
  private static void checkCpu(Field field, @Nullable ResourceRequirements resources) {
    var request = cpu(resources == null ? null : resources.getRequests());
    var limit = cpu(resources == null ? null : resources.getLimits());
    if (request.isEmpty() && limit.isEmpty()) {
      field.missing(ApiServerAutoscaling.NEEDS_CPU);
      return;
    }
    var counted = request.or(() -> limit).orElseThrow();
    field
        .at(request.isPresent() ? "requests" : "limits")
        .key(CPU)
        .require(
            Quantities.amount(counted).filter(amount -> amount.signum() > 0).isPresent(),
            Quantities.text(counted),
            "must be greater than 0: autoscaling counts CPU in percent of it, for example 500m");
  }

  private static Optional<Quantity> cpu(@Nullable Map<String, Quantity> quantities) {
    return Optional.ofNullable(quantities).map(all -> all.get(CPU));
  }
}
