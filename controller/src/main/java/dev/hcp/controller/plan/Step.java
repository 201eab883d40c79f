package dev.hcp.controller.plan;

import dev.hcp.conditions.ConditionState;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;

/**
 * What one component wants of this pass, and what it says of itself. Steps do not wait for each
 * other: a component leaves out what it cannot make yet.
 *
 * @param state what the component's condition says
 * @param desired objects that shall exist, as they shall be
 * @param obsolete objects that shall not exist
 * @param actions what else is to be done
 */
public record Step(
    ConditionState state,
    List<? extends HasMetadata> desired,
    List<? extends HasMetadata> obsolete,
    List<Action> actions) {

  /** Copies the lists. */
  public Step {
    desired = List.copyOf(desired);
    obsolete = List.copyOf(obsolete);
    actions = List.copyOf(actions);
  }

  /** A step that only wants objects to exist. */
  public Step(ConditionState state, List<? extends HasMetadata> desired) {
    this(state, desired, List.of(), List.of());
  }
}
