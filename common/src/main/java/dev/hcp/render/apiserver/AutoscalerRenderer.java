package dev.hcp.render.apiserver;

import dev.hcp.api.v1alpha1.ApiServerAutoscaling;
import dev.hcp.model.ControlPlane;
import dev.hcp.naming.Component;
import dev.hcp.render.Metadata;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingPolicy;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingPolicyBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;

/** What adds and removes API servers by load. */
public final class AutoscalerRenderer {
  private static final String DISABLED = "Disabled";
  private static final String MAX = "Max";

  /** An API server takes about half a minute to start, and loads etcd while it does. */
  private static final int UP_PERIOD_SECONDS = 60;

  private static final int UP_PERCENT = 100;
  private static final int UP_PODS = 2;

  /** Whoever watches has to watch anew, with the others, when an API server goes. */
  private static final int DOWN_PERIOD_SECONDS = 180;

  private AutoscalerRenderer() {}

  /**
   * The HorizontalPodAutoscaler. It measures the API server alone, not what runs beside it.
   *
   * @param paused whether it leaves the number as it is, as long as that is within the limits
   */
  public static HorizontalPodAutoscaler render(
      ControlPlane controlPlane, ApiServerAutoscaling settings, boolean paused) {
    var name = controlPlane.names().apiServer();
    return new HorizontalPodAutoscalerBuilder()
        .withMetadata(Metadata.of(controlPlane, name, Component.API_SERVER))
        .withNewSpec()
        .withNewScaleTargetRef()
        .withApiVersion("apps/v1")
        .withKind("Deployment")
        .withName(name)
        .endScaleTargetRef()
        .withMinReplicas(controlPlane.fewestApiServers())
        .withMaxReplicas(controlPlane.mostApiServers())
        .addNewMetric()
        .withType("ContainerResource")
        .withNewContainerResource()
        .withContainer(ApiServerRenderer.CONTAINER)
        .withName("cpu")
        .withNewTarget()
        .withType("Utilization")
        .withAverageUtilization(settings.percentOrDefault())
        .endTarget()
        .endContainerResource()
        .endMetric()
        .withNewBehavior()
        .withNewScaleUp()
        .withStabilizationWindowSeconds(0)
        .withSelectPolicy(paused ? DISABLED : MAX)
        .withPolicies(
            policy("Percent", UP_PERCENT, UP_PERIOD_SECONDS),
            policy("Pods", UP_PODS, UP_PERIOD_SECONDS))
        .endScaleUp()
        .withNewScaleDown()
        .withStabilizationWindowSeconds(settings.windowOrDefault())
        .withSelectPolicy(paused ? DISABLED : MAX)
        .withPolicies(policy("Pods", 1, DOWN_PERIOD_SECONDS))
        .endScaleDown()
        .endBehavior()
        .endSpec()
        .build();
  }

  private static HPAScalingPolicy policy(String type, int value, int periodSeconds) {
    return new HPAScalingPolicyBuilder()
        .withType(type)
        .withValue(value)
        .withPeriodSeconds(periodSeconds)
        .build();
  }
}
