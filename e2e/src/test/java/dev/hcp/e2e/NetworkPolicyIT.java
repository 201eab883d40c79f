package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.api.cilium.CiliumNetworkPolicy;
import dev.hcp.e2e.Connections.Attempt;
import dev.hcp.e2e.Connections.Place;
import dev.hcp.e2e.cluster.Provider;
import dev.hcp.e2e.hosted.HostedCluster;
import dev.hcp.e2e.machine.Machine;
import dev.hcp.e2e.process.Command;
import dev.hcp.e2e.process.InParallel;
import dev.hcp.naming.Component;
import dev.hcp.naming.Labels;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The policies around control planes let through what they say, and nothing else, as either kind:
 * every flow of a table is tried, with the policies and without.
 *
 * <p>By {@code make test-policies} only: the controller is restarted for each kind of policy, and a
 * busy machine gets through a round of the table too slowly to tell closed from late.
 */
@Order(47)
@EnabledIfEnvironmentVariable(
    named = "TEST_POLICIES",
    matches = "1",
    disabledReason = "make test-policies runs it")
@ExtendWith({BedExtension.class, HostedClustersExtension.class, ClusterWithNodesExtension.class})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class NetworkPolicyIT {
  /**
   * Who tries to connect to whom; the ports on which that is allowed; those on which it is
   * forbidden. TCP if not said otherwise. With a star: allowed only by Cilium's policies, since a
   * NetworkPolicy cannot name nodes.
   *
   * <p>Pods are those of the cluster with nodes if not said otherwise, {@link #places} tells which.
   */
  private static final String FLOWS =
      """
      proxy of the Gateway      | api-server         | 6443 8132     |
      proxy of the Gateway      | etcd               |               | 2379 2380 2381
      proxy of the Gateway      | controller-manager |               | 10257
      proxies' controller       | api-server         |               | 6443 8132
      pod beside the Gateway    | api-server         |               | 6443 8132
      pod beside the Gateway    | etcd               |               | 2379
      controller                | api-server         | 6443          | 8132
      controller                | etcd               | 2379          | 2380 2381
      controller                | controller-manager |               | 10257
      pod with metrics          | api-server         | 6443          | 8132
      pod with metrics          | controller-manager | 10257         |
      pod with metrics          | scheduler          | 10259         |
      pod with metrics          | etcd               | 2381          | 2379 2380
      neighbour                 | api-server         |               | 6443 8132
      neighbour                 | controller-manager |               | 10257
      neighbour                 | scheduler          |               | 10259
      neighbour                 | etcd               |               | 2379 2380 2381
      neighbour                 | unknown component  |               | 8080
      labels of a proxy         | api-server         |               | 6443 8132
      labels of an api-server   | etcd               |               | 2379 2380 2381
      labels of etcd            | etcd               |               | 2379 2380
      labels of a scheduler     | api-server         |               | 6443 8132
      demo's api-server         | api-server         |               | 6443
      demo's api-server         | etcd               |               | 2379
      demo's etcd               | etcd               |               | 2379 2380
      other management node     | api-server         | 6443* 8132*   |
      other management node     | controller-manager |               | 10257
      other management node     | scheduler          |               | 10259
      other management node     | etcd               |               | 2379 2380 2381
      hosted node               | api-server         | 6443 8132     |
      hosted node               | controller-manager |               | 10257
      hosted node               | scheduler          |               | 10259
      hosted node               | etcd               |               | 2379 2380 2381

      api-server                | etcd               | 2379          | 2380 2381
      api-server                | controller-manager |               | 10257
      api-server                | demo's etcd        |               | 2379
      api-server                | demo's api-server  |               | 6443
      api-server                | DNS server         | udp:53 53     | 8181
      api-server                | issuer's namespace | 8080 8081     |
      api-server                | first hosted node  | 10250         |
      api-server                | last hosted node   |               | 10250
      api-server                | management API     |               | 6443
      controller-manager        | api-server         | 6443          | 8132
      controller-manager        | etcd               |               | 2379
      controller-manager        | DNS server         | udp:53 53     | 8181
      controller-manager        | issuer's namespace |               | 8080
      controller-manager        | last hosted node   |               | 10250
      controller-manager        | management API     |               | 6443
      scheduler                 | api-server         | 6443          | 8132
      scheduler                 | etcd               |               | 2379
      scheduler                 | DNS server         | udp:53 53     | 8181
      scheduler                 | last hosted node   |               | 10250
      scheduler                 | management API     |               | 6443
      etcd                      | api-server         |               | 6443
      etcd                      | DNS server         | udp:53 53     | 8181
      etcd                      | pod with metrics   |               | 53 8080
      etcd                      | last hosted node   |               | 10250
      etcd                      | management API     |               | 6443
      demo's etcd               | demo's etcd        | 2380          | 2379 2381
      unknown component         | DNS server         |               | udp:53 53
      """;

  private static final String IMPOSTORS = "policy-impostors";
  private static final String METRICS = "policy-metrics";
  private static final String ISSUER = "policy-issuer";
  private static final String CONTROLLER = "capi-hosted-control-plane-controller-manager";
  private static final String FLAVOUR = "NETWORK_POLICY_FLAVOUR";
  private static final String CILIUM = "CiliumNetworkPolicy";
  private static final String KUBERNETES = "NetworkPolicy";
  private static final int POLICIES = 5;
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final Duration ROLLOUT_DEADLINE = Duration.ofMinutes(3);

  private final Bed bed;
  private final KubernetesClient management;
  private final HostedCluster demo;
  private final ClusterWithNodes cluster;
  private final List<Flow> flows = FLOWS.lines().flatMap(Flow::parse).toList();
  private final Map<String, Machine> machines = new LinkedHashMap<>();

  NetworkPolicyIT(
      Bed bed, KubernetesClient management, HostedCluster demo, ClusterWithNodes cluster) {
    this.bed = bed;
    this.management = management;
    this.demo = demo;
    this.cluster = cluster;
    bed.managementMachines().forEach(machine -> machines.put(machine.spec().hostName(), machine));
    ClusterWithNodes.NODES.forEach(node -> machines.put(node, cluster.machine(node).machine()));
  }

  /** Which of the policies open a flow. */
  private enum Verdict {
    ALLOWED,
    ALLOWED_BY_CILIUM,
    FORBIDDEN
  }

  /** One port of a line of the table. */
  private record Flow(
      String source, String destination, String protocol, int port, Verdict verdict) {
    static Stream<Flow> parse(String line) {
      if (line.isBlank()) {
        return Stream.empty();
      }
      var cells = Stream.of(line.split("\\|", -1)).map(String::strip).toList();
      return Stream.concat(
          ports(cells.get(2)).map(port -> parse(cells, port, Verdict.ALLOWED)),
          ports(cells.get(3)).map(port -> parse(cells, port, Verdict.FORBIDDEN)));
    }

    private static Flow parse(List<String> cells, String port, Verdict verdict) {
      var number = Integer.parseInt(port.replaceAll("\\D", ""));
      return new Flow(
          cells.get(0),
          cells.get(1),
          port.startsWith("udp:") ? "udp" : "tcp",
          number,
          port.endsWith("*") ? Verdict.ALLOWED_BY_CILIUM : verdict);
    }

    private static Stream<String> ports(String cell) {
      return Stream.of(cell.split(" ", -1)).filter(port -> !port.isEmpty());
    }
  }

  @BeforeAll
  void startPods() {
    for (var name : List.of(IMPOSTORS, METRICS, ISSUER)) {
      management
          .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
          .serverSideApply();
    }
    ours().forEach(pod -> management.resource(pod).serverSideApply());
    for (var pod : ours()) {
      bed.kubectl("wait", "pod", pod.getMetadata().getName(), "--for=condition=Ready")
          .with("--namespace", pod.getMetadata().getNamespace(), "--timeout=60s")
          .within(ROLLOUT_DEADLINE)
          .check();
    }
    // Else nodes of hosted clusters would not find the pods of the management cluster.
    management
        .nodes()
        .list()
        .getItems()
        .forEach(node ->
            hostedMachines().forEach(machine -> machine.route(podRange(node), address(node))));
    patch(
        cluster.controlPlane(),
        """
        networkPolicy: {metricsNamespaces: [%s]}
        oidcProviders:
          https://%s:10250: {audiences: [nobody], claimMappings: {username: claims.sub}}
          https://issuer.%s.svc:8080: {audiences: [nobody], claimMappings: {username: claims.sub}}
        """
            .formatted(METRICS, addressOf(ClusterWithNodes.NODES.getFirst()), ISSUER));
  }

  @AfterAll
  void leaveAllAsItWas() {
    setFlavour(FLAVOUR + "-");
    patch(cluster.controlPlane(), "{networkPolicy: null, oidcProviders: null, exposure: null}");
    patch(demo, "networkPolicy: null");
    ours().forEach(pod -> management.resource(pod).delete());
    for (var name : List.of(IMPOSTORS, METRICS, ISSUER)) {
      management.namespaces().withName(name).delete();
    }
    for (var node : management.nodes().list().getItems()) {
      var forget = Command.of("ip", "route", "delete", podRange(node));
      hostedMachines().forEach(machine -> machine.inNetwork(forget).check());
    }
    awaitRollout();
    for (var controlPlane : List.of(cluster.controlPlane(), demo)) {
      awaitPolicies(controlPlane, CILIUM);
      HostedClustersExtension.awaitReady(controlPlane, ROLLOUT_DEADLINE);
    }
  }

  @Test
  @Order(1)
  void policiesOfCiliumLetThroughWhatTheySay() {
    setFlavour(FLAVOUR + "-");
    awaitRollout();
    awaitPolicies(cluster.controlPlane(), CILIUM);
    awaitPolicies(demo, CILIUM);
    awaitOpen(flow -> flow.verdict() != Verdict.FORBIDDEN);
    nodesReachTheApiServer();
  }

  /** What is forbidden with either kind of policy is so by the policy alone. */
  @Test
  @Order(2)
  void withoutPoliciesEverythingIsOpen() {
    patch(cluster.controlPlane(), "networkPolicy: {disabled: true}");
    patch(demo, "networkPolicy: {disabled: true}");
    awaitPolicies(cluster.controlPlane());
    awaitPolicies(demo);
    awaitOpen(_ -> true);
  }

  /** They cannot name nodes, so the load balancer must not put one in place of the caller. */
  @Test
  @Order(3)
  void plainPoliciesLetThroughWhatTheySay() {
    setFlavour(FLAVOUR + "=kubernetes");
    awaitRollout();
    patch(
        cluster.controlPlane(),
        """
        networkPolicy: {disabled: false}
        exposure: {service: {externalTrafficPolicy: Local}}
        """);
    patch(demo, "networkPolicy: {disabled: false}");
    awaitPolicies(cluster.controlPlane(), KUBERNETES);
    awaitPolicies(demo, KUBERNETES);
    awaitOpen(flow -> flow.verdict() == Verdict.ALLOWED);
    nodesReachTheApiServer();
  }

  @Test
  @Order(4)
  void nothingIsOpenWhileTheOtherKindTakesOver() {
    setFlavour(FLAVOUR + "-");
    await("Cilium's policies are back")
        .atMost(ROLLOUT_DEADLINE)
        .until(() -> {
          var forbidden = attempts(flow -> flow.verdict() == Verdict.FORBIDDEN);
          assertThat(connections().successful(forbidden)).as("open meanwhile").isEmpty();
          return policies(cluster.controlPlane()).equals(expected(CILIUM));
        });
    awaitOpen(flow -> flow.verdict() != Verdict.FORBIDDEN);
  }

  /**
   * Returns when nothing else was open at the time, and each of them has been open since then: on a
   * machine with few processors one connection in hundreds may take too long.
   */
  private void awaitOpen(Predicate<Flow> isOpen) {
    var seen = new HashSet<Attempt>();
    await("what is allowed is open, and nothing else")
        .atMost(DEADLINE)
        .untilAsserted(() -> {
          var open = attempts(isOpen);
          var closed = attempts(isOpen.negate());
          var successful =
              connections().successful(Stream.of(open, closed).flatMap(List::stream).toList());
          assertThat(closed).as("forbidden, but open").filteredOn(successful::contains).isEmpty();
          seen.addAll(successful);
          assertThat(open)
              .as("allowed, but closed")
              .filteredOn(attempt -> !seen.contains(attempt))
              .isEmpty();
        });
  }

  private Connections connections() {
    return new Connections(machines);
  }

  /** Every pair of places that some flows are about, as they are now. */
  private List<Attempt> attempts(Predicate<Flow> isWanted) {
    var pods = management.pods().inAnyNamespace().list().getItems();
    return flows.stream().filter(isWanted).flatMap(flow -> attempts(flow, pods).stream()).toList();
  }

  private List<Attempt> attempts(Flow flow, List<Pod> pods) {
    var sources = places(flow.source(), pods);
    var destinations = places(flow.destination(), pods);
    var attempts =
        sources.stream()
            .flatMap(from ->
                destinations.stream()
                    .filter(to -> !from.isAtHomeWith(to))
                    .map(to -> new Attempt(from, to, flow.protocol(), flow.port())))
            .toList();
    assertThat(attempts).as("who can try %s", flow).isNotEmpty();
    return attempts;
  }

  private List<Place> places(String name, List<Pod> pods) {
    return switch (name) {
      case "api-server", "controller-manager", "scheduler", "etcd" ->
          of(pods, cluster.controlPlane().namespace(), Labels.COMPONENT, name);
      case "demo's api-server" -> of(pods, demo.namespace(), Labels.COMPONENT, "api-server");
      case "demo's etcd" -> of(pods, demo.namespace(), Labels.COMPONENT, "etcd");
      case "unknown component" ->
          of(pods, cluster.controlPlane().namespace(), Labels.COMPONENT, "unknown");
      case "neighbour" -> of(pods, cluster.controlPlane().namespace(), "app", "neighbour");
      case "proxy of the Gateway" ->
          of(pods, "envoy-gateway-system", "gateway.envoyproxy.io/owning-gateway-name", "capi");
      case "proxies' controller" ->
          of(pods, "envoy-gateway-system", "control-plane", "envoy-gateway");
      case "pod beside the Gateway" -> of(pods, "gateways", "app", "visitor");
      case "controller" -> of(pods, Provider.NAMESPACE, "control-plane", "controller-manager");
      case "pod with metrics" -> of(pods, METRICS, "app", "scraper");
      case "issuer's namespace" -> of(pods, ISSUER, "app", "issuer");
      case "labels of a proxy" ->
          of(pods, IMPOSTORS, "gateway.networking.k8s.io/gateway-name", "capi");
      case "labels of an api-server" -> of(pods, IMPOSTORS, Labels.COMPONENT, "api-server");
      case "labels of a scheduler" -> of(pods, IMPOSTORS, Labels.COMPONENT, "scheduler");
      case "labels of etcd" -> of(pods, IMPOSTORS, Labels.COMPONENT, "etcd");
      case "DNS server" -> of(pods, "kube-system", "k8s-app", "kube-dns");
      case "management API" -> List.of(place(name, bed.managementMachines().getFirst()));
      case "other management node" ->
          bed.managementMachines().stream().map(machine -> place(name, machine)).toList();
      case "hosted node" -> hostedMachines().map(machine -> place(name, machine)).toList();
      case "first hosted node" ->
          List.of(place(name, machines.get(ClusterWithNodes.NODES.getFirst())));
      case "last hosted node" ->
          List.of(place(name, machines.get(ClusterWithNodes.NODES.getLast())));
      default -> throw new IllegalArgumentException("nobody is called " + name);
    };
  }

  private static Place place(String name, Machine machine) {
    var spec = machine.spec();
    return new Place(
        "%s %s".formatted(name, spec.hostName()),
        spec.hostName(),
        Optional.empty(),
        spec.address());
  }

  private static List<Place> of(List<Pod> pods, String namespace, String label, String value) {
    return pods.stream()
        .filter(pod -> pod.getMetadata().getNamespace().equals(namespace))
        .filter(pod -> value.equals(pod.getMetadata().getLabels().get(label)))
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(ClusterWithNodes::isReady)
        .map(NetworkPolicyIT::place)
        .toList();
  }

  private static Place place(Pod pod) {
    var container = pod.getStatus().getContainerStatuses().getFirst().getContainerID();
    return new Place(
        "%s/%s".formatted(pod.getMetadata().getNamespace(), pod.getMetadata().getName()),
        pod.getSpec().getNodeName(),
        Optional.of(container.substring(container.lastIndexOf('/') + 1)),
        pod.getStatus().getPodIP());
  }

  /** By each way there is, from each of them. */
  private void nodesReachTheApiServer() {
    var balancer = cluster.controlPlane().loadBalancerAddress();
    var gateway = cluster.client().getConfiguration().getMasterUrl();
    var servers = List.of(gateway, "https://%s:6443".formatted(balancer), "https://10.134.0.1:443");
    InParallel.forEach(
        ClusterWithNodes.NODES,
        node ->
            servers.forEach(server ->
                await("%s reaches %s".formatted(node, server))
                    .atMost(DEADLINE)
                    .until(() -> reaches(node, server))));
  }

  private boolean reaches(String node, String server) {
    return cluster
        .machine(node)
        .command("kubectl", "get", "--raw=/readyz", "--request-timeout=5s", "--server", server)
        .run()
        .output()
        .equals("ok");
  }

  private void setFlavour(String assignment) {
    bed.kubectl("set", "env", "deployment/" + CONTROLLER, "--containers=manager", assignment)
        .with("--namespace", Provider.NAMESPACE)
        .check();
  }

  private void awaitRollout() {
    bed.kubectl("rollout", "status", "deployment/" + CONTROLLER)
        .with("--namespace", Provider.NAMESPACE)
        .within(ROLLOUT_DEADLINE)
        .check();
  }

  private void awaitPolicies(HostedCluster controlPlane, String... kinds) {
    await("policies of " + controlPlane)
        .atMost(DEADLINE)
        .untilAsserted(() -> assertThat(policies(controlPlane)).isEqualTo(expected(kinds)));
  }

  private static List<String> expected(String... kinds) {
    return Stream.of(kinds).flatMap(kind -> Collections.nCopies(POLICIES, kind).stream()).toList();
  }

  /** The kinds of all policies around a control plane. */
  private List<String> policies(HostedCluster controlPlane) {
    return Stream.<Class<? extends HasMetadata>>of(NetworkPolicy.class, CiliumNetworkPolicy.class)
        .flatMap(kind ->
            management
                .resources(kind)
                .inNamespace(controlPlane.namespace())
                .withLabel(Labels.CLUSTER_NAME, controlPlane.name())
                .list()
                .getItems()
                .stream())
        .map(HasMetadata::getKind)
        .toList();
  }

  private void patch(HostedCluster controlPlane, String spec) {
    bed.kubectl("patch", "hcp", controlPlane.name(), "--namespace", controlPlane.namespace())
        .with("--type=merge", "--patch", "spec:\n" + spec.indent(2))
        .check();
  }

  /** The pods that this class brings. */
  private List<Pod> ours() {
    var name = cluster.controlPlane().name();
    var namespace = cluster.controlPlane().namespace();
    var unknown = Labels.of(name);
    unknown.put(Labels.COMPONENT, "unknown");
    return List.of(
        pod(namespace, "neighbour", Map.of("app", "neighbour"), 8080),
        pod(namespace, "unknown", unknown, 8080),
        pod("gateways", "visitor", Map.of("app", "visitor"), 8080),
        pod(METRICS, "scraper", Map.of("app", "scraper"), 53, 8080),
        pod(ISSUER, "issuer", Map.of("app", "issuer"), 8080, 8081),
        pod(IMPOSTORS, "proxy", Map.of("gateway.networking.k8s.io/gateway-name", "capi"), 8080),
        pod(IMPOSTORS, "api-server", Labels.selector(name, Component.API_SERVER), 8080),
        pod(IMPOSTORS, "scheduler", Labels.selector(name, Component.SCHEDULER), 8080),
        pod(IMPOSTORS, "etcd", Labels.selector(name, Component.ETCD), 8080));
  }

  /** One that listens, as the control plane's namespace lets pods run. */
  private static Pod pod(String namespace, String name, Map<String, String> labels, int... ports) {
    var builder =
        new PodBuilder()
            .withNewMetadata()
            .withNamespace(namespace)
            .withName(name)
            .withLabels(labels)
            .endMetadata()
            .withNewSpec()
            .withTerminationGracePeriodSeconds(0L)
            .withAutomountServiceAccountToken(false)
            .withNewSecurityContext()
            .withRunAsNonRoot(true)
            .withRunAsUser(65532L)
            .addNewSysctl("net.ipv4.ip_unprivileged_port_start", "0")
            .withNewSeccompProfile()
            .withType("RuntimeDefault")
            .endSeccompProfile()
            .endSecurityContext();
    for (var port : ports) {
      builder
          .addNewContainer()
          .withName("port-" + port)
          .withImage("docker.io/library/toolbox:1")
          .withCommand("busybox", "httpd", "-f", "-p", Integer.toString(port))
          .withNewSecurityContext()
          .withAllowPrivilegeEscalation(false)
          .withNewCapabilities()
          .addToDrop("ALL")
          .endCapabilities()
          .endSecurityContext()
          .endContainer();
    }
    return builder.endSpec().build();
  }

  private Stream<Machine> hostedMachines() {
    return ClusterWithNodes.NODES.stream().map(machines::get);
  }

  private String addressOf(String node) {
    return cluster.machine(node).membership().address();
  }

  private static String podRange(Node node) {
    return node.getSpec().getPodCIDR();
  }

  private static String address(Node node) {
    return node.getStatus().getAddresses().stream()
        .filter(address -> address.getType().equals("InternalIP"))
        .findFirst()
        .orElseThrow()
        .getAddress();
  }
}
