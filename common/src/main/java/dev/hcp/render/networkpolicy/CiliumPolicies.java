package dev.hcp.render.networkpolicy;

import dev.hcp.api.cilium.CiliumCidrRule;
import dev.hcp.api.cilium.CiliumDnsRule;
import dev.hcp.api.cilium.CiliumEgressRule;
import dev.hcp.api.cilium.CiliumFqdn;
import dev.hcp.api.cilium.CiliumIngressRule;
import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.api.cilium.CiliumNetworkPolicySpec;
import dev.hcp.api.cilium.CiliumPort;
import dev.hcp.api.cilium.CiliumPortRule;
import dev.hcp.api.cilium.CiliumProtocolRules;
import dev.hcp.model.Cidr;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirementBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Policies as CiliumNetworkPolicy. */
public final class CiliumPolicies {
  /** Source of a label; without it Cilium would take a label from anywhere. */
  private static final String SOURCE = "k8s:";

  private static final String NAMESPACE_NAME = SOURCE + "io.kubernetes.pod.namespace";

  private CiliumPolicies() {}

  /** The object. */
  public static CiliumNetworkPolicy render(PodPolicy policy) {
    boolean namesMatter =
        policy.flows().stream().anyMatch(flow -> flow.peer() instanceof Peer.DnsName);
    var ingress =
        policy.flows(Direction.INGRESS).stream()
            .flatMap(flow -> targets(flow.peer()).map(target -> ingress(target, ports(flow))))
            .toList();
    var egress =
        policy.flows(Direction.EGRESS).stream()
            .flatMap(flow ->
                targets(flow.peer()).map(target -> egress(target, ports(flow, namesMatter))))
            .toList();
    var object = new CiliumNetworkPolicy();
    object.setMetadata(policy.metadata());
    object.setSpec(
        new CiliumNetworkPolicySpec(
            selector(policy.pods()),
            // A direction without any rule would be open.
            ingress.isEmpty() ? List.of(new CiliumIngressRule(null, null, null, null)) : ingress,
            egress.isEmpty()
                ? List.of(new CiliumEgressRule(null, null, null, null, null))
                : egress));
    return object;
  }

  /** What a peer becomes; each is a rule of its own. */
  private sealed interface Target {
    /** Pods. */
    record Endpoints(List<LabelSelector> selectors) implements Target {}

    /** What Cilium knows by name. */
    record Entities(List<String> names) implements Target {}

    /** Addresses outside the cluster. */
    record Ranges(List<Cidr> ranges) implements Target {}

    /** A DNS name. */
    record Name(String name) implements Target {}
  }

  private static Stream<Target> targets(Peer peer) {
    return switch (peer) {
      case Peer.Component(var namespace, var cluster, var component) ->
          Stream.of(pods(namespace, Labels.selector(cluster, component)));
      case Peer.Namespace(var name) -> Stream.of(pods(name, Map.of()));
      case Peer.Controller(var namespace) -> Stream.of(pods(namespace, Map.of()));
      case Peer.GatewayProxies proxies -> Stream.of(proxies(proxies), entities("ingress"));
      case Peer.LoadBalancer(var world, _, _) ->
          Stream.of(world(world), entities("host", "remote-node"));
      case Peer.World world -> Stream.of(world(world));
      case Peer.Address(var range) -> Stream.of(new Target.Ranges(List.of(range)));
      case Peer.DnsName(var name, _) -> Stream.of(new Target.Name(name));
      // The cache on a node is a pod, or a process of the node itself.
      case Peer.DnsServers _ -> Stream.of(dnsServers(), entities("host"));
      case Peer.WholeCluster _ -> Stream.of(entities("cluster"));
      case Peer.OwnApiServer _, Peer.ManagementApiServers _ ->
          Stream.of(entities("kube-apiserver"));
      case Peer.Anything _ -> Stream.of(entities("all"));
    };
  }

  private static CiliumIngressRule ingress(Target target, List<CiliumPortRule> ports) {
    return switch (target) {
      case Target.Endpoints(var selectors) -> new CiliumIngressRule(selectors, null, null, ports);
      case Target.Entities(var names) -> new CiliumIngressRule(null, names, null, ports);
      case Target.Ranges(var ranges) -> new CiliumIngressRule(null, null, cidrs(ranges), ports);
      case Target.Name(var name) ->
          throw new IllegalArgumentException(
              "nobody is known by the name %s from which connections come".formatted(name));
    };
  }

  private static CiliumEgressRule egress(Target target, List<CiliumPortRule> ports) {
    return switch (target) {
      case Target.Endpoints(var selectors) ->
          new CiliumEgressRule(selectors, null, null, null, ports);
      case Target.Entities(var names) -> new CiliumEgressRule(null, names, null, null, ports);
      case Target.Ranges(var ranges) ->
          new CiliumEgressRule(null, null, cidrs(ranges), null, ports);
      case Target.Name(var name) ->
          new CiliumEgressRule(null, null, null, List.of(new CiliumFqdn(name)), ports);
    };
  }

  /**
   * @param namesMatter whether Cilium has to learn from DNS answers where names lead
   */
  private static List<CiliumPortRule> ports(Flow flow, boolean namesMatter) {
    return namesMatter && flow.peer() instanceof Peer.DnsServers
        ? ports(flow, new CiliumProtocolRules(List.of(new CiliumDnsRule("*"))))
        : ports(flow);
  }

  private static List<CiliumPortRule> ports(Flow flow) {
    return ports(flow, null);
  }

  private static List<CiliumPortRule> ports(Flow flow, @Nullable CiliumProtocolRules rules) {
    return List.of(
        new CiliumPortRule(
            flow.ports().stream()
                .map(port -> new CiliumPort(String.valueOf(port.number()), port.protocol().name()))
                .toList(),
            rules));
  }

  private static Target proxies(Peer.GatewayProxies proxies) {
    var selectors = new ArrayList<LabelSelector>();
    selectors.add(inNamespace(proxies.namespace(), KnownPods.gatewayApiProxies(proxies)));
    selectors.add(everyPod(KnownPods.envoyGatewayProxies(proxies)));
    proxies.namespaces().forEach(name -> selectors.add(inNamespace(name, Map.of())));
    return new Target.Endpoints(selectors);
  }

  private static Target world(Peer.World world) {
    return world.ranges().isEmpty() ? entities("world") : new Target.Ranges(world.ranges());
  }

  private static Target dnsServers() {
    return new Target.Endpoints(
        KnownPods.DNS_SERVERS.stream()
            .map(labels -> inNamespace(KnownPods.DNS_NAMESPACE, labels))
            .toList());
  }

  private static Target pods(String namespace, Map<String, String> labels) {
    return new Target.Endpoints(List.of(inNamespace(namespace, labels)));
  }

  private static Target entities(String... names) {
    return new Target.Entities(List.of(names));
  }

  private static List<CiliumCidrRule> cidrs(List<Cidr> ranges) {
    return ranges.stream().map(range -> new CiliumCidrRule(range.canonical())).toList();
  }

  private static LabelSelector inNamespace(String namespace, Map<String, String> labels) {
    var all = sourced(labels);
    all.put(NAMESPACE_NAME, namespace);
    return new LabelSelectorBuilder().withMatchLabels(all).build();
  }

  /** Says that any namespace will do: a selector that does not is about the policy's own. */
  private static LabelSelector everyPod(Map<String, String> labels) {
    return new LabelSelectorBuilder()
        .withMatchLabels(sourced(labels))
        .addNewMatchExpression()
        .withKey(NAMESPACE_NAME)
        .withOperator("Exists")
        .endMatchExpression()
        .build();
  }

  private static LabelSelector selector(LabelSelector pods) {
    return new LabelSelectorBuilder()
        .withMatchLabels(sourced(pods.getMatchLabels()))
        .withMatchExpressions(
            pods.getMatchExpressions().stream().map(CiliumPolicies::sourced).toList())
        .build();
  }

  private static LabelSelectorRequirement sourced(LabelSelectorRequirement requirement) {
    return new LabelSelectorRequirementBuilder(requirement)
        .withKey(SOURCE + requirement.getKey())
        .build();
  }

  private static Map<String, String> sourced(Map<String, String> labels) {
    var sourced = new TreeMap<String, String>();
    labels.forEach((key, value) -> sourced.put(SOURCE + key, value));
    return sourced;
  }
}
