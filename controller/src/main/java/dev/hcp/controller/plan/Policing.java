package dev.hcp.controller.plan;

import dev.hcp.render.networkpolicy.Flavour;
import dev.hcp.render.networkpolicy.Surroundings;
import java.util.Optional;

/**
 * How network policies of the management cluster are written.
 *
 * @param flavour as which kind; empty if the one that was asked for is not served
 * @param surroundings what they have to know of the management cluster
 */
public record Policing(Optional<Flavour> flavour, Surroundings surroundings) {}
