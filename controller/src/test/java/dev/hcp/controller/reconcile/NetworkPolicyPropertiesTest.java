package dev.hcp.controller.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.api.cilium.CiliumPort;
import dev.hcp.api.cilium.CiliumPortRule;
import dev.hcp.controller.plan.Step;
import dev.hcp.controller.scenario.Generator;
import dev.hcp.controller.scenario.Manifests;
import dev.hcp.controller.scenario.Scenario;
import dev.hcp.naming.Labels;
import dev.hcp.validation.Validator;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What the network policies of every accepted control plane have in common, found out by enforcing
 * them: by the rules of the Kubernetes API, on the pods that the same plan wants.
 */
final class NetworkPolicyPropertiesTest {
  private static final int TRIES = 150;
  private static final String CONTROLLER = "capi-hosted-control-plane-system";

  /**
   * A pod.
   *
   * @param name whose pod it is
   */
  private record Peer(String name, String namespace, Map<String, String> labels) {}

  /** A control plane whose policies are not disabled, in both flavours. */
  private record Sample(long seed, Scenario scenario, List<HasMetadata> plain, Plan cilium) {
    String namespace() {
      return scenario.observation().cluster().getMetadata().getNamespace();
    }

    String cluster() {
      return scenario.observation().cluster().getMetadata().getName();
    }

    List<Pods> pods() {
      return Pods.of(plain);
    }

    List<NetworkPolicy> policies() {
      return plain.stream()
          .filter(NetworkPolicy.class::isInstance)
          .map(NetworkPolicy.class::cast)
          .toList();
    }

    List<CiliumNetworkPolicy> ciliumPolicies() {
      return desired(cilium).stream()
          .filter(CiliumNetworkPolicy.class::isInstance)
          .map(CiliumNetworkPolicy.class::cast)
          .toList();
    }

    /** The pods by the name of their component. */
    Map<String, Peer> peers() {
      var peers = new TreeMap<String, Peer>();
      for (var pods : pods()) {
        var labels = pods.template().getMetadata().getLabels();
        var component = labels.getOrDefault(Labels.COMPONENT, "none");
        peers.put(component, new Peer(component, namespace(), labels));
      }
      return peers;
    }
  }

  private static List<Sample> samples = List.of();

  @BeforeAll
  static void generate() {
    long first = Long.getLong("property.seed", 1L);
    samples = LongStream.range(first, first + TRIES).boxed().flatMap(seed -> sample(seed)).toList();
    assertThat(samples).hasSizeGreaterThan(20);
  }

  private static Stream<Sample> sample(long seed) {
    var scenario = new Generator(seed).scenario();
    var object = scenario.observation().hostedControlPlane();
    var settings = object.getSpec().networkPolicy();
    if (!Validator.stored(object).isEmpty()
        || (settings != null && Boolean.TRUE.equals(settings.disabled()))) {
      return Stream.empty();
    }
    var plain = desired(Plan.of(scenario.observation()));
    var cilium =
        Scenario.copyOf(scenario)
            .with(
                """
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: ciliumnetworkpolicies.cilium.io}
                """);
    return Stream.of(new Sample(seed, scenario, plain, Plan.of(cilium.observation())));
  }

  private static List<HasMetadata> desired(Plan plan) {
    return plan.steps().stream().map(Step::desired).<HasMetadata>flatMap(List::stream).toList();
  }

  private static void forAll(Consumer<Sample> property) {
    for (var sample : samples) {
      try {
        property.accept(sample);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "Seed %d: %s%n%s"
                .formatted(
                    sample.seed(),
                    e.getMessage(),
                    Manifests.write(sample.scenario().observation().hostedControlPlane())),
            e);
      }
    }
  }

  /** Policies for servers with names are left out: without its L7 proxy, Cilium refuses them. */
  @Test
  void everyPodIsSelectedByExactlyOnePolicyWithBothDirections() {
    forAll(sample -> {
      var pods =
          Stream.concat(
              sample.pods().stream().map(p -> p.template().getMetadata().getLabels()),
              // One that does not exist yet: whatever is made later is closed from the start.
              Stream.of(
                  Map.of(
                      Labels.CLUSTER_NAME,
                      sample.cluster(),
                      Labels.MANAGED_BY,
                      Labels.MANAGER,
                      Labels.COMPONENT,
                      "something-new")));
      pods.forEach(labels -> {
        assertThat(sample.policies())
            .filteredOn(policy -> selects(policy.getSpec().getPodSelector(), labels))
            .filteredOn(policy -> !policy.getMetadata().getName().endsWith("-named-servers"))
            .as("policies of %s", labels)
            .singleElement()
            .satisfies(policy ->
                assertThat(policy.getSpec().getPolicyTypes()).containsExactly("Ingress", "Egress"));
      });
    });
  }

  /** Where machines are pods, those carry the Cluster's label too, and must be left alone. */
  @Test
  void podsOfOthersAreNotSelected() {
    forAll(sample -> {
      for (var labels :
          List.<Map<String, String>>of(
              Map.of(),
              Map.of(Labels.CLUSTER_NAME, sample.cluster()),
              Map.of(Labels.CLUSTER_NAME, "other", Labels.COMPONENT, "etcd"),
              Map.of(Labels.MANAGED_BY, Labels.MANAGER))) {
        assertThat(sample.policies())
            .noneMatch(policy -> selects(policy.getSpec().getPodSelector(), labels));
      }
    });
  }

  @Test
  void componentsReachEachOtherAsDesignedAndNotOtherwise() {
    forAll(sample -> {
      var peers = new HashMap<>(sample.peers());
      peers.put("controller", new Peer("controller", CONTROLLER, Map.of("a", "b")));
      assertThat(connections(sample, peers))
          .containsExactlyInAnyOrder(
              "api-server -> etcd:2379",
              "etcd -> etcd:2380",
              "controller-manager -> api-server:6443",
              "scheduler -> api-server:6443",
              "controller -> api-server:6443",
              "controller -> etcd:2379");
    });
  }

  /**
   * Whatever one component may dial, the other lets in, and the reverse: else it was allowed in
   * vain, or one side relies on the other to refuse.
   */
  @Test
  void bothSidesOfAConnectionAgree() {
    forAll(sample -> {
      for (var from : sample.peers().values()) {
        for (var pods : sample.pods()) {
          var to = peer(sample, pods);
          for (int port : ports(pods)) {
            assertThat(dials(sample, from, to, port))
                .as("%s may dial %s:%d as far as that lets it in", from.name(), to.name(), port)
                .isEqualTo(letsIn(sample, to, from, port));
          }
        }
      }
    });
  }

  @Test
  void strangersReachNothing() {
    forAll(sample -> {
      var strangers = new HashMap<String, Peer>();
      strangers.put("neighbour", new Peer("neighbour", sample.namespace(), Map.of("a", "b")));
      strangers.put("stranger", new Peer("stranger", "elsewhere", Map.of("a", "b")));
      sample
          .peers()
          .forEach((name, peer) -> {
            strangers.put(
                "impostor " + name, new Peer("impostor " + name, "elsewhere", peer.labels()));
            var labels = new TreeMap<>(peer.labels());
            labels.put(Labels.CLUSTER_NAME, "other");
            strangers.put("other " + name, new Peer("other " + name, sample.namespace(), labels));
          });
      assertThat(strangers.values())
          .allSatisfy(stranger -> {
            for (var pods : sample.pods()) {
              for (int port : ports(pods)) {
                assertThat(letsIn(sample, peer(sample, pods), stranger, port))
                    .as("%s -> %s:%d", stranger.name(), pods, port)
                    .isFalse();
              }
            }
          });
    });
  }

  @Test
  void onlyPortsThatPodsHaveAreOpened() {
    forAll(sample -> {
      for (var policy : sample.policies()) {
        var declared =
            sample.pods().stream()
                .filter(pods ->
                    selects(
                        policy.getSpec().getPodSelector(),
                        pods.template().getMetadata().getLabels()))
                .flatMap(pods -> ports(pods).stream())
                .collect(Collectors.toSet());
        assertThat(policy.getSpec().getIngress())
            .flatExtracting(rule -> rule.getPorts())
            .allSatisfy(port -> assertThat(declared).contains(port.getPort().getIntVal()));
      }
    });
  }

  @Test
  void everyRuleNamesPeersAndProtocols() {
    forAll(sample -> {
      for (var policy : sample.policies()) {
        assertThat(policy.getSpec().getIngress())
            .allSatisfy(rule -> {
              assertThat(rule.getFrom()).isNotEmpty();
              assertProtocols(rule.getPorts());
            });
        assertThat(policy.getSpec().getEgress())
            .allSatisfy(rule -> {
              assertThat(rule.getTo()).isNotEmpty();
              assertProtocols(rule.getPorts());
            });
      }
      for (var policy : sample.ciliumPolicies()) {
        assertThat(policy.getSpec().ingress()).isNotEmpty();
        assertThat(policy.getSpec().egress()).isNotEmpty();
        Stream.concat(
                policy.getSpec().ingress().stream()
                    .filter(rule -> rule.toPorts() != null)
                    .flatMap(rule -> rule.toPorts().stream()),
                policy.getSpec().egress().stream()
                    .filter(rule -> rule.toPorts() != null)
                    .flatMap(rule -> rule.toPorts().stream()))
            .map(CiliumPortRule::ports)
            .forEach(ports ->
                assertThat(ports)
                    .isNotEmpty()
                    .extracting(CiliumPort::protocol)
                    .isSubsetOf("TCP", "UDP"));
      }
    });
  }

  @Test
  void ciliumHasTheSamePoliciesForTheSamePods() {
    forAll(sample ->
        assertThat(
                sample.ciliumPolicies().stream()
                    .map(p -> selection(p.getMetadata().getName(), p.getSpec().endpointSelector())))
            .containsExactlyInAnyOrderElementsOf(
                sample.policies().stream()
                    .map(p -> selection(p.getMetadata().getName(), p.getSpec().getPodSelector()))
                    .toList()));
  }

  /** Each way of naming peers needs a rule of its own: Cilium refuses them together. */
  @Test
  void aCiliumRuleNamesItsPeersInOneWay() {
    forAll(sample -> {
      for (var policy : sample.ciliumPolicies()) {
        assertThat(policy.getSpec().ingress())
            .allSatisfy(rule ->
                assertThat(
                        Stream.of(rule.fromEndpoints(), rule.fromEntities(), rule.fromCIDRSet())
                            .filter(peers -> peers != null))
                    .hasSize(rule.toPorts() == null ? 0 : 1));
        assertThat(policy.getSpec().egress())
            .allSatisfy(rule ->
                assertThat(
                        Stream.of(
                                rule.toEndpoints(),
                                rule.toEntities(),
                                rule.toCIDRSet(),
                                rule.toFQDNs())
                            .filter(peers -> peers != null))
                    .hasSize(rule.toPorts() == null ? 0 : 1));
      }
    });
  }

  private static Set<String> connections(Sample sample, Map<String, Peer> peers) {
    var connections = new TreeSet<String>();
    for (var from : peers.values()) {
      for (var pods : sample.pods()) {
        var to = peer(sample, pods);
        for (int port : ports(pods)) {
          if (dials(sample, from, to, port) && letsIn(sample, to, from, port)) {
            connections.add("%s -> %s:%d".formatted(from.name(), to.name(), port));
          }
        }
      }
    }
    return connections;
  }

  private static Peer peer(Sample sample, Pods pods) {
    var labels = pods.template().getMetadata().getLabels();
    return new Peer(labels.get(Labels.COMPONENT), sample.namespace(), labels);
  }

  private static List<Integer> ports(Pods pods) {
    return pods.containers().stream()
        .flatMap(container -> container.getPorts().stream())
        .map(ContainerPort::getContainerPort)
        .distinct()
        .toList();
  }

  /** Whether no policy keeps a pod from dialling another. */
  private static boolean dials(Sample sample, Peer from, Peer to, int port) {
    var policies = policiesOf(sample, from);
    return policies.isEmpty()
        || policies.stream()
            .flatMap(policy -> policy.getSpec().getEgress().stream())
            .anyMatch(rule ->
                allows(rule.getPorts(), port)
                    && rule.getTo().stream().anyMatch(peer -> matches(peer, to)));
  }

  private static boolean letsIn(Sample sample, Peer to, Peer from, int port) {
    var policies = policiesOf(sample, to);
    return policies.isEmpty()
        || policies.stream()
            .flatMap(policy -> policy.getSpec().getIngress().stream())
            .anyMatch(rule ->
                allows(rule.getPorts(), port)
                    && rule.getFrom().stream().anyMatch(peer -> matches(peer, from)));
  }

  private static List<NetworkPolicy> policiesOf(Sample sample, Peer pod) {
    return sample.policies().stream()
        .filter(policy -> policy.getMetadata().getNamespace().equals(pod.namespace()))
        .filter(policy -> selects(policy.getSpec().getPodSelector(), pod.labels()))
        .toList();
  }

  private static boolean allows(List<NetworkPolicyPort> ports, int port) {
    return ports.stream()
        .filter(p -> p.getProtocol().equals("TCP"))
        .anyMatch(p -> p.getPort() == null || p.getPort().getIntVal() == port);
  }

  /** As the API says; address blocks do not stand for pods. */
  private static boolean matches(NetworkPolicyPeer peer, Peer pod) {
    return peer.getIpBlock() == null
        && selects(
            peer.getNamespaceSelector(), Map.of("kubernetes.io/metadata.name", pod.namespace()))
        && selects(peer.getPodSelector(), pod.labels());
  }

  private static boolean selects(LabelSelector selector, Map<String, String> labels) {
    return labels.entrySet().containsAll(selector.getMatchLabels().entrySet())
        && selector.getMatchExpressions().stream()
            .allMatch(e ->
                switch (e.getOperator()) {
                  case "NotIn" -> !e.getValues().contains(labels.get(e.getKey()));
                  case "Exists" -> labels.containsKey(e.getKey());
                  default -> throw new IllegalArgumentException(e.getOperator());
                });
  }

  private static void assertProtocols(List<NetworkPolicyPort> ports) {
    assertThat(ports)
        .isNotEmpty()
        .extracting(NetworkPolicyPort::getProtocol)
        .isSubsetOf("TCP", "UDP");
  }

  private static String selection(String name, LabelSelector selector) {
    return (name + Manifests.write(selector)).replace("k8s:", "");
  }
}
