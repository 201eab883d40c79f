package dev.hcp.render.workload;

import dev.hcp.api.v1alpha1.PlacementSettings;
import dev.hcp.api.v1alpha1.PodSettings;
import dev.hcp.render.pod.Images;
import dev.hcp.render.pod.Placement;
import dev.hcp.render.pod.Pods;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the add-ons that run as a few equal pods have in common. */
final class AddOnPods {
  /** Labels of the nodes for which there are images. */
  static final Map<String, String> NODES = Map.of("kubernetes.io/os", "linux");

  private static final String PRIORITY = "system-cluster-critical";
  private static final int REVISION_HISTORY = 2;

  private AddOnPods() {}

  /**
   * The Deployment of an add-on, in {@code kube-system} and with the ServiceAccount of its own
   * name.
   *
   * @param selector labels by which its pods are selected; they must never change
   * @param labels further labels of the pods
   */
  static Deployment deployment(
      String name,
      Map<String, String> selector,
      Map<String, String> labels,
      int replicas,
      @Nullable PlacementSettings settings,
      Container container,
      List<Volume> volumes) {
    var podLabels = new TreeMap<>(selector);
    podLabels.putAll(labels);
    return new DeploymentBuilder()
        .withMetadata(HostedMetadata.of(HostedMetadata.SYSTEM, name, podLabels))
        .withNewSpec()
        .withReplicas(replicas)
        .withRevisionHistoryLimit(REVISION_HISTORY)
        .withNewSelector()
        .withMatchLabels(selector)
        .endSelector()
        .withNewStrategy()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withMaxSurge(new IntOrString(1))
        .withMaxUnavailable(new IntOrString(0))
        .endRollingUpdate()
        .endStrategy()
        .withNewTemplate()
        .withMetadata(Pods.metadata(settings, podLabels, Map.of()))
        .withSpec(
            Pods.confined()
                .withAutomountServiceAccountToken(true)
                .withServiceAccountName(name)
                .withPriorityClassName(priority(settings, PRIORITY))
                // What they resolve must not depend on the cluster's own DNS.
                .withDnsPolicy("Default")
                .withImagePullSecrets(Images.pullSecrets(settings))
                .withNodeSelector(Placement.nodeSelector(settings, NODES))
                .withTolerations(Placement.tolerations(settings, tolerations()))
                .withAffinity(Placement.affinity(settings))
                .withTopologySpreadConstraints(Placement.spread(settings, selector))
                .withContainers(container)
                .withVolumes(volumes)
                .build())
        .endTemplate()
        .endSpec()
        .build();
  }

  /** At most one pod of several may be evicted at a time. */
  static PodDisruptionBudget disruptionBudget(String name, Map<String, String> selector) {
    return new PodDisruptionBudgetBuilder()
        .withMetadata(HostedMetadata.of(HostedMetadata.SYSTEM, name))
        .withNewSpec()
        .withMaxUnavailable(new IntOrString(1))
        .withNewSelector()
        .withMatchLabels(selector)
        .endSelector()
        .endSpec()
        .build();
  }

  static HasMetadata serviceAccount(String name) {
    return new ServiceAccountBuilder()
        .withMetadata(HostedMetadata.of(HostedMetadata.SYSTEM, name))
        .build();
  }

  static String priority(@Nullable PodSettings settings, String otherwise) {
    return settings == null || settings.priorityClassName() == null
        ? otherwise
        : settings.priorityClassName();
  }

  /** Nodes on which nothing else may run yet may need what the add-ons provide. */
  private static List<Toleration> tolerations() {
    return List.of(
        new TolerationBuilder().withKey("CriticalAddonsOnly").withOperator("Exists").build(),
        new TolerationBuilder()
            .withKey("node.cluster.x-k8s.io/uninitialized")
            .withOperator("Exists")
            .withEffect("NoSchedule")
            .build(),
        new TolerationBuilder()
            .withKey("node.cloudprovider.kubernetes.io/uninitialized")
            .withOperator("Equal")
            .withValue("true")
            .withEffect("NoSchedule")
            .build());
  }
}
