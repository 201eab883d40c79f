package dev.hcp.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hcp.e2e.machine.Machine;
import dev.hcp.e2e.process.Command;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What tests of network policies take for granted: the bed enforces both kinds, between pods of one
 * node and of two, and for whoever comes from another node. A node reaches its own pods whatever
 * the policies say, as the kubelet must.
 */
@Order(12)
@ExtendWith(BedExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PodNetworkIT {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int WELCOME = 8080;
  private static final int OTHER = 8443;

  private final Bed bed;
  private final KubernetesClient client;
  private final String namespace = "pod-network";

  PodNetworkIT(Bed bed, KubernetesClient client) {
    this.bed = bed;
    this.client = client;
  }

  @BeforeAll
  void startPods() {
    var nodes = nodes();
    assertThat(nodes).hasSize(2);
    Manifests.apply(
        bed,
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: ${NAMESPACE}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: server, namespace: ${NAMESPACE}, labels: {app: server}}
        spec:
          nodeName: ${SECOND}
          terminationGracePeriodSeconds: 0
          containers:
            - {name: welcome, image: "docker.io/library/toolbox:1", command: [busybox, httpd, -f, -p, "8080"]}
            - {name: other, image: "docker.io/library/toolbox:1", command: [busybox, httpd, -f, -p, "8443"]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: friend, namespace: ${NAMESPACE}, labels: {app: friend}}
        spec:
          nodeName: ${FIRST}
          terminationGracePeriodSeconds: 0
          containers:
            - {name: shell, image: "docker.io/library/toolbox:1", command: [sleep, "3600"]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: stranger, namespace: ${NAMESPACE}, labels: {app: stranger}}
        spec:
          nodeName: ${SECOND}
          terminationGracePeriodSeconds: 0
          containers:
            - {name: shell, image: "docker.io/library/toolbox:1", command: [sleep, "3600"]}
        """
            .replace("${NAMESPACE}", namespace)
            .replace("${FIRST}", nodes.get(0))
            .replace("${SECOND}", nodes.get(1)));
    bed.kubectl("wait", "pod", "--all", "--namespace", namespace, "--for=condition=Ready")
        .with("--timeout=60s")
        .check();
    awaitReachable(everybodyReachesEverything());
  }

  @AfterEach
  void deletePolicies() {
    bed.kubectl("delete", "networkpolicies,ciliumnetworkpolicies", "--all")
        .with("--namespace", namespace)
        .check();
    awaitReachable(everybodyReachesEverything());
  }

  @AfterAll
  void deletePods() {
    client.namespaces().withName(namespace).delete();
  }

  @Test
  void aNetworkPolicyIsEnforced() {
    Manifests.apply(
        bed,
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: server, namespace: %s}
        spec:
          podSelector: {matchLabels: {app: server}}
          policyTypes: [Ingress]
          ingress:
            - from: [{podSelector: {matchLabels: {app: friend}}}]
              ports: [{port: 8080, protocol: TCP}]
        """
            .formatted(namespace));
    var reachable = everybodyReachesEverything();
    reachable.put("friend", List.of(WELCOME));
    reachable.put("stranger", List.of());
    reachable.put("first node", List.of());
    awaitReachable(reachable);
  }

  @Test
  void aPolicyOfCiliumIsEnforced() {
    Manifests.apply(
        bed,
        """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: server, namespace: %s}
        spec:
          endpointSelector: {matchLabels: {app: server}}
          ingress:
            - fromEndpoints: [{matchLabels: {app: stranger}}]
              toPorts: [{ports: [{port: "8443", protocol: TCP}]}]
            - fromEntities: [remote-node]
              toPorts: [{ports: [{port: "8080", protocol: TCP}]}]
        """
            .formatted(namespace));
    var reachable = everybodyReachesEverything();
    reachable.put("friend", List.of());
    reachable.put("stranger", List.of(OTHER));
    reachable.put("first node", List.of(WELCOME));
    awaitReachable(reachable);
  }

  private static Map<String, List<Integer>> everybodyReachesEverything() {
    var reachable = new TreeMap<String, List<Integer>>();
    for (var client : List.of("friend", "stranger", "first node", "second node")) {
      reachable.put(client, List.of(WELCOME, OTHER));
    }
    return reachable;
  }

  private void awaitReachable(Map<String, List<Integer>> expected) {
    await("who reaches which port of the server")
        .atMost(DEADLINE)
        .untilAsserted(() -> assertThat(reachable()).isEqualTo(expected));
  }

  private Map<String, List<Integer>> reachable() {
    var server = client.pods().inNamespace(namespace).withName("server").get();
    var address = server.getStatus().getPodIP();
    var machines = bed.managementMachines();
    var reachable = new LinkedHashMap<String, List<Integer>>();
    for (var pod : List.of("friend", "stranger")) {
      reachable.put(pod, ports(port -> fromPod(pod, address, port)));
    }
    reachable.put("first node", ports(port -> fromNode(machines.get(0), address, port)));
    reachable.put("second node", ports(port -> fromNode(machines.get(1), address, port)));
    return reachable;
  }

  private static List<Integer> ports(IntPredicate isOpen) {
    return IntStream.of(WELCOME, OTHER).filter(isOpen).boxed().toList();
  }

  private boolean fromPod(String pod, String address, int port) {
    var connect = "nc -w 2 %s %d < /dev/null".formatted(address, port);
    return bed.kubectl("exec", pod, "--namespace", namespace, "--", "sh", "-c", connect)
        .run()
        .succeeded();
  }

  private static boolean fromNode(Machine machine, String address, int port) {
    var connect = "exec 3<> /dev/tcp/%s/%d".formatted(address, port);
    return machine.inNetwork(Command.of("timeout", "2", "bash", "-c", connect)).run().succeeded();
  }

  private List<String> nodes() {
    return client.nodes().list().getItems().stream()
        .map(Node::getMetadata)
        .map(metadata -> metadata.getName())
        .sorted()
        .toList();
  }
}
