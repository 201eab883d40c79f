package dev.hcp.controller.workload;

import dev.hcp.controller.plan.HostedCluster;
import dev.hcp.controller.plan.Part;
import java.util.List;
import java.util.Optional;

/** Leaves hosted clusters alone. */
public final class IdleHostedClusters implements HostedClusters {
  @Override
  public Optional<HostedCluster> last(String namespace, String name) {
    return Optional.empty();
  }

  @Override
  public void keepUp(String namespace, String name, String kubeconfig, List<Part> parts) {}

  @Override
  public void forget(String namespace, String name) {}
}
