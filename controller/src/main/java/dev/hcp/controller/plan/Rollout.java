package dev.hcp.controller.plan;

import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far a Deployment or StatefulSet is.
 *
 * @param wanted pods that it shall have
 * @param total pods that it has, old ones included
 * @param updated pods of the current template
 * @param ready pods that are ready
 * @param available pods that are available
 * @param current whether these numbers speak of the current spec
 * @param version version that the current template runs, if it says so
 */
public record Rollout(
    int wanted,
    int total,
    int updated,
    int ready,
    int available,
    boolean current,
    Optional<String> version) {

  /** How far a Deployment is. */
  public static Rollout of(Deployment deployment) {
    var status = deployment.getStatus();
    return new Rollout(
        number(deployment.getSpec().getReplicas()),
        status == null ? 0 : number(status.getReplicas()),
        status == null ? 0 : number(status.getUpdatedReplicas()),
        status == null ? 0 : number(status.getReadyReplicas()),
        status == null ? 0 : number(status.getAvailableReplicas()),
        status != null && isCurrent(deployment.getMetadata(), status.getObservedGeneration()),
        version(deployment.getSpec().getTemplate()));
  }

  /** How far a StatefulSet is. */
  public static Rollout of(StatefulSet set) {
    var status = set.getStatus();
    // updatedReplicas counts pods of the update revision; it is left out while there is no update.
    boolean updating =
        status != null
            && status.getUpdateRevision() != null
            && !status.getUpdateRevision().equals(status.getCurrentRevision());
    return new Rollout(
        number(set.getSpec().getReplicas()),
        status == null ? 0 : number(status.getReplicas()),
        status == null ? 0 : number(updating ? status.getUpdatedReplicas() : status.getReplicas()),
        status == null ? 0 : number(status.getReadyReplicas()),
        status == null ? 0 : number(status.getAvailableReplicas()),
        status != null && isCurrent(set.getMetadata(), status.getObservedGeneration()),
        version(set.getSpec().getTemplate()));
  }

  /** Whether every pod is of the current template and available, and no other is left. */
  public boolean complete() {
    return current && total == wanted && updated == wanted && available == wanted;
  }

  /**
   * Whether it is complete, and there are pods at all: nobody knows of a version that never ran.
   */
  public boolean isServed() {
    return wanted > 0 && complete();
  }

  /** Whether there are pods of an older template, which are being replaced. */
  public boolean isReplacing() {
    return total > updated;
  }

  /** Whether no pod is of an older template, though there may be too many, or too few. */
  public boolean isScaledOnly() {
    return total == updated && (current || total != wanted);
  }

  /** The numbers in words. */
  public String describe() {
    return "%d of %d pods available, %d up to date, %d in total"
        .formatted(available, wanted, updated, total);
  }

  private static Optional<String> version(PodTemplateSpec template) {
    return version(template.getMetadata());
  }

  /** The version that a pod, or a template of pods, runs, if it says so. */
  public static Optional<String> version(@Nullable ObjectMeta metadata) {
    return metadata == null || metadata.getAnnotations() == null
        ? Optional.empty()
        : Optional.ofNullable(metadata.getAnnotations().get(Labels.VERSION_ANNOTATION));
  }

  private static boolean isCurrent(ObjectMeta metadata, @Nullable Long observed) {
    return observed != null
        && metadata.getGeneration() != null
        && observed >= metadata.getGeneration();
  }

  private static int number(@Nullable Integer value) {
    return value == null ? 0 : value;
  }
}
