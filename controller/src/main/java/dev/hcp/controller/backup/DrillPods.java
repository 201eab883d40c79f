package dev.hcp.controller.backup;

import dev.hcp.controller.plan.DrillPod;
import dev.hcp.controller.plan.DrillTarget;
import dev.hcp.controller.plan.PodTrouble;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** What the pod of a restore drill says of itself by its annotations. */
final class DrillPods {
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
        .map(target ->
            new DrillPod(target, RestorePods.end(pod), PodTrouble.describe(List.of(pod))));
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
}
