package dev.hcp.render.networkpolicy;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;

/**
 * What some pods may do; all else is forbidden to them.
 *
 * @param metadata metadata of the object that says it; its namespace is that of the pods
 * @param pods the pods
 * @param flows what is allowed
 */
public record PodPolicy(ObjectMeta metadata, LabelSelector pods, List<Flow> flows) {
  /** Copies the list. */
  public PodPolicy {
    flows = List.copyOf(flows);
  }

  List<Flow> flows(Direction direction) {
    return flows.stream().filter(flow -> flow.direction() == direction).toList();
  }
}
