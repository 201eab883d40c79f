package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a restoration is.
 *
 * @param phase Pending, Preparing, Switching, Starting, Succeeded or Failed.
 * @param backup Name of the backup.
 * @param attempts How often the backup was tried to be fetched and restored.
 * @param startTime When it was begun.
 * @param completionTime When it succeeded or failed.
 * @param conditions `Restored` says in words how far it is, and why it is not further.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record HostedControlPlaneRestoreStatus(
    @Nullable RestorePhase phase,
    @Nullable String backup,
    @Nullable Integer attempts,
    @Nullable String startTime,
    @Nullable String completionTime,
    @Nullable List<Condition> conditions) {}
