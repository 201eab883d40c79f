package dev.hcp.controller.plan;

import java.time.Instant;
import java.util.Optional;

/**
 * What is restored in one drill.
 *
 * @param backup name of the backup
 * @param size bytes of the snapshot
 * @param begun when the drill was begun, in whole seconds; no two of one control plane are the same
 * @param request the last request that is answered by it; empty if there was none
 */
public record DrillTarget(String backup, long size, Instant begun, Optional<String> request) {}
