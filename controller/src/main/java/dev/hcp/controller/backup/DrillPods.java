package dev.hcp.controller.backup;

import dev.hcp.conditions.Reason;
import dev.hcp.controller.plan.DrillEnd;
import dev.hcp.controller.plan.DrillPod;
import dev.hcp.controller.plan.DrillTarget;
import dev.hcp.controller.plan.PodTrouble;
import dev.hcp.naming.Labels;
import dev.hcp.render.backup.RestoreDrillRenderer;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the pod of a restore drill says of itself: by its annotations, and by how it ended. */
final class DrillPods {
  private static final String FAILED = "Failed";
  private static final String DEADLINE_EXCEEDED = "DeadlineExceeded";

  /** What other programs leave behind is the end of their logs. */
  private static final int LONGEST_LOG = 600;

  private DrillPods() {}

  /** The annotations from which it can be told what is restored. */
  static Map<String, String> notes(DrillTarget target) {
    var notes = new TreeMap<String, String>();
    notes.put(Labels.DRILL_BACKUP_ANNOTATION, target.backup());
    notes.put(Labels.DRILL_SIZE_ANNOTATION, Long.toString(target.size()));
    notes.put(Labels.DRILL_TIME_ANNOTATION, target.begun().toString());
    target.request().ifPresent(request -> notes.put(Labels.RESTORE_DRILL_ANNOTATION, request));
    return notes;
  }

  /** What is known of a pod; empty if it is none of ours. */
  static Optional<DrillPod> see(Pod pod) {
    return target(pod)
        .map(target -> new DrillPod(target, end(pod), PodTrouble.describe(List.of(pod))));
  }

  private static Optional<DrillTarget> target(Pod pod) {
    var notes = Objects.requireNonNullElse(pod.getMetadata().getAnnotations(), Map.of());
    var backup = notes.get(Labels.DRILL_BACKUP_ANNOTATION);
    var size = notes.get(Labels.DRILL_SIZE_ANNOTATION);
    var begun = notes.get(Labels.DRILL_TIME_ANNOTATION);
    if (backup == null || size == null || begun == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new DrillTarget(
              String.valueOf(backup),
              Long.parseLong(String.valueOf(size)),
              Instant.parse(String.valueOf(begun)),
              Optional.ofNullable(notes.get(Labels.RESTORE_DRILL_ANNOTATION))
                  .map(String::valueOf)));
    } catch (NumberFormatException | DateTimeException _) {
      // Somebody has written something else there: it is as good as none.
      return Optional.empty();
    }
  }

  /** How it has ended; empty while it has not. */
  private static Optional<DrillEnd> end(Pod pod) {
    var fetch = ended(pod, RestoreDrillRenderer.FETCH);
    var restore = ended(pod, RestoreDrillRenderer.RESTORE);
    var etcd = ended(pod, RestoreDrillRenderer.ETCD);
    var check = ended(pod, RestoreDrillRenderer.CHECK);
    if (isDead(pod)) {
      // Whatever else the containers say, they were ended by that.
      return Optional.of(dead(pod));
    }
    if (fetch.isPresent() && failed(fetch.get())) {
      return Optional.of(told(RestoreDrillRenderer.FETCH, fetch.get()));
    }
    if (restore.isPresent() && failed(restore.get())) {
      return Optional.of(notRestorable("etcdutl does not restore the backup: %s", restore.get()));
    }
    if (check.isPresent()) {
      return Optional.of(
          failed(check.get())
              ? told(RestoreDrillRenderer.CHECK, check.get())
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

  private static DrillEnd dead(Pod pod) {
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

  private static DrillEnd success(
      Optional<ContainerStateTerminated> fetch, ContainerStateTerminated check) {
    var report = RestoreReport.parse(check.getMessage()).filter(RestoreReport::isSuccess);
    return report.isPresent()
        ? new DrillEnd.Success(duration(fetch, check), report.get().message())
        : failure(
            Cause.RESTORATION,
            "container %s ended without saying what it saw".formatted(RestoreDrillRenderer.CHECK));
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
  private static DrillEnd told(String container, ContainerStateTerminated ended) {
    var report = RestoreReport.parse(ended.getMessage()).filter(told -> !told.isSuccess());
    var cause = report.flatMap(told -> Cause.told(told.result()));
    return cause.isPresent()
        ? failure(cause.get(), report.get().message())
        : failure(Cause.POD, "container %s %s".formatted(container, how(ended)));
  }

  private static DrillEnd notRestorable(String message, ContainerStateTerminated ended) {
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

  private static DrillEnd failure(Cause cause, String message) {
    return new DrillEnd.Failure(
        cause.label(),
        cause.reason() == Reason.BACKUP_FAILED ? Reason.RESTORE_DRILL_FAILED : cause.reason(),
        message);
  }

  private static boolean failed(ContainerStateTerminated ended) {
    return ended.getExitCode() != 0;
  }

  private static @Nullable String phase(Pod pod) {
    return pod.getStatus() == null ? null : pod.getStatus().getPhase();
  }

  private static Optional<ContainerStateTerminated> ended(Pod pod, String container) {
    if (pod.getStatus() == null) {
      return Optional.empty();
    }
    return Stream.of(
            pod.getStatus().getInitContainerStatuses(), pod.getStatus().getContainerStatuses())
        .filter(Objects::nonNull)
        .flatMap(List<ContainerStatus>::stream)
        .filter(status -> status.getName().equals(container))
        .flatMap(status ->
            Stream.ofNullable(status.getState() == null ? null : status.getState().getTerminated()))
        .findFirst();
  }
}
