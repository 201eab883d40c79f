package dev.hcp.e2e;

import static org.awaitility.Awaitility.await;

import dev.hcp.e2e.hosted.HostedCluster;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a {@link ClusterWithNodes}, made once for all test classes of a run; whoever changes
 * it leaves it as it was.
 */
public final class ClusterWithNodesExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(ClusterWithNodesExtension.class);
  private static final int RANGE = 134;
  private static final int API_SERVERS = 2;
  private static final Duration DEADLINE = Duration.ofMinutes(4);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == ClusterWithNodes.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(ClusterWithNodes.class, _ -> create(context), ClusterWithNodes.class);
  }

  private static ClusterWithNodes create(ExtensionContext context) {
    var bed = BedExtension.bed(context);
    var name = ClusterWithNodes.NAME;
    var controlPlane = new HostedCluster(bed, BedExtension.client(context), name, name);
    Manifests.createRestrictedNamespace(bed, name);
    Manifests.apply(bed, Manifests.small(name, RANGE, API_SERVERS));
    HostedClustersExtension.awaitReady(controlPlane, DEADLINE);
    var missing =
        ClusterWithNodes.NODES.stream()
            .filter(node ->
                bed.workers().of(name, name).stream()
                    .noneMatch(
                        worker -> worker.name().equals(node) && worker.machine().isRunning()))
            .toList();
    bed.workers().join(name, name, missing);
    var cluster = new ClusterWithNodes(bed, controlPlane);
    await("the nodes are ready, and the add-ons run on them")
        .atMost(DEADLINE)
        .until(() -> cluster.areNodesReady() && cluster.areAddOnsUp());
    HostedClustersExtension.awaitReady(controlPlane, DEADLINE);
    return cluster;
  }
}
