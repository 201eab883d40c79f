package dev.hcp.controller.reconcile;

import dev.hcp.controller.plan.Step;
import java.util.Optional;

/**
 * What became of a step.
 *
 * @param step the step
 * @param failure what went wrong, in a sentence; empty if all was done
 */
public record Outcome(Step step, Optional<String> failure) {}
