package dev.hcp.webhook.admission;

/**
 * Something of Cluster API that stands for nodes of a cluster.
 *
 * @param kind Machine, MachineDeployment, MachineSet or MachinePool
 * @param name its name
 * @param version the version of its kubelets, as it stands there
 */
public record NodeGroup(String kind, String name, String version) {
  @Override
  public String toString() {
    return "%s %s (%s)".formatted(kind, name, version);
  }
}
