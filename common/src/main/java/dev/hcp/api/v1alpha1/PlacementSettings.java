package dev.hcp.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the user may set for pods that the scheduler distributes, unlike one pod on each node. */
public interface PlacementSettings extends PodSettings {
  /** Taints of nodes that the pods tolerate. */
  @Nullable List<Toleration> tolerations();

  /** Nodes and pods to be near to, or far from. */
  @Nullable Affinity affinity();

  /** How the pods are spread, in place of the default. */
  @Nullable List<TopologySpreadConstraint> topologySpreadConstraints();
}
