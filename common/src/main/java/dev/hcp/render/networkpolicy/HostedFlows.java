package dev.hcp.render.networkpolicy;

import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Collection;
import java.util.List;

/**
 * Who may talk to whom among the add-ons inside a hosted cluster. kube-proxy is not among them: it
 * has the network of its node, which no policy is about.
 */
public final class HostedFlows {
  private static final String NAMESPACE = "kube-system";
  private static final int METRICS_PORT = 9153;
  private static final Port DNS_UDP = Port.udp(53);
  private static final Port DNS_TCP = Port.tcp(53);

  private HostedFlows() {}

  /**
   * CoreDNS: anybody in the cluster asks it, also pods with the network of their node; it asks the
   * API server, and other DNS servers wherever they are.
   *
   * @param apiServerPorts ports on which pods reach the API server, before and after the Service
   *     {@code kubernetes} was translated
   */
  public static PodPolicy coreDns(Collection<Integer> apiServerPorts) {
    return policy(
        "coredns",
        "kube-dns",
        List.of(
            Flow.from(new Peer.WholeCluster(), DNS_UDP, DNS_TCP, Port.tcp(METRICS_PORT)),
            new Flow(
                Direction.EGRESS,
                new Peer.OwnApiServer(),
                apiServerPorts.stream().distinct().sorted().map(Port::tcp).toList()),
            Flow.to(new Peer.Anything(), DNS_UDP, DNS_TCP)));
  }

  /**
   * Konnectivity agents: nobody dials them; they dial the konnectivity server and the API server
   * through the Gateway, and for the API server whatever it wants to reach in the cluster. They
   * resolve names as their node does.
   *
   * @param gatewayPort port of the public endpoint
   */
  public static PodPolicy konnectivityAgent(int gatewayPort) {
    return policy(
        "konnectivity-agent",
        "konnectivity-agent",
        List.of(
            Flow.to(new Peer.WholeCluster(), Port.everyTcp()),
            Flow.to(new Peer.World(List.of(), List.of()), Port.tcp(gatewayPort)),
            Flow.to(new Peer.Anything(), DNS_UDP, DNS_TCP)));
  }

  private static PodPolicy policy(String name, String app, List<Flow> flows) {
    return new PodPolicy(
        new ObjectMetaBuilder()
            .withNamespace(NAMESPACE)
            .withName(name)
            .addToLabels(Labels.MANAGED_BY, Labels.MANAGER)
            .build(),
        new LabelSelectorBuilder().addToMatchLabels("k8s-app", app).build(),
        flows);
  }
}
