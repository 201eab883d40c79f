package dev.hcp.e2e;

import static org.awaitility.Awaitility.await;

import dev.hcp.e2e.hosted.HostedCluster;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the hosted cluster of the samples, {@code clusters/demo}, ready for use. It is made
 * once for all test classes of a run, since a hosted cluster is what costs time; whoever changes it
 * leaves it as it was.
 */
public final class HostedClustersExtension implements ParameterResolver {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(HostedClustersExtension.class);
  private static final Duration CREATION_DEADLINE = Duration.ofMinutes(4);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == HostedCluster.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return cluster(context);
  }

  /** The samples' cluster. */
  static HostedCluster cluster(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(HostedCluster.class, _ -> create(context), HostedCluster.class);
  }

  private static HostedCluster create(ExtensionContext context) {
    var bed = BedExtension.bed(context);
    var cluster =
        new HostedCluster(
            bed, BedExtension.client(context), Manifests.SAMPLE_NAMESPACE, Manifests.SAMPLE_NAME);
    Manifests.createRestrictedNamespace(bed, Manifests.SAMPLE_NAMESPACE);
    Manifests.apply(bed, Manifests.sample());
    awaitReady(cluster, CREATION_DEADLINE);
    return cluster;
  }

  /** Returns when the control plane is as its spec says and answers through the Gateway. */
  static void awaitReady(HostedCluster cluster, Duration deadline) {
    await(cluster + " is ready and answers")
        .atMost(deadline)
        .conditionEvaluationListener(condition -> {
          if (condition.getRemainingTimeInMS() <= 0) {
            System.err.printf("%s: %s%n", cluster, cluster.summary());
          }
        })
        .until(() -> cluster.isReady() && cluster.answers());
  }
}
