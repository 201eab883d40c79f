package dev.hcp.controller.plan;

import dev.hcp.model.ControlPlane;

/**
 * What a component plans from.
 *
 * @param controlPlane what is wanted
 * @param observed what is there
 * @param reach how the API server is reached
 * @param restoring what restorations want
 */
public record Planning(
    ControlPlane controlPlane, Observation observed, Reach reach, Restoring restoring) {
  /** The generated objects as they are. */
  public LiveObjects objects() {
    return observed.objects();
  }
}
