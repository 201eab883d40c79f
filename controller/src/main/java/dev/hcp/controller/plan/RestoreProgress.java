package dev.hcp.controller.plan;

import dev.hcp.api.v1alpha1.RestorePhase;
import dev.hcp.conditions.Reason;
import java.util.Optional;

/**
 * How far a restoration is.
 *
 * @param phase the phase
 * @param reason why it is not further, for machines
 * @param message what happens, and what is waited for
 * @param backup name of the backup; empty while it is not known
 * @param attempts how often it was tried to fetch and to restore it
 */
public record RestoreProgress(
    RestorePhase phase, Reason reason, String message, Optional<String> backup, int attempts) {}
