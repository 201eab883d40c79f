package dev.hcp.render.networkpolicy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.hcp.model.Cidr;
import dev.hcp.naming.Component;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of each kind of peer, in both flavours. */
class RenderingTest {
  private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();
  private static final List<Cidr> NOTHING = List.of();
  private static final Peer.World WORLD = new Peer.World(NOTHING, NOTHING);
  private static final Peer.World OFFICE =
      new Peer.World(List.of(Cidr.parse("198.51.100.0/24")), NOTHING);

  /** A peer, the peers of its NetworkPolicy rule, and those of its Cilium rules. */
  static Stream<Arguments> peers() {
    return Stream.of(
        arguments(
            new Peer.Component("ns", "demo", Component.ETCD),
            """
            - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ns}}
              podSelector:
                matchLabels:
                  app.kubernetes.io/component: etcd
                  cluster.x-k8s.io/cluster-name: demo
            """,
            """
            - Endpoints:
              - matchLabels:
                  k8s:app.kubernetes.io/component: etcd
                  k8s:cluster.x-k8s.io/cluster-name: demo
                  k8s:io.kubernetes.pod.namespace: ns
            """),
        arguments(
            new Peer.Namespace("monitoring"),
            """
            - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}
              podSelector: {}
            """,
            """
            - Endpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: monitoring}}]
            """),
        arguments(
            new Peer.Controller("system"),
            """
            - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: system}}
              podSelector: {}
            """,
            """
            - Endpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: system}}]
            """),
        arguments(
            new Peer.GatewayProxies("gateways", "capi", List.of("edge")),
            """
            - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: gateways}}
              podSelector: {matchLabels: {gateway.networking.k8s.io/gateway-name: capi}}
            - namespaceSelector: {}
              podSelector:
                matchLabels:
                  gateway.envoyproxy.io/owning-gateway-name: capi
                  gateway.envoyproxy.io/owning-gateway-namespace: gateways
            - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: edge}}
              podSelector: {}
            """,
            """
            - Endpoints:
              - matchLabels:
                  k8s:gateway.networking.k8s.io/gateway-name: capi
                  k8s:io.kubernetes.pod.namespace: gateways
              - matchExpressions: [{key: "k8s:io.kubernetes.pod.namespace", operator: Exists}]
                matchLabels:
                  k8s:gateway.envoyproxy.io/owning-gateway-name: capi
                  k8s:gateway.envoyproxy.io/owning-gateway-namespace: gateways
              - matchLabels: {k8s:io.kubernetes.pod.namespace: edge}
            - Entities: [ingress]
            """),
        arguments(
            new Peer.LoadBalancer(
                new Peer.World(NOTHING, List.of(Cidr.parse("10.0.0.0/16"))), NOTHING, false),
            "[{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/16]}}, {ipBlock: {cidr: '::/0'}}]",
            "[{Entities: [world]}, {Entities: [host, remote-node]}]"),
        // Callers may come with the address of a node, and none is known.
        arguments(
            new Peer.LoadBalancer(OFFICE, NOTHING, false),
            "[{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}]",
            "[{CIDRSet: [{cidr: 198.51.100.0/24}]}, {Entities: [host, remote-node]}]"),
        arguments(
            new Peer.LoadBalancer(OFFICE, List.of(Cidr.parse("192.0.2.0/24")), false),
            "[{ipBlock: {cidr: 198.51.100.0/24}}, {ipBlock: {cidr: 192.0.2.0/24}}]",
            "[{CIDRSet: [{cidr: 198.51.100.0/24}]}, {Entities: [host, remote-node]}]"),
        arguments(
            new Peer.LoadBalancer(OFFICE, NOTHING, true),
            "[{ipBlock: {cidr: 198.51.100.0/24}}]",
            "[{CIDRSet: [{cidr: 198.51.100.0/24}]}, {Entities: [host, remote-node]}]"),
        arguments(
            WORLD,
            "[{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}]",
            "[{Entities: [world]}]"),
        arguments(
            new Peer.World(NOTHING, List.of(Cidr.parse("10.0.0.0/16"), Cidr.parse("fd00::/48"))),
            """
            - ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/16]}
            - ipBlock: {cidr: '::/0', except: ['fd00::/48']}
            """,
            "[{Entities: [world]}]"),
        arguments(
            new Peer.World(
                List.of(Cidr.parse("198.51.100.0/24"), Cidr.parse("2001:db8::/32")),
                List.of(Cidr.parse("198.51.100.128/25"), Cidr.parse("10.0.0.0/16"))),
            """
            - ipBlock: {cidr: 198.51.100.0/24, except: [198.51.100.128/25]}
            - ipBlock: {cidr: '2001:db8::/32'}
            """,
            """
            - CIDRSet: [{cidr: 198.51.100.0/24}, {cidr: '2001:db8::/32'}]
            """),
        arguments(
            new Peer.Address(Cidr.parse("192.0.2.7/32")),
            "[{ipBlock: {cidr: 192.0.2.7/32}}]",
            "[{CIDRSet: [{cidr: 192.0.2.7/32}]}]"),
        arguments(
            new Peer.DnsServers(),
            """
            - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
              podSelector: {matchLabels: {k8s-app: kube-dns}}
            - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
              podSelector: {matchLabels: {k8s-app: node-local-dns}}
            - ipBlock: {cidr: 169.254.20.10/32}
            """,
            """
            - Endpoints:
              - matchLabels: {k8s:io.kubernetes.pod.namespace: kube-system, k8s:k8s-app: kube-dns}
              - matchLabels:
                  k8s:io.kubernetes.pod.namespace: kube-system
                  k8s:k8s-app: node-local-dns
            - Entities: [host]
            """),
        arguments(new Peer.WholeCluster(), "anybody", "[{Entities: [cluster]}]"),
        arguments(new Peer.OwnApiServer(), "anybody", "[{Entities: [kube-apiserver]}]"),
        arguments(
            new Peer.ManagementApiServers(List.of(Cidr.parse("192.0.2.10/32"))),
            "[{ipBlock: {cidr: 192.0.2.10/32}}]",
            "[{Entities: [kube-apiserver]}]"),
        arguments(new Peer.Anything(), "anybody", "[{Entities: [all]}]"));
  }

  @ParameterizedTest
  @MethodSource("peers")
  void peerThatComesIn(Peer peer, String kubernetes, String cilium) {
    var policy = policy(Flow.from(peer, Port.tcp(1), Port.udp(2)));
    var rules = list(KubernetesPolicies.render(policy), "ingress");
    assertThat(rules)
        .isEqualTo(
            kubernetes.equals("anybody")
                ? yaml("[{ports: [{port: 1, protocol: TCP}, {port: 2, protocol: UDP}]}]")
                : List.of(
                    Map.of(
                        "from",
                        yaml(kubernetes),
                        "ports",
                        yaml("[{port: 1, protocol: TCP}, {port: 2, protocol: UDP}]"))));
    assertThat(list(CiliumPolicies.render(policy), "ingress"))
        .isEqualTo(ciliumRules("from", cilium));
  }

  @ParameterizedTest
  @MethodSource("peers")
  void peerThatIsDialled(Peer peer, String kubernetes, String cilium) {
    var policy = policy(Flow.to(peer, Port.tcp(1), Port.udp(2)));
    var rules = list(KubernetesPolicies.render(policy), "egress");
    assertThat(rules)
        .isEqualTo(
            kubernetes.equals("anybody")
                ? yaml("[{ports: [{port: 1, protocol: TCP}, {port: 2, protocol: UDP}]}]")
                : List.of(
                    Map.of(
                        "to",
                        yaml(kubernetes),
                        "ports",
                        yaml("[{port: 1, protocol: TCP}, {port: 2, protocol: UDP}]"))));
    assertThat(list(CiliumPolicies.render(policy), "egress")).isEqualTo(ciliumRules("to", cilium));
  }

  @Test
  void everyKindOfPeerIsTried() {
    var tried = peers().map(arguments -> arguments.get()[0].getClass()).distinct().toList();
    assertThat(Arrays.asList(Peer.class.getPermittedSubclasses()))
        .filteredOn(kind -> kind != Peer.DnsName.class)
        .containsExactlyInAnyOrderElementsOf(tried);
  }

  @Test
  void withoutFlowsBothDirectionsAreClosed() {
    var policy = policy();
    assertThat(tree(KubernetesPolicies.render(policy)).get("spec"))
        .isEqualTo(yaml("{podSelector: {matchLabels: {app: x}}, policyTypes: [Ingress, Egress]}"));
    assertThat(tree(CiliumPolicies.render(policy)).get("spec"))
        .isEqualTo(
            yaml("{endpointSelector: {matchLabels: {'k8s:app': x}}, ingress: [{}], egress: [{}]}"));
  }

  @Test
  void flowWithoutPortsIsRefused() {
    assertThatThrownBy(() -> Flow.to(new Peer.Anything()))
        .hasMessage("a flow needs ports, Anything[] has none");
  }

  @Test
  void everyPortOfAProtocolKeepsTheProtocol() {
    var policy = policy(Flow.to(new Peer.Namespace("logging"), Port.everyTcp()));
    assertThat(list(KubernetesPolicies.render(policy), "egress"))
        .isEqualTo(
            yaml(
                """
                - to:
                  - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: logging}}
                    podSelector: {}
                  ports: [{protocol: TCP}]
                """));
    assertThat(list(CiliumPolicies.render(policy), "egress"))
        .isEqualTo(
            yaml(
                """
                - toEndpoints: [{matchLabels: {'k8s:io.kubernetes.pod.namespace': logging}}]
                  toPorts: [{ports: [{port: '0', protocol: TCP}]}]
                """));
  }

  /** Cilium learns where a name leads only from DNS answers that it looks into. */
  @Test
  void whereANameIsAllowedDnsIsLookedInto() {
    var name = Flow.to(new Peer.DnsName("audit.example.com", WORLD), Port.tcp(443));
    var policy = policy(name, ControlPlaneFlows.dns());
    assertThat(list(CiliumPolicies.render(policy), "egress"))
        .isEqualTo(
            yaml(
                """
                - toFQDNs: [{matchName: audit.example.com}]
                  toPorts: [{ports: [{port: '443', protocol: TCP}]}]
                - toEndpoints:
                  - matchLabels: {'k8s:io.kubernetes.pod.namespace': kube-system, 'k8s:k8s-app': kube-dns}
                  - matchLabels:
                      k8s:io.kubernetes.pod.namespace: kube-system
                      k8s:k8s-app: node-local-dns
                  toPorts:
                  - ports: [{port: '53', protocol: UDP}, {port: '53', protocol: TCP}]
                    rules: {dns: [{matchPattern: '*'}]}
                - toEntities: [host]
                  toPorts:
                  - ports: [{port: '53', protocol: UDP}, {port: '53', protocol: TCP}]
                    rules: {dns: [{matchPattern: '*'}]}
                """));
    assertThat(list(KubernetesPolicies.render(policy(name)), "egress"))
        .isEqualTo(
            yaml(
                """
                - to: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}]
                  ports: [{port: 443, protocol: TCP}]
                """));
  }

  @Test
  void selectionOfPodsIsTheSameInBothFlavours() {
    var pods =
        new LabelSelectorBuilder()
            .addToMatchLabels("a", "b")
            .addNewMatchExpression()
            .withKey("c")
            .withOperator("NotIn")
            .withValues("d")
            .endMatchExpression()
            .build();
    var policy = new PodPolicy(new ObjectMetaBuilder().withName("x").build(), pods, List.of());
    assertThat(KubernetesPolicies.render(policy).getSpec().getPodSelector()).isEqualTo(pods);
    assertThat(tree(CiliumPolicies.render(policy).getSpec().endpointSelector()))
        .isEqualTo(
            yaml(
                """
                matchLabels: {'k8s:a': b}
                matchExpressions: [{key: 'k8s:c', operator: NotIn, values: [d]}]
                """));
  }

  private static List<?> ciliumRules(String prefix, String targets) {
    return ((List<?>) yaml(targets))
        .stream()
            .map(target -> (Map<?, ?>) target)
            .map(target -> target.entrySet().iterator().next())
            .map(entry ->
                Map.of(
                    prefix + entry.getKey(),
                    entry.getValue(),
                    "toPorts",
                    yaml("[{ports: [{port: '1', protocol: TCP}, {port: '2', protocol: UDP}]}]")))
            .toList();
  }

  private static PodPolicy policy(Flow... flows) {
    return new PodPolicy(
        new ObjectMetaBuilder().withName("x").build(),
        new LabelSelectorBuilder().addToMatchLabels("app", "x").build(),
        List.of(flows));
  }

  private static Object list(Object policy, String direction) {
    return ((Map<?, ?>) tree(policy).get("spec")).get(direction);
  }

  private static Map<?, ?> tree(Object value) {
    return SERIALIZATION.convertValue(value, Map.class);
  }

  /** Below a key, since what begins with a bracket is taken for JSON. */
  private static Object yaml(String text) {
    return SERIALIZATION.unmarshal("value:\n" + text.indent(2), Map.class).get("value");
  }
}
