package dev.hcp.controller.memory;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.controller.apiserver.Probing;
import dev.hcp.controller.plan.Answer;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** API servers that answer once one of them is available. */
public final class Answers implements Probing {
  private final ManagementCluster cluster;
  private final Set<String> asked = new HashSet<>();

  /** The API servers of one management cluster. */
  public Answers(ManagementCluster cluster) {
    this.cluster = cluster;
  }

  /** The control planes that are asked now. */
  public Set<String> asked() {
    return Set.copyOf(asked);
  }

  @Override
  public Optional<Answer> last(String namespace, String name) {
    if (!asked.contains(namespace + "/" + name)) {
      return Optional.empty();
    }
    boolean serves =
        cluster.all(Deployment.class).stream()
            .filter(d -> d.getMetadata().getNamespace().equals(namespace))
            .filter(d ->
                Component.API_SERVER
                    .label()
                    .equals(d.getMetadata().getLabels().get(Labels.COMPONENT)))
            .anyMatch(d ->
                d.getStatus() != null
                    && d.getStatus().getAvailableReplicas() != null
                    && d.getStatus().getAvailableReplicas() > 0);
    return Optional.of(new Answer(serves, serves ? "ok" : "connection refused"));
  }

  @Override
  public void await(
      String namespace, String name, ControlPlaneEndpoint endpoint, String authority) {
    asked.add(namespace + "/" + name);
  }

  @Override
  public void forget(String namespace, String name) {
    asked.remove(namespace + "/" + name);
  }
}
