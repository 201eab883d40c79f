package dev.hcp.render.networkpolicy;

import dev.hcp.model.Cidr;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Policies as NetworkPolicy. */
public final class KubernetesPolicies {
  private static final String NAMESPACE_NAME = "kubernetes.io/metadata.name";

  private KubernetesPolicies() {}

  /** The object. */
  public static NetworkPolicy render(PodPolicy policy) {
    return new NetworkPolicyBuilder()
        .withMetadata(policy.metadata())
        .withNewSpec()
        .withPodSelector(policy.pods())
        .withPolicyTypes("Ingress", "Egress")
        .withIngress(
            policy.flows(Direction.INGRESS).stream().flatMap(KubernetesPolicies::ingress).toList())
        .withEgress(
            policy.flows(Direction.EGRESS).stream().flatMap(KubernetesPolicies::egress).toList())
        .endSpec()
        .build();
  }

  private static Stream<NetworkPolicyIngressRule> ingress(Flow flow) {
    return switch (peers(flow.peer())) {
      case Peers.Anybody _ ->
          Stream.of(new NetworkPolicyIngressRuleBuilder().withPorts(ports(flow)).build());
      case Peers.Some(var some) ->
          Stream.of(
              new NetworkPolicyIngressRuleBuilder().withFrom(some).withPorts(ports(flow)).build());
    };
  }

  private static Stream<NetworkPolicyEgressRule> egress(Flow flow) {
    return switch (peers(flow.peer())) {
      case Peers.Anybody _ ->
          Stream.of(new NetworkPolicyEgressRuleBuilder().withPorts(ports(flow)).build());
      case Peers.Some(var some) ->
          Stream.of(
              new NetworkPolicyEgressRuleBuilder().withTo(some).withPorts(ports(flow)).build());
    };
  }

  private static List<NetworkPolicyPort> ports(Flow flow) {
    return flow.ports().stream()
        .map(port ->
            new NetworkPolicyPortBuilder()
                .withProtocol(port.protocol().name())
                .withPort(port.number() == Port.EVERY ? null : new IntOrString(port.number()))
                .build())
        .toList();
  }

  /** What a peer becomes. */
  private sealed interface Peers {
    /** No restriction at all. */
    record Anybody() implements Peers {}

    /** These; perhaps none. */
    record Some(List<NetworkPolicyPeer> peers) implements Peers {}
  }

  private static Peers peers(Peer peer) {
    return switch (peer) {
      case Peer.Component(var namespace, var cluster, var component) ->
          new Peers.Some(List.of(pods(named(namespace), Labels.selector(cluster, component))));
      case Peer.Namespace(var name) -> new Peers.Some(List.of(pods(named(name), Map.of())));
      case Peer.Controller(var namespace) ->
          new Peers.Some(List.of(pods(named(namespace), Map.of())));
      case Peer.GatewayProxies proxies -> new Peers.Some(proxies(proxies));
      case Peer.LoadBalancer balancer -> new Peers.Some(loadBalancer(balancer));
      case Peer.World world -> new Peers.Some(world(world));
      case Peer.Address(var range) -> new Peers.Some(blocks(List.of(range), List.of()));
      case Peer.DnsName(_, var world) -> new Peers.Some(world(world));
      case Peer.DnsServers _ -> new Peers.Some(dnsServers());
      case Peer.ManagementApiServers(var addresses) -> new Peers.Some(blocks(addresses, List.of()));
      case Peer.WholeCluster _, Peer.OwnApiServer _, Peer.Anything _ -> new Peers.Anybody();
    };
  }

  private static List<NetworkPolicyPeer> proxies(Peer.GatewayProxies proxies) {
    var peers = new ArrayList<NetworkPolicyPeer>();
    peers.add(pods(named(proxies.namespace()), KnownPods.gatewayApiProxies(proxies)));
    peers.add(pods(new LabelSelector(), KnownPods.envoyGatewayProxies(proxies)));
    proxies.namespaces().forEach(name -> peers.add(pods(named(name), Map.of())));
    return peers;
  }

  /**
   * Callers that come with the address of an unknown node cannot be told from others, and must not
   * be refused by chance; the Service has then looked at where they come from.
   */
  private static List<NetworkPolicyPeer> loadBalancer(Peer.LoadBalancer balancer) {
    var world = balancer.world();
    if (world.ranges().isEmpty() || (!balancer.keepsSources() && balancer.nodes().isEmpty())) {
      return blocks(Cidr.ALL, world.pods());
    }
    var peers = new ArrayList<>(world(world));
    peers.addAll(blocks(balancer.nodes(), List.of()));
    return peers;
  }

  private static List<NetworkPolicyPeer> dnsServers() {
    var peers = new ArrayList<NetworkPolicyPeer>();
    KnownPods.DNS_SERVERS.forEach(
        labels -> peers.add(pods(named(KnownPods.DNS_NAMESPACE), labels)));
    peers.addAll(blocks(List.of(KnownPods.NODE_DNS_CACHE), List.of()));
    return peers;
  }

  private static List<NetworkPolicyPeer> world(Peer.World world) {
    return blocks(world.ranges().isEmpty() ? Cidr.ALL : world.ranges(), world.pods());
  }

  private static List<NetworkPolicyPeer> blocks(List<Cidr> ranges, List<Cidr> except) {
    return ranges.stream()
        .map(range ->
            new NetworkPolicyPeerBuilder()
                .withNewIpBlock()
                .withCidr(range.canonical())
                .withExcept(
                    except.stream().filter(range::isWiderThan).map(Cidr::canonical).toList())
                .endIpBlock()
                .build())
        .toList();
  }

  /** Both selectors are always there: without that of pods, all pods of the namespace would do. */
  private static NetworkPolicyPeer pods(LabelSelector namespaces, Map<String, String> labels) {
    return new NetworkPolicyPeerBuilder()
        .withNamespaceSelector(namespaces)
        .withPodSelector(new LabelSelectorBuilder().withMatchLabels(labels).build())
        .build();
  }

  private static LabelSelector named(String namespace) {
    return new LabelSelectorBuilder().addToMatchLabels(NAMESPACE_NAME, namespace).build();
  }
}
