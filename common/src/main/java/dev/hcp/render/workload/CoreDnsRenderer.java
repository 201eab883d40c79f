package dev.hcp.render.workload;

import dev.hcp.api.v1alpha1.CoreDns;
import dev.hcp.flags.Program;
import dev.hcp.model.Cidr;
import dev.hcp.model.ControlPlane;
import dev.hcp.render.pod.Arguments;
import dev.hcp.render.pod.Images;
import dev.hcp.render.pod.Pods;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** CoreDNS: the names of the hosted cluster. */
public final class CoreDnsRenderer {
  private static final String NAME = "coredns";
  private static final String SERVICE = "kube-dns";
  private static final String ROLE = "system:coredns";
  private static final String CONFIG_KEY = "Corefile";
  private static final String CONFIG_VOLUME = "config-volume";
  private static final String CONFIG_DIRECTORY = "/etc/coredns";
  private static final int DNS_PORT = 53;
  private static final int METRICS_PORT = 9153;
  private static final int HEALTH_PORT = 8080;
  private static final int READINESS_PORT = 8181;

  private static final Map<String, String> SELECTOR =
      Map.of(
          "k8s-app",
          SERVICE,
          "kubernetes.io/cluster-service",
          "true",
          "kubernetes.io/name",
          "CoreDNS");

  private CoreDnsRenderer() {}

  /**
   * All its objects.
   *
   * @param nodes number of ready nodes
   */
  public static AddOn render(ControlPlane controlPlane, int nodes) {
    var settings = controlPlane.spec().coredns();
    int replicas = ControlPlane.addOnReplicas(settings, nodes);
    var desired = new ArrayList<HasMetadata>();
    var absent = new ArrayList<HasMetadata>();
    desired.add(AddOnPods.serviceAccount(NAME));
    desired.add(
        Rbac.clusterRole(
            ROLE,
            Rbac.rule("", List.of("endpoints", "services", "pods", "namespaces"), "list", "watch"),
            Rbac.rule("", List.of("nodes"), "get"),
            Rbac.rule("discovery.k8s.io", List.of("endpointslices"), "list", "watch")));
    desired.add(Rbac.clusterBinding(ROLE, ROLE, Rbac.serviceAccount(NAME)));
    desired.add(configMap(controlPlane));
    desired.add(
        AddOnPods.deployment(
            NAME,
            SELECTOR,
            Map.of(),
            replicas,
            settings,
            container(controlPlane, settings),
            List.of(configVolume())));
    desired.add(service(controlPlane));
    (replicas > 1 ? desired : absent).add(AddOnPods.disruptionBudget(NAME, SELECTOR));
    var addOn = new AddOn(desired, absent);
    return controlPlane.isCoreDnsDisabled() ? addOn.disabled() : addOn;
  }

  private static ConfigMap configMap(ControlPlane controlPlane) {
    var settings = controlPlane.spec().coredns();
    var corefile =
        settings == null || settings.corefile() == null
            ? corefile(controlPlane.networks().serviceDomain())
            : settings.corefile();
    return new ConfigMapBuilder()
        .withMetadata(HostedMetadata.of(HostedMetadata.SYSTEM, NAME))
        .withData(Map.of(CONFIG_KEY, corefile))
        .build();
  }

  private static String corefile(String domain) {
    return """
    .:53 {
        errors
        health {
            lameduck 5s
        }
        ready
        kubernetes %1$s in-addr.arpa ip6.arpa {
            pods insecure
            fallthrough in-addr.arpa ip6.arpa
            ttl 30
        }
        prometheus :9153
        forward . /etc/resolv.conf {
            max_concurrent 1000
        }
        cache 30 {
            disable success %1$s
            disable denial %1$s
        }
        loop
        reload
        loadbalance
    }
    """
        .formatted(domain);
  }

  private static Container container(ControlPlane controlPlane, @Nullable CoreDns settings) {
    return new ContainerBuilder()
        .withName(NAME)
        .withImage(
            Images.reference(
                controlPlane, settings, "coredns/coredns", controlPlane.components().coredns()))
        .withImagePullPolicy(Images.pullPolicy(settings))
        .withArgs(
            Arguments.of(
                Program.COREDNS, settings, Map.of("conf", CONFIG_DIRECTORY + "/" + CONFIG_KEY)))
        .withEnv(Pods.env(settings))
        .withPorts(
            port("dns", DNS_PORT, "UDP"),
            port("dns-tcp", DNS_PORT, "TCP"),
            port("metrics", METRICS_PORT, "TCP"),
            port("health", HEALTH_PORT, "TCP"),
            port("ready", READINESS_PORT, "TCP"))
        .withResources(Pods.resources(settings, "50m", "70Mi"))
        .withSecurityContext(Pods.restrictedWithLowPorts())
        .withReadinessProbe(probe("ready", "/ready"))
        .withLivenessProbe(probe("health", "/health"))
        .withVolumeMounts(Pods.readOnly(CONFIG_VOLUME, CONFIG_DIRECTORY))
        .build();
  }

  private static Volume configVolume() {
    return new VolumeBuilder()
        .withName(CONFIG_VOLUME)
        .withNewConfigMap()
        .withName(NAME)
        .addNewItem(CONFIG_KEY, null, CONFIG_KEY)
        .endConfigMap()
        .build();
  }

  private static Service service(ControlPlane controlPlane) {
    var networks = controlPlane.networks();
    var addresses = networks.dnsServiceAddresses();
    return new ServiceBuilder()
        .withMetadata(HostedMetadata.of(HostedMetadata.SYSTEM, SERVICE, SELECTOR))
        .editMetadata()
        .addToAnnotations("prometheus.io/port", String.valueOf(METRICS_PORT))
        .addToAnnotations("prometheus.io/scrape", "true")
        .endMetadata()
        .withNewSpec()
        .withType("ClusterIP")
        .withClusterIP(addresses.getFirst())
        .withClusterIPs(addresses)
        .withIpFamilyPolicy(addresses.size() > 1 ? "RequireDualStack" : "SingleStack")
        .withIpFamilies(networks.services().stream().map(Cidr::family).toList())
        .withSelector(SELECTOR)
        .withPorts(
            servicePort("dns", DNS_PORT, "UDP"),
            servicePort("dns-tcp", DNS_PORT, "TCP"),
            servicePort("metrics", METRICS_PORT, "TCP"))
        .endSpec()
        .build();
  }

  private static ContainerPort port(String name, int port, String protocol) {
    return new ContainerPortBuilder()
        .withName(name)
        .withContainerPort(port)
        .withProtocol(protocol)
        .build();
  }

  private static ServicePort servicePort(String name, int port, String protocol) {
    return new ServicePortBuilder()
        .withName(name)
        .withPort(port)
        .withProtocol(protocol)
        .withTargetPort(new IntOrString(port))
        .build();
  }

  private static Probe probe(String port, String path) {
    return new ProbeBuilder()
        .withNewHttpGet()
        .withNewPort(port)
        .withPath(path)
        .withScheme("HTTP")
        .endHttpGet()
        .withTimeoutSeconds(5)
        .withPeriodSeconds(10)
        .withFailureThreshold(3)
        .build();
  }
}
