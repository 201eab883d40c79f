package dev.hcp.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * The last time that a backup was restored for a test.
 *
 * @param lastTime When that was begun.
 * @param lastSuccessTime When the last one was begun that succeeded.
 * @param nextTime When the next one is due.
 * @param backup Name of the backup.
 * @param duration How long it took to fetch and to restore it, and for etcd to serve it, for
 *     example `12s`; only after a success.
 * @param request The last request for it, by annotation, that was answered.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record EtcdRestoreDrillStatus(
    @Nullable String lastTime,
    @Nullable String lastSuccessTime,
    @Nullable String nextTime,
    @Nullable String backup,
    @Nullable String duration,
    @Nullable String request) {}
