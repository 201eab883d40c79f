package dev.hcp.controller.controllermanager;

import dev.hcp.conditions.ConditionType;
import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.plan.Workloads;
import dev.hcp.naming.Component;
import dev.hcp.render.controllermanager.ControllerManagerRenderer;

/** Plans the controller-manager. */
public final class ControllerManager {
  private ControllerManager() {}

  /** The step. */
  public static Step plan(Planning planning, String wantedVersion) {
    return Workloads.deployment(
        planning,
        ConditionType.CONTROLLER_MANAGER,
        Component.CONTROLLER_MANAGER,
        ControllerManagerRenderer.deployment(planning.controlPlane()),
        ControllerManagerRenderer.disruptionBudget(planning.controlPlane()),
        wantedVersion,
        Reason.WAITING_FOR_API_SERVERS);
  }
}
