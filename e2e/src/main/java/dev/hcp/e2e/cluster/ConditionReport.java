package dev.hcp.e2e.cluster;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Follows the conditions of one HostedControlPlane and tells what has changed since it was last
 * asked.
 */
public final class ConditionReport {
  private static final ResourceDefinitionContext KIND =
      new ResourceDefinitionContext.Builder()
          .withGroup("controlplane.cluster.x-k8s.io")
          .withVersion("v1alpha1")
          .withKind("HostedControlPlane")
          .withPlural("hostedcontrolplanes")
          .withNamespaced(true)
          .build();

  private final KubernetesClient client;
  private final String namespace;
  private final String name;
  private Map<String, Condition> last = Map.of();

  /**
   * @param client the management cluster
   * @param namespace where the object is
   * @param name what it is called
   */
  public ConditionReport(KubernetesClient client, String namespace, String name) {
    this.client = client;
    this.namespace = namespace;
    this.name = name;
  }

  /** Reads the object; returns a line for each condition that is new or other than before. */
  public List<String> changes() {
    var object =
        client.genericKubernetesResources(KIND).inNamespace(namespace).withName(name).get();
    var now = object == null ? Map.<String, Condition>of() : conditions(object);
    var changed =
        now.values().stream()
            .filter(condition -> !condition.equals(last.get(condition.type())))
            .map(Condition::toString)
            .toList();
    last = now;
    return changed;
  }

  /** Whether the object was ready when it was last read. */
  public boolean isReady() {
    var ready = last.get("Ready");
    return ready != null && ready.status().equals("True");
  }

  /** Every condition that was not true when the object was last read, a line each. */
  public String summary() {
    return last.values().stream()
        .filter(condition -> !condition.status().equals("True"))
        .map(Condition::toString)
        .collect(Collectors.joining("\n"));
  }

  private static Map<String, Condition> conditions(GenericKubernetesResource object) {
    var conditions = new TreeMap<String, Condition>();
    for (var entry : maps(object.get("status", "conditions"))) {
      var condition =
          new Condition(
              text(entry, "type"),
              text(entry, "status"),
              text(entry, "reason"),
              text(entry, "message"));
      conditions.put(condition.type(), condition);
    }
    return conditions;
  }

  private static List<Map<?, ?>> maps(Object value) {
    var maps = new ArrayList<Map<?, ?>>();
    if (value instanceof List<?> list) {
      list.forEach(item -> {
        if (item instanceof Map<?, ?> map) {
          maps.add(map);
        }
      });
    }
    return maps;
  }

  private static String text(Map<?, ?> map, String key) {
    var value = map.get(key);
    return value == null ? "" : value.toString();
  }

  private record Condition(String type, String status, String reason, String message) {
    private static final int LONGEST = 120;

    @Override
    public String toString() {
      return "%s is %s (%s)%s"
          .formatted(type, status, reason, message.isEmpty() ? "" : ": " + shortened());
    }

    private String shortened() {
      return message.length() <= LONGEST ? message : message.substring(0, LONGEST) + "…";
    }
  }
}
