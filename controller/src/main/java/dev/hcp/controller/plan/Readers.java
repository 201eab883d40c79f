package dev.hcp.controller.plan;

import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How many pods of a component were started with something that they read once, when they start.
 *
 * @param informed pods that were
 * @param total all pods that may be working, those included that are being deleted: they work to
 *     the end
 * @param rolled whether the Deployment, or StatefulSet, makes such pods, and has made all of them
 */
public record Readers(int informed, int total, boolean rolled) {
  private static final Set<String> ENDED = Set.of("Failed", "Succeeded");

  /**
   * Counts them.
   *
   * @param deployment name of the Deployment, or of the StatefulSet
   * @param annotations by which such pods are known
   */
  public static Readers of(
      LiveObjects objects,
      Component component,
      String deployment,
      Map<String, String> annotations) {
    var pods = pods(objects, component);
    return new Readers(
        (int) pods.stream().filter(pod -> has(pod.getMetadata(), annotations)).count(),
        pods.size(),
        isRolled(objects, deployment, annotations));
  }

  /** Names of the pods of a component that may be working, and were not. */
  public static List<String> others(
      LiveObjects objects, Component component, Map<String, String> annotations) {
    return pods(objects, component).stream()
        .filter(pod -> !has(pod.getMetadata(), annotations))
        .map(pod -> pod.getMetadata().getName())
        .toList();
  }

  private static boolean isRolled(
      LiveObjects objects, String workload, Map<String, String> annotations) {
    return objects
            .get(Deployment.class, workload)
            .filter(found -> has(found.getSpec().getTemplate().getMetadata(), annotations))
            .filter(found -> Rollout.of(found).isServed())
            .isPresent()
        || objects
            .get(StatefulSet.class, workload)
            .filter(found -> has(found.getSpec().getTemplate().getMetadata(), annotations))
            .filter(found -> Rollout.of(found).isServed())
            .isPresent();
  }

  /** Pods of a component that may be working. */
  public static List<Pod> pods(LiveObjects objects, Component component) {
    return objects.all(Pod.class).stream()
        .filter(
            pod -> component.label().equals(pod.getMetadata().getLabels().get(Labels.COMPONENT)))
        .filter(Readers::mayWork)
        .toList();
  }

  /** Whether all of them were. */
  public boolean complete() {
    return rolled && informed == total;
  }

  private static boolean mayWork(Pod pod) {
    return pod.getStatus() == null
        || pod.getStatus().getPhase() == null
        || !ENDED.contains(pod.getStatus().getPhase());
  }

  private static boolean has(@Nullable ObjectMeta metadata, Map<String, String> annotations) {
    return Optional.ofNullable(metadata)
        .map(ObjectMeta::getAnnotations)
        .orElse(Map.of())
        .entrySet()
        .containsAll(annotations.entrySet());
  }
}
