package dev.hcp.controller.scheduler;

import dev.hcp.conditions.ConditionType;
import dev.hcp.controller.plan.Planning;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.plan.Waiting;
import dev.hcp.controller.plan.Workloads;
import dev.hcp.naming.Component;
import dev.hcp.render.scheduler.SchedulerRenderer;

/** Plans the scheduler. */
public final class Scheduler {
  private Scheduler() {}

  /** The step. */
  public static Step plan(Planning planning, String wantedVersion) {
    return Workloads.deployment(
        planning,
        ConditionType.SCHEDULER,
        Component.SCHEDULER,
        SchedulerRenderer.deployment(planning.controlPlane()),
        SchedulerRenderer.disruptionBudget(planning.controlPlane()),
        wantedVersion,
        Waiting.FOR_API_SERVERS);
  }
}
