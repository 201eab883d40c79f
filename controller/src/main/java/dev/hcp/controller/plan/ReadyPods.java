package dev.hcp.controller.plan;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Pods that are ready. A pod and the one that replaces it have the same name and are told apart.
 *
 * @param uids their identities by name
 */
public record ReadyPods(Map<String, String> uids) {
  /** Copies the map. */
  public ReadyPods {
    uids = Map.copyOf(uids);
  }

  /** Those of some pods, no two of the same name, that are ready. */
  public static ReadyPods of(Collection<Pod> pods) {
    return new ReadyPods(
        pods.stream()
            .filter(PodTrouble::isReady)
            .collect(
                Collectors.toMap(
                    pod -> pod.getMetadata().getName(),
                    pod -> String.valueOf(pod.getMetadata().getUid()))));
  }

  /** Their names. */
  public Set<String> names() {
    return uids.keySet();
  }
}
