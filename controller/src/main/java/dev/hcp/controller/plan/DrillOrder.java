package dev.hcp.controller.plan;

import dev.hcp.schedule.BackupSchedule;
import java.time.Instant;
import java.util.Optional;

/**
 * Restore drills that are wanted of one control plane: the newest backup is restored for a test.
 *
 * @param cluster name of the Cluster
 * @param schedule when
 * @param since from when on drills are due, while there was none
 * @param request what the user wrote to have one now: there shall be one after this was first seen
 * @param store where the backups are
 * @param newest when the newest backup was begun; empty while there is nothing to restore
 */
public record DrillOrder(
    String cluster,
    BackupSchedule schedule,
    Instant since,
    Optional<String> request,
    StoreAccess store,
    Optional<Instant> newest) {}
