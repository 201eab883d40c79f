package dev.hcp.controller.plan;

import java.util.Optional;

/**
 * The pod of a restore drill as it was last seen.
 *
 * @param target what is restored in it
 * @param end how it has ended; empty while it has not
 * @param trouble what hinders it, for people; empty if nothing that is known
 */
public record DrillPod(DrillTarget target, Optional<RestoreEnd> end, Optional<String> trouble) {}
