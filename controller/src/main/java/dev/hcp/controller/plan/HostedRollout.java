package dev.hcp.controller.plan;

import java.util.Optional;

/**
 * How far a Deployment or DaemonSet in a hosted cluster is.
 *
 * @param object kind and name
 * @param wanted pods that it shall have
 * @param updated pods of the current template
 * @param available pods that are available
 * @param excused pods that are not, because their node is not ready: nothing that the control plane
 *     could help
 * @param trouble what hinders its pods, in a sentence
 */
public record HostedRollout(
    String object, int wanted, int updated, int available, int excused, Optional<String> trouble) {
  /** Whether every pod that can be is of the current template and available. */
  public boolean complete() {
    return updated + excused >= wanted && available + excused >= wanted;
  }

  /** The numbers in words. */
  public String describe() {
    return "%s: %d of %d pods available, %d up to date%s%s"
        .formatted(
            object,
            available,
            wanted,
            updated,
            excused == 0 ? "" : ", %d on nodes that are not ready".formatted(excused),
            trouble.map(t -> "; " + t).orElse(""));
  }
}
