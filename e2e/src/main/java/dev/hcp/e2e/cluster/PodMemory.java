package dev.hcp.e2e.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hcp.e2e.BedException;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the kubelets of a cluster say of the memory of pods. */
public final class PodMemory {
  private static final ObjectMapper JSON = new ObjectMapper();

  private PodMemory() {}

  /**
   * The working set of each pod of a namespace, in bytes, by the name of the pod. Kubelets measure
   * it every few seconds.
   *
   * @param client of the cluster of the pods
   */
  public static SortedMap<String, Long> workingSets(KubernetesClient client, String namespace) {
    var bytes = new TreeMap<String, Long>();
    for (var node : client.nodes().list().getItems()) {
      var path = "/api/v1/nodes/%s/proxy/stats/summary".formatted(node.getMetadata().getName());
      var summary = Objects.requireNonNull(client.raw(path), () -> "nothing at " + path);
      try {
        for (var pod : JSON.readTree(summary).path("pods")) {
          if (pod.at("/podRef/namespace").asText().equals(namespace)) {
            bytes.put(pod.at("/podRef/name").asText(), pod.at("/memory/workingSetBytes").asLong());
          }
        }
      } catch (JsonProcessingException e) {
        throw new BedException("cannot read %s: %s".formatted(path, e.getMessage()), e);
      }
    }
    return Collections.unmodifiableSortedMap(bytes);
  }
}
