package dev.hcp.controller.plan;

import dev.hcp.conditions.ConditionType;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;

/**
 * An independent part of what a hosted cluster shall hold. No part waits for another: one that
 * cannot be written, or is not ready, keeps no other from being kept up.
 *
 * @param condition the condition that speaks of it; no two parts have the same
 * @param desired objects that shall exist in the hosted cluster, as they shall be; they carry the
 *     label {@link dev.hcp.naming.Labels#MANAGED_BY} and no owner
 * @param absent objects that shall not exist there; only those of ours are removed
 */
public record Part(ConditionType condition, List<HasMetadata> desired, List<HasMetadata> absent) {
  /** Copies the lists. */
  public Part {
    desired = List.copyOf(desired);
    absent = List.copyOf(absent);
  }

  /** A part that only wants objects to exist. */
  public Part(ConditionType condition, List<HasMetadata> desired) {
    this(condition, desired, List.of());
  }
}
