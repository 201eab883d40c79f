package dev.hcp.controller.plan;

import java.time.Instant;
import java.util.Optional;

/**
 * What to find out in a hosted cluster whose Kubernetes CA is rotated.
 *
 * @param authorities what pods shall be given to know API servers by, PEM; empty if it does not
 *     matter now
 * @param joined since when nodes that join get all that they need of another CA; empty if that does
 *     not matter now
 * @param request the request that is being met; nodes that are annotated with it are taken for
 *     nodes that have joined anew
 */
public record TrustCheck(Optional<String> authorities, Optional<Instant> joined, String request) {}
