package dev.hcp.controller.plan;

import java.util.List;
import java.util.Optional;

/**
 * What became of a part of a hosted cluster.
 *
 * @param part the part as it was wanted
 * @param failure what could not be written or removed, in a sentence; empty if all was
 * @param rollouts how far the workloads are that it holds
 */
public record PartOutcome(Part part, Optional<String> failure, List<HostedRollout> rollouts) {
  /** Copies the list. */
  public PartOutcome {
    rollouts = List.copyOf(rollouts);
  }

  /** Whether all is written and works. */
  public boolean isComplete() {
    return failure.isEmpty() && rollouts.stream().allMatch(HostedRollout::complete);
  }
}
