package dev.hcp.controller.scheduler;

import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.pki.Authorities;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.plan.Waiting;
import dev.hcp.controller.plan.Workloads;
import dev.hcp.naming.Component;
import dev.hcp.render.pki.Trust;
import dev.hcp.render.scheduler.SchedulerRenderer;

/** Plans the scheduler. */
public final class Scheduler {
  private Scheduler() {}

  /**
   * The step.
   *
   * @param authorities which CAs it trusts
   */
  public static Step plan(Planning planning, Authorities authorities, String wantedVersion) {
    return Workloads.deployment(
        planning,
        ConditionType.SCHEDULER,
        Component.SCHEDULER,
        Trust.in(
            SchedulerRenderer.deployment(planning.controlPlane()),
            planning.controlPlane().names(),
            Component.SCHEDULER,
            authorities.trusts()),
        SchedulerRenderer.disruptionBudget(planning.controlPlane()),
        wantedVersion,
        Waiting.FOR_API_SERVERS);
  }
}
