package dev.hcp.controller.exposure;

import dev.hcp.conditions.Reason;

/**
 * What stands in the way.
 *
 * @param reason for machines
 * @param message for people: what is wrong, and what to do
 */
record Problem(Reason reason, String message) {}
