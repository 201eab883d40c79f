package dev.hcp.controller.exposure;

import dev.hcp.conditions.ConditionState;
import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Step;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;

/** The way of pods to the API servers, and the port of the Gateway if they take that. */
final class DoorStep {
  private DoorStep() {}

  static Step of(InCluster inCluster) {
    var door = inCluster.door();
    if (inCluster.isByGateway()) {
      return new Step(byGateway(inCluster), door.desired());
    }
    if (!door.exists()) {
      return new Step(byService(inCluster), List.of());
    }
    if (inCluster.isSettled()) {
      return new Step(byService(inCluster), List.<HasMetadata>of(), existing(inCluster), List.of());
    }
    return new Step(
        not(
            Reason.SWITCHING,
            "Pods are sent to the Gateway until they have been told the address of the Service"),
        door.desired());
  }

  private static List<HasMetadata> existing(InCluster inCluster) {
    return Door.existing(inCluster.observed().objects(), inCluster.controlPlane().names());
  }

  private static ConditionState byGateway(InCluster inCluster) {
    var problem = inCluster.door().problem();
    if (problem.isPresent()) {
      return not(problem.get().reason(), problem.get().message());
    }
    if (inCluster.contested()) {
      return not(
          Reason.SWITCHING,
          "Pods are sent to the Gateway once the last API server is gone that sends them to the Service by itself");
    }
    return done(
        "Pods of the hosted cluster reach the API server through the Gateway, at %s"
            .formatted(
                inCluster.target().map(InCluster.Target::describe).orElse("an unknown address")));
  }

  private static ConditionState byService(InCluster inCluster) {
    return inCluster
        .target()
        .filter(InCluster.Target::wanted)
        .map(target ->
            done(
                "Pods of the hosted cluster reach the API server at %s"
                    .formatted(target.describe())))
        .orElseGet(() ->
            not(
                Reason.WAITING_FOR_ADDRESS,
                "Pods cannot be told an address before the Service has one"));
  }

  private static ConditionState done(String message) {
    return ConditionState.done(ConditionType.IN_CLUSTER_ACCESS, message);
  }

  private static ConditionState not(Reason reason, String message) {
    return ConditionState.not(ConditionType.IN_CLUSTER_ACCESS, reason, message);
  }
}
