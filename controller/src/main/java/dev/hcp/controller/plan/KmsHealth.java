package dev.hcp.controller.plan;

import java.util.Optional;

/**
 * Whether an API server can use its key management services, as it said when it was last asked.
 *
 * @param problem what it said; empty if it can
 */
public record KmsHealth(Optional<String> problem) {
  /** Whether it can. */
  public boolean works() {
    return problem.isEmpty();
  }
}
