package dev.hcp.controller.backup;

import dev.hcp.controller.plan.RestoreEnd;
import dev.hcp.render.backup.RestoreContainers;
import dev.hcp.render.backup.RestoreRenderer;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How pods have ended in which a backup was restored, by what their containers left behind. */
public final class RestorePods {
  private static final String FAILED = "Failed";
  private static final String DEADLINE_EXCEEDED = "DeadlineExceeded";

  /** What other programs leave behind is the end of their logs. */
  private static final int LONGEST_LOG = 600;

  private RestorePods() {}

  /** Name of the backup that was fetched; empty if none was, or the pod does not say so. */
  public static Optional<String> backup(Pod pod) {
    return ended(pod, RestoreContainers.FETCH)
        .flatMap(fetch -> RestoreReport.parse(fetch.getMessage()))
        .flatMap(report -> Optional.ofNullable(report.backup()));
  }

  /** When the last of its containers ended, or where none has, when it was made. */
  public static Instant time(Pod pod) {
    return Stream.concat(
            Stream.ofNullable(pod.getMetadata().getCreationTimestamp()),
            containers(pod)
                .flatMap(status -> terminated(status).stream())
                .flatMap(ended -> Stream.ofNullable(ended.getFinishedAt())))
        .flatMap(time -> {
          try {
            return Stream.of(Instant.parse(time));
          } catch (DateTimeException _) {
            // A kubelet that does not know the time.
            return Stream.empty();
          }
        })
        .max(Instant::compareTo)
        .orElse(Instant.EPOCH);
  }

  /** How it has ended; empty while it has not. */
  public static Optional<RestoreEnd> end(Pod pod) {
    var fetch = ended(pod, RestoreContainers.FETCH);
    var restore = ended(pod, RestoreContainers.RESTORE);
    var etcd = ended(pod, RestoreContainers.ETCD);
    var check = ended(pod, RestoreContainers.CHECK);
    if (isDead(pod)) {
      // Whatever else the containers say, they were ended by that.
      return Optional.of(dead(pod));
    }
    if (fetch.isPresent() && failed(fetch.get())) {
      return Optional.of(told(RestoreContainers.FETCH, fetch.get()));
    }
    if (restore.isPresent() && failed(restore.get())) {
      return Optional.of(notRestorable("etcdutl does not restore the backup: %s", restore.get()));
    }
    var place = ended(pod, RestoreRenderer.PLACE);
    if (place.isPresent() && failed(place.get())) {
      return Optional.of(told(RestoreRenderer.PLACE, place.get()));
    }
    if (check.isPresent()) {
      return Optional.of(
          failed(check.get())
              ? told(RestoreContainers.CHECK, check.get())
              : success(fetch, check.get()));
    }
    if (etcd.isPresent()) {
      return Optional.of(notRestorable("etcd ends on what was restored: %s", etcd.get()));
    }
    return FAILED.equals(phase(pod)) ? Optional.of(dead(pod)) : Optional.empty();
  }

  /** Whether the pod as a whole was ended by somebody. */
  private static boolean isDead(Pod pod) {
    return FAILED.equals(phase(pod)) && pod.getStatus().getReason() != null;
  }

  private static RestoreEnd dead(Pod pod) {
    var status = pod.getStatus();
    var cause = DEADLINE_EXCEEDED.equals(status.getReason()) ? Cause.POD_TOO_LONG : Cause.POD;
    return failure(
        cause,
        "pod %s has failed: %s%s"
            .formatted(
                pod.getMetadata().getName(),
                Objects.requireNonNullElse(status.getReason(), "no reason is given"),
                status.getMessage() == null ? "" : ", " + status.getMessage()));
  }

  private static RestoreEnd success(
      Optional<ContainerStateTerminated> fetch, ContainerStateTerminated check) {
    var report = RestoreReport.parse(check.getMessage()).filter(RestoreReport::isSuccess);
    return report.isPresent()
        ? new RestoreEnd.Success(duration(fetch, check), report.get().message())
        : failure(
            Cause.RESTORATION,
            "container %s ended without saying what it saw".formatted(RestoreContainers.CHECK));
  }

  /** From when the backup was asked for until etcd was looked at, in whole seconds. */
  private static Duration duration(
      Optional<ContainerStateTerminated> fetch, ContainerStateTerminated check) {
    try {
      var begun = fetch.map(ContainerStateTerminated::getStartedAt).orElse(check.getStartedAt());
      return Duration.between(Instant.parse(begun), Instant.parse(check.getFinishedAt()));
    } catch (DateTimeException _) {
      // A kubelet that does not know the time either.
      return Duration.ZERO;
    }
  }

  /** What a program of ours says, or that it could not say anything. */
  private static RestoreEnd told(String container, ContainerStateTerminated ended) {
    var report = RestoreReport.parse(ended.getMessage()).filter(told -> !told.isSuccess());
    var cause = report.flatMap(told -> Cause.told(told.result()));
    return cause.isPresent()
        ? failure(cause.get(), report.get().message())
        : failure(Cause.POD, "container %s %s".formatted(container, how(ended)));
  }

  private static RestoreEnd notRestorable(String message, ContainerStateTerminated ended) {
    // A program that was ended says nothing of what it was given.
    boolean killed = "OOMKilled".equals(ended.getReason());
    return failure(killed ? Cause.POD : Cause.NOT_RESTORABLE, message.formatted(how(ended)));
  }

  private static String how(ContainerStateTerminated ended) {
    var log = ended.getMessage() == null ? "" : ended.getMessage().strip();
    return "it ended with status %d%s%s"
        .formatted(
            ended.getExitCode(),
            ended.getReason() == null || ended.getReason().equals("Error")
                ? ""
                : " (%s)".formatted(ended.getReason()),
            log.isEmpty()
                ? ""
                : ", saying: " + log.substring(Math.max(0, log.length() - LONGEST_LOG)));
  }

  private static RestoreEnd failure(Cause cause, String message) {
    return new RestoreEnd.Failure(cause.label(), cause.reasonOfRestoration(), message);
  }

  private static boolean failed(ContainerStateTerminated ended) {
    return ended.getExitCode() != 0;
  }

  private static @Nullable String phase(Pod pod) {
    return pod.getStatus() == null ? null : pod.getStatus().getPhase();
  }

  private static Optional<ContainerStateTerminated> ended(Pod pod, String container) {
    return containers(pod)
        .filter(status -> status.getName().equals(container))
        .flatMap(status -> terminated(status).stream())
        .findFirst();
  }

  private static Stream<ContainerStatus> containers(Pod pod) {
    return pod.getStatus() == null
        ? Stream.empty()
        : Stream.of(
                pod.getStatus().getInitContainerStatuses(), pod.getStatus().getContainerStatuses())
            .filter(Objects::nonNull)
            .flatMap(List<ContainerStatus>::stream);
  }

  private static Optional<ContainerStateTerminated> terminated(ContainerStatus status) {
    return Optional.ofNullable(
        status.getState() == null ? null : status.getState().getTerminated());
  }
}
