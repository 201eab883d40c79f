package dev.hcp.render.workload;

import dev.hcp.api.v1alpha1.ControlPlaneEndpoint;
import dev.hcp.api.v1alpha1.KubeProxy;
import dev.hcp.flags.Program;
import dev.hcp.model.Cidr;
import dev.hcp.model.ControlPlane;
import dev.hcp.render.pod.Arguments;
import dev.hcp.render.pod.Images;
import dev.hcp.render.pod.Placement;
import dev.hcp.render.pod.Pods;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * kube-proxy on every node. It reaches the API server at the public endpoint, since Services work
 * only once it does.
 */
public final class KubeProxyRenderer {
  private static final String NAME = "kube-proxy";
  private static final String DIRECTORY = "/var/lib/kube-proxy";
  private static final String KUBECONFIG = "kubeconfig.conf";
  private static final String LOCK = "/run/xtables.lock";
  private static final String MODULES = "/lib/modules";
  private static final int METRICS_PORT = 10249;
  private static final int REVISION_HISTORY = 2;

  private static final Map<String, String> SELECTOR =
      Map.of("k8s-app", NAME, "kubernetes.io/cluster-service", "true");

  private KubeProxyRenderer() {}

  /** All its objects. */
  public static AddOn render(ControlPlane controlPlane, ControlPlaneEndpoint endpoint) {
    var desired = new ArrayList<HasMetadata>();
    desired.add(AddOnPods.serviceAccount(NAME));
    desired.add(
        Rbac.clusterBinding(
            "kubeadm:node-proxier", "system:node-proxier", Rbac.serviceAccount(NAME)));
    desired.addAll(
        Rbac.role(
            HostedMetadata.SYSTEM,
            NAME,
            Rbac.readConfigMap(NAME),
            Rbac.group(BootstrapRenderer.BOOTSTRAPPERS)));
    desired.add(configMap(controlPlane, endpoint));
    desired.add(daemonSet(controlPlane));
    var addOn = new AddOn(desired, List.of());
    return controlPlane.isKubeProxyDisabled() ? addOn.disabled() : addOn;
  }

  private static ConfigMap configMap(ControlPlane controlPlane, ControlPlaneEndpoint endpoint) {
    return new ConfigMapBuilder()
        .withMetadata(HostedMetadata.of(HostedMetadata.SYSTEM, NAME, Map.of("app", NAME)))
        .withData(
            Map.of(
                KUBECONFIG,
                HostedKubeconfig.text(endpoint),
                // kubeadm reads it. kube-proxy itself is given flags: beside a file it would ignore
                // those of the user.
                "config.conf",
                """
                apiVersion: kubeproxy.config.k8s.io/v1alpha1
                kind: KubeProxyConfiguration
                clientConnection:
                  kubeconfig: %s/%s
                clusterCIDR: "%s"
                mode: %s
                """
                    .formatted(
                        DIRECTORY, KUBECONFIG, clusterRanges(controlPlane), mode(controlPlane))))
        .build();
  }

  private static DaemonSet daemonSet(ControlPlane controlPlane) {
    var settings = controlPlane.spec().kubeProxy();
    return new DaemonSetBuilder()
        .withMetadata(HostedMetadata.of(HostedMetadata.SYSTEM, NAME, SELECTOR))
        .withNewSpec()
        .withRevisionHistoryLimit(REVISION_HISTORY)
        .withNewSelector()
        .withMatchLabels(SELECTOR)
        .endSelector()
        .withNewUpdateStrategy()
        .withType("RollingUpdate")
        .withNewRollingUpdate()
        .withMaxUnavailable(new IntOrString("10%"))
        .endRollingUpdate()
        .endUpdateStrategy()
        .withNewTemplate()
        .withMetadata(Pods.metadata(settings, SELECTOR, Map.of()))
        .withNewSpec()
        .withEnableServiceLinks(false)
        .withServiceAccountName(NAME)
        .withHostNetwork(true)
        .withDnsPolicy("Default")
        .withPriorityClassName(AddOnPods.priority(settings, "system-node-critical"))
        .withImagePullSecrets(Images.pullSecrets(settings))
        .withNodeSelector(Placement.nodeSelector(settings, AddOnPods.NODES))
        .withAffinity(affinity(settings))
        .withTolerations(new TolerationBuilder().withOperator("Exists").build())
        .withContainers(container(controlPlane, settings))
        .withVolumes(
            new VolumeBuilder()
                .withName(NAME)
                .withNewConfigMap()
                .withName(NAME)
                .endConfigMap()
                .build(),
            new VolumeBuilder()
                .withName("xtables-lock")
                .withNewHostPath(LOCK, "FileOrCreate")
                .build(),
            new VolumeBuilder().withName("lib-modules").withNewHostPath(MODULES, "").build())
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  private static Container container(ControlPlane controlPlane, @Nullable KubeProxy settings) {
    var userFlags =
        settings == null || settings.args() == null ? Map.<String, String>of() : settings.args();
    var flags = new TreeMap<String, String>();
    if (!isGiven(userFlags, "metrics-bind-address")) {
      var any = controlPlane.networks().pods().getFirst().isIpv6() ? "[::]" : "0.0.0.0";
      flags.put("metrics-bind-address", "%s:%d".formatted(any, METRICS_PORT));
    }
    if (!isGiven(userFlags, "nodeport-addresses")) {
      flags.put("nodeport-addresses", "primary");
    }
    flags.put("cluster-cidr", clusterRanges(controlPlane));
    flags.put("hostname-override", "$(NODE_NAME)");
    flags.put("kubeconfig", DIRECTORY + "/" + KUBECONFIG);
    flags.put("proxy-mode", mode(controlPlane));
    return new ContainerBuilder()
        .withName(NAME)
        .withImage(
            Images.reference(
                controlPlane, settings, NAME, controlPlane.followerVersion().imageTag()))
        .withImagePullPolicy(Images.pullPolicy(settings))
        .withCommand("/usr/local/bin/kube-proxy")
        .withArgs(Arguments.of(Program.KUBE_PROXY, settings, flags))
        .withEnv(
            Pods.env(
                settings,
                new EnvVarBuilder()
                    .withName("NODE_NAME")
                    .withNewValueFrom()
                    .withNewFieldRef("v1", "spec.nodeName")
                    .endValueFrom()
                    .build()))
        .withResources(Pods.resources(settings, "10m", "32Mi"))
        .withNewSecurityContext()
        .withPrivileged(true)
        .endSecurityContext()
        .withVolumeMounts(
            Pods.readOnly(NAME, DIRECTORY),
            new VolumeMountBuilder().withName("xtables-lock").withMountPath(LOCK).build(),
            Pods.readOnly("lib-modules", MODULES))
        .build();
  }

  private static @Nullable Affinity affinity(@Nullable KubeProxy settings) {
    return settings == null || settings.affinity() == null
        ? null
        : new AffinityBuilder().withNodeAffinity(settings.affinity().nodeAffinity()).build();
  }

  private static boolean isGiven(Map<String, String> userFlags, String flag) {
    return userFlags.keySet().stream()
        .anyMatch(given -> Program.KUBE_PROXY.canonical(given).equals(flag));
  }

  private static String mode(ControlPlane controlPlane) {
    var settings = controlPlane.spec().kubeProxy();
    return settings == null || settings.mode() == null
        ? controlPlane.components().proxyMode()
        : settings.mode().value();
  }

  private static String clusterRanges(ControlPlane controlPlane) {
    return controlPlane.networks().pods().stream()
        .map(Cidr::toString)
        .collect(Collectors.joining(","));
  }
}
