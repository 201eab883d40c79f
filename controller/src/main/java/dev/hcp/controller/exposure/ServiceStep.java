package dev.hcp.controller.exposure;

import dev.hcp.api.v1alpha1.ExposureSettings;
import dev.hcp.api.v1alpha1.ServiceType;
import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Action;
import dev.hcp.controller.plan.Step;
import dev.hcp.render.exposure.ExposureRenderer;
import io.fabric8.kubernetes.api.model.Service;
import java.util.List;

/** The API server's Service. */
final class ServiceStep {
  private ServiceStep() {}

  static Step of(InCluster inCluster) {
    var desired = ExposureRenderer.service(inCluster.controlPlane());
    var needed = inCluster.neededNames();
    List<Action> actions =
        needed.equals(inCluster.observed().entrance().names().keySet())
            ? List.of()
            : List.of(new Action.FollowNames(List.copyOf(needed)));
    // A Service that is left alone keeps all that its load balancer was configured with.
    return new Step(
        state(inCluster, desired),
        isStillUsed(inCluster) ? List.of() : List.of(desired),
        List.of(),
        actions);
  }

  /** Whether pods may still be sent to a load balancer that shall be none any more. */
  private static boolean isStillUsed(InCluster inCluster) {
    return inCluster.service().isLoadBalancer()
        && ExposureSettings.serviceType(inCluster.controlPlane().spec().exposure())
            != ServiceType.LOAD_BALANCER
        && !inCluster.isSettled();
  }

  private static ConditionState state(InCluster inCluster, Service desired) {
    var name = desired.getMetadata().getName();
    if (isStillUsed(inCluster)) {
      return not(
          Reason.SWITCHING,
          "Service %s stays a load balancer until no pod of the hosted cluster is sent there any more"
              .formatted(name));
    }
    var service = inCluster.service();
    if (service.address() != null) {
      return done("Service %s has the address %s".formatted(name, service.address()));
    }
    if (inCluster.isByGateway()) {
      return service.exists()
          ? done("Service %s is reached through the Gateway".formatted(name))
          : not(Reason.NOT_CREATED, "Service %s is being created".formatted(name));
    }
    if (service.hostName() != null) {
      return ofHostName(inCluster, name, service.hostName());
    }
    return not(Reason.WAITING_FOR_ADDRESS, whyNoAddress(inCluster, name));
  }

  private static ConditionState ofHostName(InCluster inCluster, String name, String hostName) {
    var addresses = inCluster.resolved();
    if (!addresses.isEmpty()) {
      return done(
          "The load balancer of Service %s has the host name %s, which leads to %s"
              .formatted(name, hostName, String.join(", ", addresses)));
    }
    var resolution = inCluster.resolution();
    var family = inCluster.controlPlane().networks().services().getFirst().family();
    return not(
        Reason.NAME_NOT_RESOLVED,
        "The load balancer of Service %s has the host name %s; %s"
            .formatted(
                name,
                hostName,
                resolution
                    .map(r ->
                        r.problem()
                            .orElse(
                                r.addresses().isEmpty()
                                    ? "it is being looked up"
                                    : "it has no %s address, only: %s"
                                        .formatted(family, String.join(", ", r.addresses()))))
                    .orElse("it is being looked up")));
  }

  private static String whyNoAddress(InCluster inCluster, String name) {
    var service = inCluster.service();
    if (!service.addresses().isEmpty()) {
      return "Service %s has the address %s, but the Services of the cluster are in %s: an address of that IP family is needed; see spec.exposure.service.ipFamilies"
          .formatted(
              name,
              service.addresses().getFirst(),
              inCluster.controlPlane().networks().services().getFirst());
    }
    return service.isLoadBalancer()
        ? "Service %s waits for the address of its load balancer".formatted(name)
        : "Service %s waits for its address".formatted(name);
  }

  private static ConditionState done(String message) {
    return ConditionState.done(ConditionType.API_SERVER_SERVICE, message);
  }

  private static ConditionState not(Reason reason, String message) {
    return ConditionState.not(ConditionType.API_SERVER_SERVICE, reason, message);
  }
}
