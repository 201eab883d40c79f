package dev.hcp.validation;

import dev.hcp.api.v1alpha1.ApiServerPod;
import dev.hcp.api.v1alpha1.EtcdComponent;
import dev.hcp.api.v1alpha1.ScalablePod;
import dev.hcp.api.v1alpha1.SizeLimits;
import dev.hcp.api.v1alpha1.VerticalAutoscaling;
import dev.hcp.api.v1alpha1.VerticalAutoscalingMode;
import dev.hcp.model.DefaultRequests;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Between which sizes containers may be. */
final class VerticalAutoscalingRules {
  private static final String FIELD = "verticalAutoscaling";
  private static final String LEAST = "minAllowed";
  private static final String MOST = "maxAllowed";
  private static final String CPU = "cpu";
  private static final String MEMORY = "memory";
  private static final List<String> ALL = List.of(CPU, MEMORY);
  private static final Quantity MILLI = new Quantity("1m");
  private static final Quantity ONE = new Quantity("1");

  private VerticalAutoscalingRules() {}

  static void checkApiServer(Field apiServer, ApiServerPod pod) {
    var settings = pod.verticalAutoscaling();
    var konnectivity = pod.konnectivity();
    var beside = apiServer.at("konnectivity").at(FIELD);
    if (settings != null) {
      checkPod(
          apiServer.at(FIELD),
          settings,
          DefaultRequests.API_SERVER,
          pod.autoscaling() == null ? ALL : List.of(MEMORY));
    }
    if (konnectivity == null || konnectivity.verticalAutoscaling() == null) {
      return;
    }
    if (settings == null) {
      beside.forbid(VerticalAutoscaling.NEEDS_THAT_OF_THE_POD);
      return;
    }
    var limits = konnectivity.verticalAutoscaling();
    checkLimits(beside, limits, DefaultRequests.KONNECTIVITY_SERVER);
    checkMost(beside, settings.mode(), limits, ALL);
  }

  static void checkFollower(Field field, @Nullable ScalablePod pod, DefaultRequests defaults) {
    if (pod != null && pod.verticalAutoscaling() != null) {
      checkPod(field.at(FIELD), pod.verticalAutoscaling(), defaults, ALL);
    }
  }

  static void checkEtcd(Field field, EtcdComponent etcd) {
    var settings = etcd.verticalAutoscaling();
    if (settings == null) {
      return;
    }
    checkPod(field.at(FIELD), settings, DefaultRequests.ETCD, ALL);
    if (settings.minReplicas() != null) {
      field.at(FIELD).at("minReplicas").forbid(VerticalAutoscaling.NEVER_EVICTED);
    }
  }

  /**
   * What all pods have in common.
   *
   * @param follows the resources of which the request follows what is used
   */
  private static void checkPod(
      Field field, VerticalAutoscaling settings, DefaultRequests defaults, List<String> follows) {
    PodRules.replicas(field.at("minReplicas"), settings.minReplicas());
    checkLimits(field, settings, defaults);
    if (!follows.contains(CPU)
        && (amounts(settings.minAllowed()).containsKey(CPU)
            || amounts(settings.maxAllowed()).containsKey(CPU))) {
      field.forbid(VerticalAutoscaling.NOT_BOTH_ON_CPU);
    }
    checkMost(field, settings.mode(), settings, follows);
  }

  private static void checkMost(
      Field field, VerticalAutoscalingMode mode, SizeLimits limits, List<String> follows) {
    if (mode == VerticalAutoscalingMode.AUTO
        && !amounts(limits.maxAllowed()).keySet().containsAll(follows)) {
      field
          .at(MOST)
          .missing(
              "must have %s because mode is Auto: a pod that requests more than any node has does not start"
                  .formatted(String.join(" and ", follows)));
    }
  }

  private static void checkLimits(Field field, SizeLimits limits, DefaultRequests defaults) {
    var least = amounts(limits.minAllowed());
    least.forEach((resource, amount) -> checkAmount(field.at(LEAST), resource, amount));
    amounts(limits.maxAllowed())
        .forEach((resource, amount) -> {
          checkAmount(field.at(MOST), resource, amount);
          var most = field.at(MOST).key(resource);
          atLeast(most, amount, least.get(resource), "must be at least minAllowed, %s");
          atLeast(
              most,
              amount,
              defaults.amounts().get(resource),
              "must be at least %s, with less of which it does not work");
        });
  }

  private static void atLeast(
      Field field, Quantity amount, @Nullable Quantity floor, String accepted) {
    if (floor != null && Quantities.compare(amount, floor).orElse(0) < 0) {
      field.reject(Quantities.text(amount), accepted.formatted(Quantities.text(floor)));
    }
  }

  /** The autoscaler refuses what is finer than it counts. */
  private static void checkAmount(Field limits, String resource, Quantity amount) {
    var field = limits.key(resource);
    if (!ALL.contains(resource)) {
      field.reject(resource, "must be cpu or memory");
      return;
    }
    Quantities.notNegative(field, amount);
    var unit = resource.equals(CPU) ? MILLI : ONE;
    field.require(
        Quantities.isMultiple(amount, unit),
        Quantities.text(amount),
        resource.equals(CPU)
            ? "must be a whole number of milli CPUs, for example 500m"
            : "must be a whole number of bytes, for example 2Gi");
  }

  private static Map<String, Quantity> amounts(@Nullable Map<String, Quantity> amounts) {
    return amounts == null ? Map.of() : amounts;
  }
}
