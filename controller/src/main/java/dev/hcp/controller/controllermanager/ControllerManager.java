package dev.hcp.controller.controllermanager;

import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.pki.Authorities;
import dev.hcp.controller.pki.Signing;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.plan.Waiting;
import dev.hcp.controller.plan.Workloads;
import dev.hcp.naming.Component;
import dev.hcp.render.controllermanager.ControllerManagerRenderer;
import dev.hcp.render.pki.Trust;

/** Plans the controller-manager. */
public final class ControllerManager {
  private ControllerManager() {}

  /**
   * The step.
   *
   * @param signing by which key it signs tokens of service accounts
   * @param authorities which CAs it trusts
   */
  public static Step plan(
      Planning planning, Signing signing, Authorities authorities, String wantedVersion) {
    return Workloads.deployment(
        planning,
        ConditionType.CONTROLLER_MANAGER,
        Component.CONTROLLER_MANAGER,
        Trust.in(
            ControllerManagerRenderer.deployment(planning.controlPlane(), signing.files()),
            planning.controlPlane().names(),
            Component.CONTROLLER_MANAGER,
            authorities.trusts()),
        ControllerManagerRenderer.disruptionBudget(planning.controlPlane()),
        wantedVersion,
        Waiting.FOR_API_SERVERS);
  }
}
